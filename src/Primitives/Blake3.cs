using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Text;

namespace Trefoil.Primitives;

/// <summary>BLAKE3 in its three modes, each an extendable output: the output may have any length.</summary>
/// <remarks>
/// One-shot and single-threaded (Aumasson, Neves, O'Connor, Wilcox-O'Hearn, "BLAKE3", 2020). The four rows of the state
/// are 128-bit vectors, which the runtime emulates where the processor has none: the result is the same everywhere.
/// </remarks>
public static class Blake3
{
    /// <summary>Length of the default output, in bytes; a shorter or longer output has the same beginning.</summary>
    public const int HashSize = 32;

    /// <summary>Length of the key of <see cref="KeyedHash"/>, in bytes.</summary>
    public const int KeySize = 32;

    private const int BlockSize = 64;
    private const int ChunkSize = 1024;

    private const uint ChunkStart = 1;
    private const uint ChunkEnd = 2;
    private const uint Parent = 4;
    private const uint Root = 8;
    private const uint Keyed = 16;
    private const uint DeriveContext = 32;
    private const uint DeriveMaterial = 64;

    private static ReadOnlySpan<uint> Iv =>
    [
        0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
    ];

    /// <summary>The message permutation applied 0..6 times, one row per round (section 2.2).</summary>
    private static ReadOnlySpan<byte> Schedule =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8,
        3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1,
        10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6,
        12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4,
        9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7,
        11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13,
    ];

    /// <summary>Fills <paramref name="output"/> (any length) with the hash of <paramref name="input"/>.</summary>
    public static void Hash(ReadOnlySpan<byte> input, Span<byte> output) => Run(Iv, 0, input, output);

    /// <summary>The default 32-byte hash as an array.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> input)
    {
        var output = new byte[HashSize];
        Hash(input, output);
        return output;
    }

    /// <summary>A message authentication code under a key of exactly <see cref="KeySize"/> bytes.</summary>
    public static void KeyedHash(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeySize, nameof(key));
        Span<uint> words = stackalloc uint[8];
        ReadWords(key, words);
        Run(words, Keyed, input, output);
    }

    /// <summary>Derives a key from <paramref name="material"/>; the context is a hard-coded, globally unique text.</summary>
    public static void DeriveKey(string context, ReadOnlySpan<byte> material, Span<byte> output)
    {
        ArgumentNullException.ThrowIfNull(context);
        Span<byte> contextKey = stackalloc byte[KeySize];
        Run(Iv, DeriveContext, Encoding.UTF8.GetBytes(context), contextKey);
        Span<uint> words = stackalloc uint[8];
        ReadWords(contextKey, words);
        Run(words, DeriveMaterial, material, output);
    }

    private static void Run(ReadOnlySpan<uint> key, uint mode, ReadOnlySpan<byte> input, Span<byte> output)
    {
        Span<uint> chaining = stackalloc uint[8];
        Span<uint> block = stackalloc uint[16];
        uint length = BlockSize;
        uint flags;
        if (input.Length <= ChunkSize)
        {
            key.CopyTo(chaining);
            flags = Chunk(chaining, block, mode, 0, input, out length);
        }
        else
        {
            Children(key, mode, 0, input, block);
            key.CopyTo(chaining);
            flags = mode | Parent;
        }

        Span<uint> words = stackalloc uint[16];
        Span<byte> bytes = stackalloc byte[BlockSize];
        for (ulong counter = 0; !output.IsEmpty; counter++)
        {
            Compress(chaining, block, counter, length, flags | Root, words);
            for (var i = 0; i < 16; i++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes[(4 * i)..], words[i]);
            }

            var taken = Math.Min(output.Length, BlockSize);
            bytes[..taken].CopyTo(output);
            output = output[taken..];
        }
    }

    /// <summary>Leaves the chaining values of the two halves of <paramref name="input"/> (over one chunk) in <paramref name="block"/>.</summary>
    private static void Children(ReadOnlySpan<uint> key, uint mode, ulong chunk, ReadOnlySpan<byte> input, Span<uint> block)
    {
        // The left subtree is full: the largest power of two of chunks that leaves at least one byte for the right.
        var left = (int)(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)((input.Length + ChunkSize - 1) / ChunkSize)) / 2);
        var cut = left * ChunkSize;
        Subtree(key, mode, chunk, input[..cut], block[..8]);
        Subtree(key, mode, chunk + (ulong)left, input[cut..], block[8..]);
    }

    /// <summary>The chaining value of a subtree that is not the root. Recursion depth ≤ 21: spans are below 2³¹ bytes.</summary>
    private static void Subtree(ReadOnlySpan<uint> key, uint mode, ulong chunk, ReadOnlySpan<byte> input, Span<uint> result)
    {
        Span<uint> block = stackalloc uint[16];
        Span<uint> words = stackalloc uint[16];
        Span<uint> chaining = stackalloc uint[8];
        key.CopyTo(chaining);
        if (input.Length <= ChunkSize)
        {
            var flags = Chunk(chaining, block, mode, chunk, input, out var length);
            Compress(chaining, block, chunk, length, flags, words);
        }
        else
        {
            Children(key, mode, chunk, input, block);
            Compress(chaining, block, 0, BlockSize, mode | Parent, words);
        }

        words[..8].CopyTo(result);
    }

    /// <summary>Absorbs all but the last block of one chunk; returns the flags to compress that last block with.</summary>
    private static uint Chunk(
        Span<uint> chaining, Span<uint> block, uint mode, ulong chunk, ReadOnlySpan<byte> input, out uint length)
    {
        Span<uint> words = stackalloc uint[16];
        var flags = mode | ChunkStart;
        while (input.Length > BlockSize)
        {
            ReadWords(input[..BlockSize], block);
            Compress(chaining, block, chunk, BlockSize, flags, words);
            words[..8].CopyTo(chaining);
            input = input[BlockSize..];
            flags = mode;
        }

        Span<byte> padded = stackalloc byte[BlockSize];
        padded.Clear();
        input.CopyTo(padded);
        ReadWords(padded, block);
        length = (uint)input.Length;
        return flags | ChunkEnd;
    }

    private static void Compress(
        ReadOnlySpan<uint> chaining, ReadOnlySpan<uint> m, ulong counter, uint length, uint flags, Span<uint> result)
    {
        var low = Vector128.Create(chaining);
        var high = Vector128.Create(chaining[4..]);
        var (a, b, c) = (low, high, Vector128.Create(Iv));
        var d = Vector128.Create((uint)counter, (uint)(counter >> 32), length, flags);
        for (var round = 0; round < 7; round++)
        {
            var s = Schedule.Slice(16 * round, 16);
            Half(ref a, ref b, ref c, ref d, Vector128.Create(m[s[0]], m[s[2]], m[s[4]], m[s[6]]), 16, 12);
            Half(ref a, ref b, ref c, ref d, Vector128.Create(m[s[1]], m[s[3]], m[s[5]], m[s[7]]), 8, 7);
            b = Vector128.Shuffle(b, Vector128.Create(1u, 2, 3, 0));
            c = Vector128.Shuffle(c, Vector128.Create(2u, 3, 0, 1));
            d = Vector128.Shuffle(d, Vector128.Create(3u, 0, 1, 2));
            Half(ref a, ref b, ref c, ref d, Vector128.Create(m[s[8]], m[s[10]], m[s[12]], m[s[14]]), 16, 12);
            Half(ref a, ref b, ref c, ref d, Vector128.Create(m[s[9]], m[s[11]], m[s[13]], m[s[15]]), 8, 7);
            b = Vector128.Shuffle(b, Vector128.Create(3u, 0, 1, 2));
            c = Vector128.Shuffle(c, Vector128.Create(2u, 3, 0, 1));
            d = Vector128.Shuffle(d, Vector128.Create(1u, 2, 3, 0));
        }

        (a ^ c).CopyTo(result);
        (b ^ d).CopyTo(result[4..]);
        (c ^ low).CopyTo(result[8..]);
        (d ^ high).CopyTo(result[12..]);
    }

    /// <summary>Half of the quarter-round G, on all four columns (or diagonals) at once.</summary>
    private static void Half(
        ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d,
        Vector128<uint> message, int turnD, int turnB)
    {
        a = a + b + message;
        d = Rotate(d ^ a, turnD);
        c += d;
        b = Rotate(b ^ c, turnB);
    }

    private static Vector128<uint> Rotate(Vector128<uint> value, int count) => (value >>> count) | (value << (32 - count));

    private static void ReadWords(ReadOnlySpan<byte> bytes, Span<uint> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 * i)..]);
        }
    }
}
