using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Trefoil.KeyValue.Connections;
using Trefoil.KeyValue.Server;

namespace Trefoil.KeyValue.Transport;

/// <summary>Carries one connection's bytes between Kestrel's pipes and its <see cref="CommandLoop"/>.</summary>
internal sealed class RespConnectionHandler(KeyValueServer server) : ConnectionHandler
{
    /// <inheritdoc/>
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        // Off the caller's thread, which may hold a lock: with inline scheduling the pump would run on it.
        var client = new Connection(Text(connection.RemoteEndPoint), Text(connection.LocalEndPoint), server, () => ThreadPool.UnsafeQueueUserWorkItem(Abort, connection));
        var bell = new MailBell(connection.Transport.Input);
        client.Wake = bell.Ring;
        if (server.Clients.Count >= server.Settings.MaxClients)
        {
            server.Statistics.RejectedConnections++;
            await connection.Transport.Output.WriteAsync("-ERR max number of clients reached\r\n"u8.ToArray());
            return;
        }

        server.Statistics.Connections++;
        server.Clients.Add(client);
        var query = new QueryBuffer();
        using var gone = connection.ConnectionClosed.UnsafeRegister(static client => ((Connection)client!).Blocked?.Abandon(), client);
        try
        {
            await PumpAsync(connection, client, query, bell);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or ConnectionAbortedException)
        {
            // The client went away, or was sent away: an end like any other.
        }
#pragma warning disable CA1031 // As in the epoll loop: a fault in one command costs its connection, not the server.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            server.Report(fault);
        }
        finally
        {
            server.Clients.Remove(client);
            query.Dispose();
            client.Output.Dispose();
        }
    }

    private async Task PumpAsync(ConnectionContext connection, Connection client, QueryBuffer query, MailBell bell)
    {
        var (input, output) = (connection.Transport.Input, connection.Transport.Output);
        while (true)
        {
            var read = await input.ReadAsync();
            var state = Take(read.Buffer, client, query);
            input.AdvanceTo(read.Buffer.End);
            while (state != LoopState.Hungry)
            {
                await SendAsync(client, output);
                if (state is LoopState.Closing or LoopState.Abort)
                {
                    return;
                }

                if (state == LoopState.Deferred)
                {
                    if (client.Blocked is { } blocked && connection.ConnectionClosed.IsCancellationRequested)
                    {
                        blocked.Abandon();
                    }

                    await WorkAsync(client, bell, output);
                    client.Loop.Resume();
                    await SendAsync(client, output);
                }

                state = query.Run(client);
            }

            await SendAsync(client, output);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>Waits for the deferred command; messages do not wait for it.</summary>
    private async Task WorkAsync(Connection client, MailBell bell, System.IO.Pipelines.PipeWriter output)
    {
        var work = client.Loop.Work.AsTask();
        while (!work.IsCompleted)
        {
            bell.Reset();
            if (client.TakeMail())
            {
                await SendAsync(client, output);
            }

            await Task.WhenAny(work, bell.Rung);
        }

        await work;
        await Task.Yield(); // Whoever completed it has other things to do than to run this client's next commands.
    }

    private static void Abort(object? connection) => ((ConnectionContext)connection!).Abort();

    private LoopState Take(ReadOnlySequence<byte> bytes, Connection client, QueryBuffer query)
    {
        server.Statistics.InputBytes += bytes.Length;
        query.Append(bytes, client.Loop.Needed);
        return query.Run(client);
    }

    private async ValueTask SendAsync(Connection client, System.IO.Pipelines.PipeWriter output)
    {
        if (client.Output.Length > 0)
        {
            server.CommitLog();
            if (client.Sendable(server) != client.Output.Length)
            {
                await HoldAsync(client);
            }

            var pending = client.Output.WrittenMemory;
            server.Statistics.OutputBytes += pending.Length;
            await output.WriteAsync(pending);
            client.Sent(pending.Length);
        }
    }

    /// <summary>Waits until all of the output may leave.</summary>
    /// <exception cref="ConnectionAbortedException">It never may.</exception>
    private async ValueTask HoldAsync(Connection client)
    {
        while (true)
        {
            // First the tasks, then the question: what happens in between completes one of them.
            var (released, changed) = (server.Store.Log?.NextRelease ?? Task.CompletedTask, server.Gate.Changed);
            server.CommitLog();
            var sendable = client.Sendable(server);
            if (sendable == Connection.Deposed)
            {
                throw new ConnectionAbortedException();
            }

            if (sendable == client.Output.Length)
            {
                return;
            }

            await (server.Store.Log is null ? changed : Task.WhenAny(released, changed));
        }
    }

    private static string Text(EndPoint? point) => point?.ToString() ?? "";
}

/// <summary>Wakes a pump, whatever it waits for, on a thread of its own: with inline scheduling it would else run on the sender's.</summary>
internal sealed class MailBell(System.IO.Pipelines.PipeReader input)
{
    private volatile TaskCompletionSource _rung = NewSource();

    /// <summary>Completes with the first <see cref="Ring"/> since <see cref="Reset"/>.</summary>
    public Task Rung => _rung.Task;

    public void Ring() => ThreadPool.UnsafeQueueUserWorkItem(
        static bell =>
        {
            bell._rung.TrySetResult();
            bell.Cancel();
        },
        this,
        preferLocal: false);

    /// <summary>To be called before looking for mail.</summary>
    public void Reset()
    {
        if (_rung.Task.IsCompleted)
        {
            _rung = NewSource();
        }
    }

    private void Cancel() => input.CancelPendingRead();

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
