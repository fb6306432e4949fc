using System.Diagnostics.CodeAnalysis;
using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>The answers given to one proposer's latest requests: what makes a command act at most once.</summary>
/// <remarks>
/// A request more than <see cref="Span"/> below the proposer's highest is refused and not applied again, so the promise
/// holds for ever with bounded memory: Raft's client sessions (thesis 6.3) with several requests open at a time.
/// </remarks>
public sealed class RequestWindow
{
    /// <summary>How many of a proposer's latest numbers are remembered, and so may be open at a time.</summary>
    public const int Span = 256;

    private readonly (ulong Sequence, CommandResult? Result)[] _ring = new (ulong, CommandResult?)[Span];
    private ulong _highest;

    internal RequestWindow()
    {
    }

    /// <summary>Log index at which the proposer was last heard.</summary>
    internal ulong HeardAt { get; set; }

    /// <summary>The answer given before, <see cref="Refusals.TooOld"/> below the window, or null for a new request.</summary>
    internal CommandResult? Find(ulong sequence)
    {
        if (IsBelow(sequence))
        {
            return new CommandResult.Refused(Refusals.TooOld);
        }

        var (known, result) = _ring[sequence % Span];
        return known == sequence ? result : null;
    }

    internal void Remember(ulong sequence, CommandResult result)
    {
        _ring[sequence % Span] = (sequence, result);
        _highest = Math.Max(_highest, sequence);
    }

    internal void Write(ByteWriter writer)
    {
        writer.Varint(HeardAt);
        writer.Varint(_highest);
        var kept = 0;
        for (var back = 0; back < Span; back++)
        {
            kept += At(back) is null ? 0 : 1;
        }

        writer.Varint((ulong)kept);
        for (var back = Span - 1; back >= 0; back--)
        {
            if (At(back) is { } result)
            {
                writer.Varint((ulong)back);
                result.Write(writer);
            }
        }
    }

    /// <summary>The answer to the request so far behind the highest; null for none.</summary>
    private CommandResult? At(int back)
    {
        if (_highest < (ulong)back)
        {
            return null;
        }

        var (sequence, result) = _ring[(_highest - (ulong)back) % Span];
        return sequence == _highest - (ulong)back ? result : null;
    }

    internal static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out RequestWindow? window)
    {
        window = new RequestWindow { HeardAt = reader.Varint(), _highest = reader.Varint() };
        for (var left = reader.Count(Span); left > 0; left--)
        {
            var back = (ulong)reader.Count(Span - 1);
            if (!CommandResult.TryRead(ref reader, out var result) || back > window._highest)
            {
                reader.Fail();
                return false;
            }

            window.Remember(window._highest - back, result);
        }

        return !reader.Failed;
    }

    private bool IsBelow(ulong sequence) => _highest >= Span && sequence <= _highest - Span;
}
