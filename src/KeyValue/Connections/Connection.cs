using Trefoil.KeyValue.Commands;
using Trefoil.KeyValue.Server;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Connections;

/// <summary>What one client is to the server, whatever carries its bytes: identity, protocol, modes, reply buffer.</summary>
/// <remarks>Owned by the flow that runs its commands. Other connections may read the counters (CLIENT LIST) and ask for its end.</remarks>
public sealed class Connection
{
    internal Connection(long id, string address, string localAddress, long nowMs, KeyValueServer server)
    {
        Id = id;
        Address = address;
        LocalAddress = localAddress;
        CreatedMs = LastInteractionMs = nowMs;
        Context = new CommandContext(this, server);
    }

    /// <summary>Unique while the process lives; grows.</summary>
    public long Id { get; }

    /// <summary><c>ip:port</c> of the client.</summary>
    public string Address { get; }

    /// <summary><c>ip:port</c> it connected to.</summary>
    public string LocalAddress { get; }

    public long CreatedMs { get; }

    public long LastInteractionMs { get; internal set; }

    public string Name { get; internal set; } = "";

    public string LibraryName { get; internal set; } = "";

    public string LibraryVersion { get; internal set; } = "";

    public bool Authenticated { get; internal set; } = true;

    /// <summary>READONLY was said: replicas may answer reads.</summary>
    public bool ReadOnly { get; internal set; }

    /// <summary>ASKING was said: holds for the next command.</summary>
    public bool Asking { get; internal set; }

    public bool NoEvict { get; internal set; }

    public bool NoTouch { get; internal set; }

    /// <summary>Close once what is written has left (QUIT, protocol error).</summary>
    public bool CloseAfterReply { get; internal set; }

    public CommandSpec? LastCommand { get; internal set; }

    /// <summary>Replies not yet taken by the socket.</summary>
    public RespWriter Output { get; } = new();

    internal CommandContext Context { get; }
}
