using System.Diagnostics;

namespace Trefoil.Cli.Processes;

/// <summary>Starts <c>trefoil serve</c> as a process of its own and recognises it again later by its pid.</summary>
internal static class ServerProcess
{
    // sh redirects and then becomes the server (exec), so the pid is the server's own. $0 is the log, $@ the server.
    // With a session of its own no terminal's hang-up and no Ctrl-C meant for the caller reaches it.
    private const string Detached =
        "exec </dev/null >>\"$0\" 2>&1; if command -v setsid >/dev/null; then exec setsid \"$@\"; else exec \"$@\"; fi";

    // The server watches its stdin and stops when it closes, however the parent ends.
    private const string Attached =
        "exec >>\"$0\" 2>&1; if command -v setsid >/dev/null; then exec setsid \"$@\" --stop-with-stdin; else exec \"$@\" --stop-with-stdin; fi";

    /// <summary>Starts a server with this configuration file; its output is appended to <paramref name="log"/>.</summary>
    /// <remarks>An <paramref name="attached"/> server stops when the caller ends; otherwise it outlives the caller.</remarks>
    public static Process Start(string configuration, string log, bool attached)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardInput = attached,
            WorkingDirectory = Path.GetDirectoryName(configuration)!,
        };
        foreach (var argument in (string[])["-c", attached ? Attached : Detached, log, .. Self(), "serve", "--config", configuration])
        {
            start.ArgumentList.Add(argument);
        }

        // The environment outranks the file, and what was set for one node (a port) must not reach all of them.
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("TREFOIL_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        return Process.Start(start)!;
    }

    /// <summary>True if <paramref name="pid"/> is alive and is the server of this configuration file, not a later owner of the number.</summary>
    public static bool IsRunning(int pid, string configuration)
    {
        try
        {
            // A zombie has an empty command line: it is dead, only nobody has fetched its exit code yet.
            var arguments = File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
            return arguments.Contains("serve") && arguments.Contains(configuration);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>How this very program is started again: the executable alone, or the dotnet host and the assembly.</summary>
    private static string[] Self()
    {
        var host = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(host) == "dotnet" ? [host, typeof(ServerProcess).Assembly.Location] : [host];
    }
}
