using Trefoil.Client;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Wire.Resp;

namespace Trefoil.Cli.Cluster.Calls;

/// <summary>One connection to each node that is spoken to. Never throws for what a network does: that is an error reply.</summary>
/// <param name="time">For deadlines.</param>
/// <param name="password">Sent as AUTH on every new connection; "" for none.</param>
internal sealed class NodeCalls(TimeProvider time, string password) : IAsyncDisposable
{
    /// <summary>Enough for a node that is busy; one that is gone should not hold up a whole picture.</summary>
    public static readonly TimeSpan ToLook = TimeSpan.FromSeconds(2);

    /// <summary>A change waits for a majority, perhaps through an election, before it is answered.</summary>
    public static readonly TimeSpan ToChange = TimeSpan.FromSeconds(15);

    /// <summary>Begins the error reply of a node that was never asked.</summary>
    public const string UnreachableCode = "UNREACHABLE";

    private const string LostCode = "CONNECTIONLOST";
    private readonly Lock _lock = new();
    private readonly Dictionary<HostPort, Task<(RespConnection? Connection, string? Failure)>> _connections = []; // under _lock

    public TimeProvider Time => time;

    /// <summary>Sends a change; an error reply if it was refused or not answered in time.</summary>
    public Task<RespReply> ChangeAsync(HostPort node, CancellationToken cancellation, params string[] command) =>
        SendAsync(node, ToChange, command, cancellation);

    /// <summary>Sends a question.</summary>
    public Task<RespReply> LookAsync(HostPort node, CancellationToken cancellation, params string[] command) =>
        SendAsync(node, ToLook, command, cancellation);

    /// <summary>What an error reply to <paramref name="command"/> is to the caller of this program; null if it is none.</summary>
    public static CliFailure? FailureOf(RespReply reply, HostPort node, params IEnumerable<string> command)
    {
        if (!reply.IsError)
        {
            return null;
        }

        var text = reply.Text ?? "";
        var why = text[(text.IndexOf(' ', StringComparison.Ordinal) + 1)..];
        return text.StartsWith("NOAUTH", StringComparison.Ordinal) ? CliFailure.Usage($"{node} wants a password: put it into REDISCLI_AUTH.")
            : text.StartsWith(UnreachableCode, StringComparison.Ordinal) ? CliFailure.Unreachable($"{node} cannot be reached: {why}.")
            : text.StartsWith(LostCode, StringComparison.Ordinal)
                ? CliFailure.Unreachable($"{node} did not answer {string.Join(' ', command)}: {why}. It may have been done all the same: look with `trefoil cluster check`.")
                : CliFailure.Failed($"{node} refused {string.Join(' ', command)}: {text}");
    }

    /// <summary>True for an error that says so; not for a reply that never came, nor for a change that nobody confirmed in time.</summary>
    public static bool SurelyDidNothing(RespReply reply) =>
        reply.IsError && !reply.Text!.StartsWith(LostCode, StringComparison.Ordinal) && reply.Text != Refusals.OutcomeUnknown;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        List<Task<(RespConnection? Connection, string? Failure)>> all;
        lock (_lock)
        {
            all = [.. _connections.Values];
            _connections.Clear();
        }

        foreach (var connecting in all)
        {
            if ((await connecting).Connection is { } connection)
            {
                await connection.DisposeAsync();
            }
        }
    }

    private async Task<RespReply> SendAsync(HostPort node, TimeSpan patience, string[] command, CancellationToken cancellation)
    {
        var (connection, failure) = await ConnectAsync(node);
        if (connection is null)
        {
            return RespReply.Error($"{UnreachableCode} {failure}");
        }

        using var deadline = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            var reply = await connection.SendAsync(new RespCommand(command), either.Token);

            // The client library's own codes name the node again.
            return reply.IsError && (reply.Text!.StartsWith(UnreachableCode, StringComparison.Ordinal) || reply.Text.StartsWith(LostCode, StringComparison.Ordinal))
                ? RespReply.Error(reply.Text.Replace($" {node}: ", " ", StringComparison.Ordinal))
                : reply;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return RespReply.Error($"{LostCode} no reply within {patience.TotalSeconds:0} s");
        }
    }

    /// <summary>The open connection to a node, or a new one; callers that come at once share the attempt.</summary>
    private Task<(RespConnection? Connection, string? Failure)> ConnectAsync(HostPort node)
    {
        lock (_lock)
        {
            return _connections.TryGetValue(node, out var known) && (!known.IsCompleted || known.Result.Connection is { IsOpen: true })
                ? known
                : _connections[node] = OpenAsync(node);
        }
    }

    private async Task<(RespConnection? Connection, string? Failure)> OpenAsync(HostPort node)
    {
        var (connection, failure) = await RespConnection.ConnectAsync(node, ToLook, time, CancellationToken.None);
        if (connection is null || password.Length == 0)
        {
            return (connection, failure);
        }

        var reply = await connection.SendAsync("AUTH", password);
        if (!reply.IsError)
        {
            return (connection, null);
        }

        await connection.DisposeAsync();
        return (null, reply.Text);
    }
}
