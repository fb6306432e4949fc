using Trefoil.KeyValue.Commands;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Server;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Connections;

/// <summary>What one client is to the server, whatever carries its bytes: identity, protocol, modes, reply buffer.</summary>
/// <remarks>Owned by the flow that runs its commands. Other connections may read the counters (CLIENT LIST) and ask for its end (<see cref="Abort"/>).</remarks>
public sealed partial class Connection
{
    private readonly Action _abort;
    private long _overSoftSinceMs;

    internal Connection(string address, string localAddress, KeyValueServer server, Action abort)
    {
        _abort = abort;
        Id = server.Clients.NextId();
        Address = address;
        LocalAddress = localAddress;
        CreatedMs = LastInteractionMs = server.NowMs;
        Authenticated = server.Settings.Password.Length == 0;
        Context = new CommandContext(this, server);
        Loop = new CommandLoop(this, server);
    }

    /// <summary>Unique while the process lives; grows.</summary>
    public long Id { get; }

    /// <summary><c>ip:port</c> of the client.</summary>
    public string Address { get; }

    /// <summary><c>ip:port</c> it connected to.</summary>
    public string LocalAddress { get; }

    /// <summary>File descriptor, or -1 if the transport does not tell.</summary>
    public int Descriptor { get; internal set; } = -1;

    public long CreatedMs { get; }

    public long LastInteractionMs { get; internal set; }

    public string Name { get; internal set; } = "";

    public string LibraryName { get; internal set; } = "";

    public string LibraryVersion { get; internal set; } = "";

    public bool Authenticated { get; internal set; }

    /// <summary>READONLY was said: replicas may answer reads.</summary>
    public bool ReadOnly { get; internal set; }

    /// <summary>ASKING was said: holds for the next command.</summary>
    public bool Asking { get; internal set; }

    public bool NoEvict { get; internal set; }

    public bool NoTouch { get; internal set; }

    /// <summary>What happens to replies (CLIENT REPLY).</summary>
    public ReplyMode Replies { get; internal set; }

    /// <summary>Close once what is written has left (QUIT, protocol error).</summary>
    public bool CloseAfterReply { get; internal set; }

    /// <summary>A deferred command is under way.</summary>
    public bool Waiting { get; internal set; }

    public CommandSpec? LastCommand { get; internal set; }

    /// <summary>The newest record of a slot when this client last wrote to it: what WAIT counts copies of.</summary>
    internal ulong WrittenLsn { get; set; }

    /// <summary>Bytes of an unfinished command that are held.</summary>
    public int QueryBytes { get; internal set; }

    /// <summary>Bytes that the query buffer occupies.</summary>
    public int QueryCapacity { get; internal set; }

    /// <summary>Replies not yet taken by the socket.</summary>
    public RespWriter Output { get; } = new();

    internal CommandContext Context { get; }

    internal CommandLoop Loop { get; }

    /// <summary>What is sent instead of replies from SYNC to the end of the connection; null before.</summary>
    internal SnapshotStream? Streaming { get; set; }

    /// <summary>Closes without waiting for what is written; from any thread, at any time.</summary>
    public void Abort() => _abort();

    /// <summary>Back to what a new connection is (RESET).</summary>
    internal void Reset(bool authenticated)
    {
        Name = "";
        Output.Protocol = 2;
        ReadOnly = Asking = NoEvict = NoTouch = false;
        Replies = ReplyMode.On;
        Transaction = null;
        Context.Server.Monitors.Remove(this);
        DropWatches();
        Context.Server.PubSub.Forget(this);
        Authenticated = authenticated;
    }

    /// <summary>True once more than the soft limit has been unread for its whole time.</summary>
    internal bool OverSoftLimit(OutputLimit limit, long nowMs)
    {
        if (limit.Soft == 0 || Pending <= limit.Soft)
        {
            _overSoftSinceMs = 0;
            return false;
        }

        _overSoftSinceMs = _overSoftSinceMs == 0 ? nowMs : _overSoftSinceMs;
        return nowMs - _overSoftSinceMs > limit.SoftSeconds * 1000L;
    }
}

/// <summary>CLIENT REPLY.</summary>
public enum ReplyMode
{
    On,
    Off,

    /// <summary>SKIP was just said: its own (absent) reply does not count.</summary>
    SkipNext,

    /// <summary>The command that runs now gets no reply.</summary>
    Skip,
}
