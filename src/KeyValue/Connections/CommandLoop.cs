using Trefoil.KeyValue.Commands;
using Trefoil.KeyValue.Commands.Server;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Server;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Connections;

/// <summary>Why <see cref="CommandLoop.Run"/> returned.</summary>
internal enum LoopState
{
    /// <summary>Everything complete has run; more bytes are needed.</summary>
    Hungry,

    /// <summary>A command waits for something slow: run on when its work is done.</summary>
    Deferred,

    /// <summary>Enough replies are pending: send first, then run on.</summary>
    Full,

    /// <summary>Send what is written, then close.</summary>
    Closing,

    /// <summary>Close at once.</summary>
    Abort,
}

/// <summary>Runs the commands in a connection's bytes, in order, whatever transport brought them.</summary>
internal sealed class CommandLoop(Connection client, KeyValueServer server)
{
    /// <summary>Replies pending at which the loop pauses to send, if no larger output limit is configured: what one slow reader can hold.</summary>
    public const int PauseBytes = 1 << 20;

    private readonly CommandParser _parser = new();
    private bool _parked;
    private bool _resumed;

    /// <summary>Bytes from the unfinished command's first one that are needed before it can go on; 0 when not known.</summary>
    public long Needed => _parser.Needed;

    /// <summary>The work that <see cref="LoopState.Deferred"/> waits for.</summary>
    public ValueTask Work { get; private set; }

    /// <summary><see cref="Work"/> is done, whatever came of it: for who looks now and then instead of waiting.</summary>
    public bool IsWorkDone => Work.IsCompleted;

    /// <summary>It is done, and ended in an error that nobody expected.</summary>
    public bool HasWorkFailed => Work.IsCompleted && !Work.IsCompletedSuccessfully;

    /// <summary>Runs what is complete in <paramref name="buffer"/>[start..end) and moves <paramref name="start"/> past it.</summary>
    public LoopState Run(byte[] buffer, ref int start, int end)
    {
        var context = client.Context;
        var nowMs = server.NowMs;
        context.NowMs = nowMs;
        context.StartedTicks = server.Time.GetTimestamp();
        client.LastInteractionMs = nowMs;
        client.ParkedUntil = _resumed ? client.ParkedUntil : 0;
        _resumed = false;
        _parser.Limits = server.Settings.Limits;
        _parser.Unauthenticated = !client.Authenticated && server.Settings.Password.Length > 0;
        if (client.Running is not null && RunOn(context) is var paused and not LoopState.Hungry)
        {
            return paused;
        }

        client.TakeMail();
        if (client.Streaming is { } stream)
        {
            return Stream(context, stream);
        }

        while (start < end)
        {
            var status = _parser.Read(new ReadOnlySpan<byte>(buffer, start, end - start), out var consumed);
            if (status == ParseStatus.Incomplete)
            {
                break;
            }

            if (status == ParseStatus.Error)
            {
                client.Output.Error(_parser.Error);
                client.CloseAfterReply = true;
                return LoopState.Closing;
            }

            var first = start;
            start += consumed;
            if (status == ParseStatus.Command && Execute(context, buffer, first) is var state and not LoopState.Hungry)
            {
                if (_parked)
                {
                    start = first;
                }

                return state;
            }
        }

        _parser.Trim();
        return end - start > _parser.Limits.MaxQueryBuffer ? OverQueryLimit() : LoopState.Hungry;
    }

    /// <summary>To be called when <see cref="Work"/> has completed, before running on; then its reply is complete, or its command runs again.</summary>
    public void Resume()
    {
        client.Waiting = false;
        _resumed = true;
        if (_parked)
        {
            _parked = false;
        }
        else if (client.Running is null)
        {
            // What stood before the reply may have left meanwhile.
            var mark = client.Output.Length;
            client.Context.AnswerDeferred();
            AfterReply(mark);
        }
    }

    /// <summary>A command of a transaction was deferred and is done: the next ones, perhaps another that is deferred.</summary>
    private LoopState RunOn(CommandContext context)
    {
        var mark = client.Output.Length;
        context.AnswerDeferred();
        server.Dispatcher.Transactions.Continue(context);
        if (context.Deferred is { } work)
        {
            Silence(mark);
            return Wait(work);
        }

        AfterReply(mark);
        client.TakeMail();
        return client.CloseAfterReply ? LoopState.Closing : LoopState.Hungry;
    }

    /// <summary>One piece at a time, each once the one before it has left.</summary>
    private LoopState Stream(CommandContext context, SnapshotStream stream)
    {
        if (client.Output.Length > 0)
        {
            return LoopState.Full;
        }

        if (client.CloseAfterReply)
        {
            return LoopState.Closing;
        }

        context.Defer(SyncCommand.NextAsync(context, stream));
        return Wait(context.Deferred!.Value);
    }

    private LoopState Wait(ValueTask work)
    {
        Work = work;
        client.Waiting = true;
        return LoopState.Deferred;
    }

    private LoopState Execute(CommandContext context, byte[] buffer, int first)
    {
        var line = _parser.Line;
        context.Arguments(line ?? buffer, line is null ? first : 0, _parser.Ranges, _parser.Count);
        context.Deferred = null;
        var output = client.Output;
        var mark = output.Length;
        try
        {
            server.Dispatcher.Run(context);
        }
        catch (ReplyTooLongException)
        {
            // What the command changed until then is changed and logged; nobody can be told.
            server.Statistics.OutputLimitDisconnections++;
            return LoopState.Abort;
        }

        if (context.Parked is { } landing)
        {
            context.Parked = null;
            _parked = true;
            return Wait(new ValueTask(landing));
        }

        if (context.Deferred is { } work && (client.Running is not null || !work.IsCompletedSuccessfully))
        {
            Silence(mark);
            return Wait(work);
        }

        context.AnswerDeferred();
        AfterReply(mark);
        client.TakeMail();
        _parser.Unauthenticated &= !client.Authenticated;
        if (client.CloseAfterReply)
        {
            return LoopState.Closing;
        }

        if (client.Streaming is not null)
        {
            return LoopState.Full;
        }

        return output.Length > PauseBytes ? Overfull(output.Length) : LoopState.Hungry;
    }

    /// <summary>What is written of a transaction's reply so far may leave while it waits: not if the client wants none.</summary>
    private void Silence(int mark)
    {
        if (client.Replies is ReplyMode.Off or ReplyMode.Skip)
        {
            client.Output.Truncate(mark);
        }
    }

    private void AfterReply(int mark)
    {
        switch (client.Replies)
        {
            case ReplyMode.On:
                return;
            case ReplyMode.SkipNext:
                client.Replies = ReplyMode.Skip;
                break;
            case ReplyMode.Skip:
                client.Replies = ReplyMode.On;
                break;
        }

        client.Output.Truncate(mark);
    }

    /// <summary>A configured hard limit must be reachable, so the loop runs on up to it; without one it pauses and memory stays bounded.</summary>
    private LoopState Overfull(int pending)
    {
        var limit = server.Settings.NormalOutput;
        if (limit.Hard == 0)
        {
            return LoopState.Full;
        }

        if (pending <= limit.Hard)
        {
            return LoopState.Hungry;
        }

        server.Statistics.OutputLimitDisconnections++;
        return LoopState.Abort;
    }

    private LoopState OverQueryLimit()
    {
        server.Statistics.QueryBufferLimitDisconnections++;
        return LoopState.Abort;
    }
}
