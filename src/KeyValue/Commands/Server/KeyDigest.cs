using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>What DEBUG DIGEST and DIGEST-VALUE answer: 20 bytes that are equal for equal contents, in whatever form and order they are kept.</summary>
/// <remarks>
/// The same bytes as Redis', so that redis-cli and tests can compare a key here with one there. Ordered things are mixed in, one after the
/// other; of things without an order each has a digest of its own, and those are combined by exclusive or. No protection against anybody
/// who wants two values to look equal.
/// </remarks>
internal struct KeyDigest
{
    private const int Size = 20;
    private readonly byte[] _bytes = new byte[Size];

    public KeyDigest()
    {
    }

    /// <summary>The digest of a value, which exists, and of whether it expires.</summary>
    public static KeyDigest OfValue(KeyEntry entry)
    {
        var digest = new KeyDigest();
        digest.Add(entry);
        return digest;
    }

    /// <summary>The digest of all keys. Takes each slot's lock in turn.</summary>
    public static KeyDigest OfAll(Keyspace keys, long nowMs)
    {
        var all = new KeyDigest();
        var isEmpty = true;
        keys.VisitAll(nowMs, entry =>
        {
            if (isEmpty)
            {
                all.MixNumber(0); // the database
                isEmpty = false;
            }

            var digest = new KeyDigest();
            digest.Mix(entry.Key);
            digest.Add(entry);
            all.Include(digest._bytes);
        });
        return all;
    }

    public override readonly string ToString() => Convert.ToHexStringLower(_bytes);

    private void Add(KeyEntry entry)
    {
        switch (entry.Type)
        {
            case EntryType.String:
                MixNumber(0);
                Span<byte> digits = stackalloc byte[IntegerText.MaxLength];
                Mix(entry.Text(digits));
                break;
            case EntryType.List:
                MixNumber(1);
                foreach (var element in entry.List!)
                {
                    Mix(element);
                }

                break;
            case EntryType.Set:
                MixNumber(2);
                foreach (var member in entry.Set!)
                {
                    Include(member);
                }

                break;
            case EntryType.SortedSet:
                MixNumber(3);
                foreach (var member in entry.SortedSet!)
                {
                    IncludePair(member.Member, Encoding.ASCII.GetBytes(Score(member.Score)));
                }

                break;
            default:
                MixNumber(4);
                foreach (var field in entry.Hash!)
                {
                    IncludePair(field.Field, field.Value);
                }

                break;
        }

        if (entry.ExpireAtMs != KeyedValue.NoExpiry)
        {
            Include("!!expire!!"u8);
        }
    }

    /// <summary>C's <c>%.17g</c>.</summary>
    private static string Score(double score)
    {
        if (double.IsInfinity(score))
        {
            return score > 0 ? "inf" : "-inf";
        }

        if (score == 0)
        {
            return double.IsNegative(score) ? "-0" : "0";
        }

        var scientific = score.ToString("E16", CultureInfo.InvariantCulture);
        var at = scientific.IndexOf('E', StringComparison.Ordinal);
        var exponent = int.Parse(scientific.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (exponent is < -4 or >= 17)
        {
            var digits = scientific[..at].TrimEnd('0').TrimEnd('.');
            return string.Create(CultureInfo.InvariantCulture, $"{digits}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        }

        var plain = score.ToString("F" + (16 - exponent), CultureInfo.InvariantCulture);
        return plain.Contains('.', StringComparison.Ordinal) ? plain.TrimEnd('0').TrimEnd('.') : plain;
    }

    private readonly void IncludePair(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var pair = new KeyDigest();
        pair.Mix(first);
        pair.Mix(second);
        Include(pair._bytes);
    }

    private readonly void MixNumber(uint number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        Mix(bytes);
    }

    /// <summary>Adds something whose place matters.</summary>
    private readonly void Mix(ReadOnlySpan<byte> bytes)
    {
        Include(bytes);
        Hash(_bytes, _bytes);
    }

    /// <summary>Adds something whose place does not matter.</summary>
    private readonly void Include(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Size];
        Hash(bytes, hash);
        for (var i = 0; i < Size; i++)
        {
            _bytes[i] ^= hash[i];
        }
    }

#pragma warning disable CA5350 // SHA-1 is what the other side computes; nothing is protected by it.
    private static void Hash(ReadOnlySpan<byte> bytes, Span<byte> into) => SHA1.HashData(bytes, into);
#pragma warning restore CA5350
}
