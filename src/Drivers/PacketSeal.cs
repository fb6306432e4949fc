using System.Security.Cryptography;
using System.Text;

namespace Trefoil.Drivers;

/// <summary>Seals and opens the bytes that pass between nodes: HMAC-SHA256 with the cluster's secret, if it has one.</summary>
/// <remarks>
/// Form: one byte says how it is sealed (0 not at all, 1 HMAC-SHA256; encryption with a key ring will be another number),
/// then the payload, then 32 bytes of HMAC over all before. A node with a secret opens nothing unsealed, a node without one
/// nothing sealed: half a secret would protect nobody. Each purpose has a key of its own, so that a packet cannot be
/// replayed as a stream. It proves who wrote the bytes, not that they are fresh: SWIM's incarnations and sequence numbers
/// make old packets harmless. Thread-safe.
/// </remarks>
public sealed class PacketSeal
{
    /// <summary>What sealing adds at most, in bytes.</summary>
    public const int MaxOverhead = 1 + HMACSHA256.HashSizeInBytes;

    private const byte Plain = 0;
    private const byte HmacSha256 = 1;

    private readonly byte[]? _key;

    /// <param name="secret">The cluster's secret; empty for none.</param>
    /// <param name="purpose">What is sealed, for example "swim packet": part of the key.</param>
    public PacketSeal(string secret, string purpose)
    {
        ArgumentNullException.ThrowIfNull(secret);
        _key = secret.Length == 0 ? null
            : HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes("trefoil " + purpose));
    }

    /// <summary>A sealed copy.</summary>
    public byte[] Seal(ReadOnlySpan<byte> payload)
    {
        var length = 1 + payload.Length;
        var sealedBytes = new byte[length + (_key is null ? 0 : HMACSHA256.HashSizeInBytes)];
        sealedBytes[0] = _key is null ? Plain : HmacSha256;
        payload.CopyTo(sealedBytes.AsSpan(1));
        if (_key is not null)
        {
            HMACSHA256.HashData(_key, sealedBytes.AsSpan(0, length), sealedBytes.AsSpan(length));
        }

        return sealedBytes;
    }

    /// <summary>The payload, if the seal is whole; else false, and nothing in the bytes may be believed.</summary>
    public bool TryOpen(ReadOnlySpan<byte> sealedBytes, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        var overhead = 1 + (_key is null ? 0 : HMACSHA256.HashSizeInBytes);
        if (sealedBytes.Length < overhead || sealedBytes[0] != (_key is null ? Plain : HmacSha256))
        {
            return false;
        }

        if (_key is not null)
        {
            Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
            var body = sealedBytes[..^HMACSHA256.HashSizeInBytes];
            HMACSHA256.HashData(_key, body, expected);
            if (!CryptographicOperations.FixedTimeEquals(expected, sealedBytes[body.Length..]))
            {
                return false;
            }
        }

        payload = sealedBytes[1..(1 + sealedBytes.Length - overhead)];
        return true;
    }
}
