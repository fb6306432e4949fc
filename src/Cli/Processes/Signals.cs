using System.Runtime.InteropServices;

namespace Trefoil.Cli.Processes;

/// <summary>POSIX signals, which <see cref="System.Diagnostics.Process"/> can only send as SIGKILL.</summary>
internal static partial class Signals
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    /// <summary>Asks the process to stop in good order. False if there is no such process.</summary>
    public static bool Terminate(int pid) => Send(pid, SigTerm);

    /// <summary>Ends the process at once. False if there is no such process.</summary>
    public static bool KillNow(int pid) => Send(pid, SigKill);

    // Zero and negative numbers mean whole process groups to kill(2): never from a pid file.
    private static bool Send(int pid, int signal) => pid > 1 && Kill(pid, signal) == 0;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
