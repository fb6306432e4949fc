using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>Everything a <see cref="Swim"/> asks of the world. Their order does not matter to correctness.</summary>
public abstract record SwimEffect
{
    private SwimEffect() { }

    /// <summary>Send one datagram of at most <see cref="SwimLimits.MaxPacketBytes"/> − <see cref="SwimLimits.SealBytes"/> bytes; it may be lost.</summary>
    public sealed record SendPacket(HostPort To, ReadOnlyMemory<byte> Bytes) : SwimEffect;

    /// <summary>
    /// Open a stream, send one request, read one answer, close. Ends in <see cref="SwimInput.StreamAnswered"/> or
    /// <see cref="SwimInput.StreamFailed"/> with the same <paramref name="Exchange"/>; neither arriving counts as failed.
    /// </summary>
    public sealed record OpenStream(ulong Exchange, HostPort To, ReadOnlyMemory<byte> Bytes) : SwimEffect;

    /// <summary>Send the answer on a stream that a peer opened, then close it.</summary>
    public sealed record AnswerStream(ulong Stream, ReadOnlyMemory<byte> Bytes) : SwimEffect;

    /// <summary>Close a stream that a peer opened, without an answer.</summary>
    public sealed record CloseStream(ulong Stream) : SwimEffect;

    /// <summary>Tell the application.</summary>
    public sealed record Raise(SwimEvent Event) : SwimEffect;
}
