using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>Everything the world tells a <see cref="Swim"/>. The bytes are unsealed, and otherwise trusted by nobody.</summary>
public abstract record SwimInput
{
    private SwimInput() { }

    /// <summary>A datagram arrived; answers go to where it came from.</summary>
    public sealed record PacketReceived(HostPort From, ReadOnlyMemory<byte> Bytes) : SwimInput;

    /// <summary>
    /// A peer opened a stream and sent one request. Exactly one <see cref="SwimEffect.AnswerStream"/> or
    /// <see cref="SwimEffect.CloseStream"/> with the same <paramref name="Stream"/>, which the driver chose, follows.
    /// </summary>
    public sealed record StreamRequested(ulong Stream, HostPort From, ReadOnlyMemory<byte> Bytes) : SwimInput;

    /// <summary>The answer to our <see cref="SwimEffect.OpenStream"/> with this <paramref name="Exchange"/>.</summary>
    public sealed record StreamAnswered(ulong Exchange, ReadOnlyMemory<byte> Bytes) : SwimInput;

    /// <summary>Our <see cref="SwimEffect.OpenStream"/> with this <paramref name="Exchange"/> could not be completed.</summary>
    public sealed record StreamFailed(ulong Exchange) : SwimInput;
}
