using Trefoil.KeyValue.Connections;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Blocking;

/// <summary>A client's command that waits for something that others do, or for its timeout. Thread-safe.</summary>
/// <remarks>
/// Whoever first claims it answers it, once: the one who made the wait's condition true, its timer, CLIENT UNBLOCK, the loss of the slot, the
/// end of the connection. The answer is written by the client's own flow, later.
/// </remarks>
internal class BlockedCommand(Connection client, Action<RespWriter> timedOut)
{
    private readonly TaskCompletionSource<Action<RespWriter>> _answer = new(client.Completions);
    private ITimer? _timer;
    private int _claimed;

    public Connection Client => client;

    /// <summary>Answered, or about to be.</summary>
    public bool IsOver => Volatile.Read(ref _claimed) != 0;

    /// <summary>It ends by itself.</summary>
    public bool HasTimeout => _timer is not null;

    /// <summary>What the command's reply waits for.</summary>
    public ValueTask<Action<RespWriter>> Answer => new(_answer.Task);

    /// <summary>On the client's flow: from here on it can end.</summary>
    /// <param name="timeout">After which it is answered as timed out; <see cref="Timeout.InfiniteTimeSpan"/>: never.</param>
    public void Begin(TimeSpan timeout)
    {
        client.Blocked = this;
        client.Context.Server.Blocked.Add(this);
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            _timer = client.Context.Server.Time.CreateTimer(static blocked => ((BlockedCommand)blocked!).End(), this, timeout, Timeout.InfiniteTimeSpan);
            if (IsOver)
            {
                _timer.Dispose();
            }
        }
    }

    /// <summary>True for one caller, who must then <see cref="Complete"/> it.</summary>
    public bool TryClaim() => Interlocked.Exchange(ref _claimed, 1) == 0;

    /// <summary>Hands the answer to the client's flow; takes no lock, runs nothing of the flow.</summary>
    public void Complete(Action<RespWriter> answer)
    {
        _timer?.Dispose();
        client.Context.Server.Blocked.Remove(this);
        client.Blocked = null;
        _answer.SetResult(answer);
    }

    /// <summary>Ends it with this answer; false if it is over already. The caller holds no slot's lock.</summary>
    public bool End(Action<RespWriter> answer)
    {
        if (!TryClaim())
        {
            return false;
        }

        Leave();
        Complete(answer);
        return true;
    }

    /// <summary>Ends it as its timeout does.</summary>
    public bool End() => End(timedOut);

    /// <summary>The client is gone: nobody is answered, nothing is taken.</summary>
    public void Abandon() => End(static _ => { });

    /// <summary>The error with which this node no longer serves what it waits for; null while it does.</summary>
    public virtual string? Redirection() => null;

    /// <summary>Takes it out of whatever it waits in.</summary>
    protected virtual void Leave()
    {
    }
}
