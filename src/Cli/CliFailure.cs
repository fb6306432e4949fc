namespace Trefoil.Cli;

/// <summary>Why a command could not do its work: what, where and what to do about it, in one sentence or a few lines.</summary>
/// <param name="ExitCode">What the process exits with; see <see cref="ExitCodes"/>.</param>
/// <param name="Message">Printed on stderr after <c>trefoil: </c>.</param>
internal sealed record CliFailure(int ExitCode, string Message)
{
    public static CliFailure Failed(string message) => new(ExitCodes.Failed, message);

    public static CliFailure Usage(string message) => new(ExitCodes.Usage, message);

    public static CliFailure Unreachable(string message) => new(ExitCodes.Unreachable, message);
}
