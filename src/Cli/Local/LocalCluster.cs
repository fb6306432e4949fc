using System.Diagnostics;
using Trefoil.Cli.Processes;
using Trefoil.Client;
using Trefoil.Primitives;

namespace Trefoil.Cli.Local;

/// <summary>Starts, forms, looks at and stops the processes of one local directory.</summary>
/// <remarks>Attached nodes stop when this process ends; the others outlive it.</remarks>
internal sealed class LocalCluster(LocalDirectory directory, bool attached, TimeProvider time)
{
    public const string Host = "127.0.0.1";
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ReadyDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PingPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(25);

    // An attached node's stdin closes with its Process object, which must therefore live as long as the node.
    private readonly List<Process> _attached = [];

    public IReadOnlyList<NodeDirectory> Nodes => directory.NodeDirectories;

    public ShardPlan Plan => new(directory.Nodes, directory.Replicas);

    public static HostPort RespOf(NodeDirectory node) => new(Host, node.Ports.Resp);

    /// <summary>Starts those of <paramref name="nodes"/> that do not run and returns when each answers PING.</summary>
    /// <remarks>If one fails, or the wait is cancelled, those that this call started are stopped again: nothing is left half up.</remarks>
    public async Task<CliFailure?> StartAsync(IReadOnlyList<NodeDirectory> nodes, CancellationToken cancellation)
    {
        var started = new List<NodeDirectory>();
        var waits = new List<Task<CliFailure?>>();
        foreach (var node in nodes)
        {
            Process? process = null;
            if (node.RunningPid is null)
            {
                process = node.Start(attached);
                _attached.Add(process);
                started.Add(node);
            }

            waits.Add(AnswersAsync(node, process, cancellation));
        }

        var complete = false;
        try
        {
            var failure = (await Task.WhenAll(waits)).FirstOrDefault(f => f is not null);
            complete = failure is null;
            return failure;
        }
        finally
        {
            if (!complete)
            {
                await StopAsync(started, CancellationToken.None);
            }
        }
    }

    /// <summary>Waits until <paramref name="missing"/> has nothing to name any more.</summary>
    public async Task<CliFailure?> ReadyAsync(Func<IReadOnlyList<NodeView>, string?> missing, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            var (views, failure) = await AskAllAsync(cancellation);
            var lack = views is null ? failure : missing(views);
            if (lack is null)
            {
                return null;
            }

            if (time.GetElapsedTime(start) > ReadyDeadline)
            {
                return CliFailure.Failed($"the nodes run, but after {ReadyDeadline.TotalSeconds:0} s {lack}. Their logs are in {directory.Path}/node-*/log.");
            }

            await Task.Delay(Poll, time, cancellation);
        }
    }

    /// <summary>Asks every node; the text names the first that does not answer.</summary>
    public async Task<(IReadOnlyList<NodeView>? Views, string? Failure)> AskAllAsync(CancellationToken cancellation)
    {
        var answers = await Task.WhenAll(Nodes.Select(n => NodeView.AskAsync(RespOf(n), time, cancellation)));
        var silent = Array.FindIndex(answers, a => a.View is null);
        return silent < 0
            ? (answers.Select(a => a.View!).ToList(), null)
            : (null, $"node {silent + 1} ({RespOf(Nodes[silent])}) does not answer: {answers[silent].Failure}");
    }

    /// <summary>SIGTERM, and SIGKILL for who has not stopped by the deadline; returns the nodes that needed it.</summary>
    public async Task<IReadOnlyList<NodeDirectory>> StopAsync(IReadOnlyList<NodeDirectory> nodes, CancellationToken cancellation)
    {
        var running = nodes.Where(n => n.RunningPid is { } pid && Signals.Terminate(pid)).ToList();
        await GoneAsync(running, cancellation);
        return await KillAsync(running, cancellation);
    }

    /// <summary>SIGKILL; returns the nodes that ran until then.</summary>
    public async Task<IReadOnlyList<NodeDirectory>> KillAsync(IReadOnlyList<NodeDirectory> nodes, CancellationToken cancellation)
    {
        var killed = nodes.Where(n => n.RunningPid is { } pid && Signals.KillNow(pid)).ToList();
        await GoneAsync(killed, cancellation);
        return killed;
    }

    private async Task GoneAsync(IReadOnlyList<NodeDirectory> nodes, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        while (nodes.Any(n => n.RunningPid is not null) && time.GetElapsedTime(start) < StopDeadline)
        {
            await Task.Delay(Poll, time, cancellation);
        }
    }

    private async Task<CliFailure?> AnswersAsync(NodeDirectory node, Process? process, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            var answered = await PingAsync(node, cancellation);

            // Looked at after the PING: another server on this port may have answered for a node that could not bind it.
            if (process?.HasExited == true)
            {
                return new CliFailure(process.ExitCode == ExitCodes.Usage ? ExitCodes.Usage : ExitCodes.Failed,
                    $"node {node.Index} stopped while starting (exit code {process.ExitCode}). The end of {node.Log}:\n{node.LogTail()}");
            }

            if (answered)
            {
                return null;
            }

            if (time.GetElapsedTime(start) > StartDeadline)
            {
                return CliFailure.Unreachable($"node {node.Index} does not answer PING on {RespOf(node)} after {StartDeadline.TotalSeconds:0} s. The end of {node.Log}:\n{node.LogTail()}");
            }

            await Task.Delay(Poll, time, cancellation);
        }
    }

    private async Task<bool> PingAsync(NodeDirectory node, CancellationToken cancellation)
    {
        var (connection, _) = await RespConnection.ConnectAsync(RespOf(node), PingPatience, time, cancellation);
        if (connection is null)
        {
            return false;
        }

        await using (connection)
        {
            var reply = connection.SendAsync(new RespCommand("PING"), cancellation);
            await Task.WhenAny(reply, Task.Delay(PingPatience, time, cancellation));
            return reply.IsCompletedSuccessfully && (await reply).Text == "PONG";
        }
    }

    /// <summary>Sends one command to one node; what it refuses is the failure.</summary>
    public async Task<CliFailure?> TellAsync(NodeDirectory node, CancellationToken cancellation, params string[] command)
    {
        await using var client = new ClusterClient([RespOf(node)], new ClusterClientOptions(), time);
        var reply = await client.SendToAsync(RespOf(node), new RespCommand(command), cancellation);
        return reply.IsError ? CliFailure.Failed($"node {node.Index} refused {string.Join(' ', command)}: {reply.Text}") : null;
    }
}
