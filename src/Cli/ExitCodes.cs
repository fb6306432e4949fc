namespace Trefoil.Cli;

/// <summary>What the process exits with. Scripts depend on these: never renumber.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>The work was tried and failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration is wrong; nothing was tried.</summary>
    public const int Usage = 2;

    /// <summary>A node did not answer.</summary>
    public const int Unreachable = 3;
}
