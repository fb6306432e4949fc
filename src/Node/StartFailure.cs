namespace Trefoil.Node;

/// <summary>Why a node did not start: what, where, and what to do; with the exit code of the process.</summary>
/// <param name="ExitCode">1 failed, 2 usage or configuration.</param>
/// <param name="Message">For people, on standard error.</param>
public sealed record StartFailure(int ExitCode, string Message)
{
    internal static StartFailure Configuration(string message) => new(2, message);

    internal static StartFailure Failed(string message) => new(1, message);
}
