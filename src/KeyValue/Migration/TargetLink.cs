using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Migration;

/// <summary>A connection to the node that keys move to. What goes wrong is a value: false, and <see cref="TimedOut"/> or not.</summary>
/// <remarks>A socket (<see cref="SocketLink"/>), or the simulator's network.</remarks>
internal abstract class TargetLink(string host, string port) : IDisposable
{
    /// <summary>The database of a link on which none was selected yet, or on which that is not known.</summary>
    public const long NoDatabase = -1;

    public string Host => host;

    public string Port => port;

    /// <summary>The database that is selected there.</summary>
    public long Database { get; set; } = NoDatabase;

    /// <summary>When it was last given back, a timestamp.</summary>
    public long IdleSince { get; set; }

    /// <summary>The last failure was that the target took too long.</summary>
    public bool TimedOut { get; protected set; }

    /// <summary>The last failure was that somebody is there but does not want us; not that nobody could be reached.</summary>
    public bool Refused { get; protected set; }

    /// <summary>Connects within <paramref name="timeout"/>.</summary>
    public abstract Task<bool> ConnectAsync(TimeSpan timeout, CancellationToken stopping);

    /// <summary>Sends all of it; each 64 KiB must leave within <paramref name="timeout"/>.</summary>
    public abstract Task<bool> SendAsync(ReadOnlyMemory<byte> bytes, TimeSpan timeout, CancellationToken stopping);

    /// <summary>The next reply, waited for until <paramref name="timeout"/> passes without a byte; null if there is none.</summary>
    public abstract Task<RespReply?> ReceiveAsync(TimeSpan timeout, CancellationToken stopping);

    /// <summary>A reply that has arrived already.</summary>
    public abstract bool TryReceive(out RespReply? reply);

    /// <inheritdoc/>
    public abstract void Dispose();
}
