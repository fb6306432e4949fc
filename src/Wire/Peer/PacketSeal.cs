using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Trefoil.Primitives;

namespace Trefoil.Wire.Peer;

/// <summary>Seals and opens the bytes that pass between nodes: HMAC-SHA256 with the cluster's secret, if it has one, else a checksum.</summary>
/// <remarks>
/// Form: one byte says how it is sealed (1 HMAC-SHA256, 2 CRC32C; encryption with a key ring will be another number), then the payload, then
/// 32 bytes of HMAC or 4 of checksum over all before. The checksum protects from bad cables and memory, not from people: UDP's and TCP's own have
/// 16 bits, and one turned bit that they let pass would be believed as an incarnation, a term or a value. A node with a secret opens nothing unsealed, a node without one
/// nothing sealed: half a secret would protect nobody. Each purpose has a key of its own, so that a packet cannot be
/// replayed as a stream. It proves who wrote the bytes, not that they are fresh: SWIM's incarnations and sequence numbers
/// make old packets harmless. Thread-safe.
/// </remarks>
public sealed class PacketSeal
{
    /// <summary>What sealing adds at most, in bytes.</summary>
    public const int MaxOverhead = 1 + HMACSHA256.HashSizeInBytes;

    private const byte HmacSha256 = 1;
    private const byte Crc = 2;
    private const int CrcBytes = sizeof(uint);

    private readonly byte[]? _key;

    /// <param name="secret">The cluster's secret; empty for none.</param>
    /// <param name="purpose">What is sealed, for example "swim packet": part of the key.</param>
    public PacketSeal(string secret, string purpose)
    {
        ArgumentNullException.ThrowIfNull(secret);
        _key = secret.Length == 0 ? null
            : HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes("trefoil " + purpose));
    }

    private byte Form => _key is null ? Crc : HmacSha256;

    private int ProofBytes => _key is null ? CrcBytes : HMACSHA256.HashSizeInBytes;

    /// <summary>A sealed copy.</summary>
    public byte[] Seal(ReadOnlySpan<byte> payload)
    {
        var length = 1 + payload.Length;
        var sealedBytes = new byte[length + ProofBytes];
        sealedBytes[0] = Form;
        payload.CopyTo(sealedBytes.AsSpan(1));
        Prove(sealedBytes.AsSpan(0, length), sealedBytes.AsSpan(length));
        return sealedBytes;
    }

    /// <summary>The payload, if the seal is whole; else false, and nothing in the bytes may be believed.</summary>
    public bool TryOpen(ReadOnlySpan<byte> sealedBytes, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        var length = sealedBytes.Length - ProofBytes;
        if (length < 1 || sealedBytes[0] != Form)
        {
            return false;
        }

        Span<byte> expected = stackalloc byte[ProofBytes];
        Prove(sealedBytes[..length], expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, sealedBytes[length..]))
        {
            return false;
        }

        payload = sealedBytes[1..length];
        return true;
    }

    private void Prove(ReadOnlySpan<byte> bytes, Span<byte> proof)
    {
        if (_key is null)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(proof, Crc32C.Of(bytes));
        }
        else
        {
            HMACSHA256.HashData(_key, bytes, proof);
        }
    }
}
