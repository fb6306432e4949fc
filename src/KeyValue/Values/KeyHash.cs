using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Trefoil.KeyValue.Values;

/// <summary>SipHash-1-3 of a key under a secret drawn at process start, folded to 32 bits.</summary>
/// <remarks>
/// The secret keeps an attacker from choosing keys that collide (Aumasson, Bernstein 2012). Redis uses SipHash-1-2 for the same reason;
/// the extra finalisation round costs about a nanosecond and is what Rust's and Ruby's tables settled on. Hashes never leave the process:
/// nothing that is stored or sent may depend on them, except SCAN cursors, which die with the process.
/// </remarks>
internal static class KeyHash
{
    /// <summary>Name of an AppContext switch that makes the secret a constant, so that a simulation repeats in another process; to be set before the first use.</summary>
    public const string Repeatable = "Trefoil.KeyValue.RepeatableKeyHash";

    private static readonly ulong Key0 = Secret();
    private static readonly ulong Key1 = Secret();

    /// <summary>The hash of <paramref name="key"/>, well mixed in every bit: the index orders by its high bits.</summary>
    public static uint Of(ReadOnlySpan<byte> key)
    {
        var v0 = Key0 ^ 0x736f6d6570736575;
        var v1 = Key1 ^ 0x646f72616e646f6d;
        var v2 = Key0 ^ 0x6c7967656e657261;
        var v3 = Key1 ^ 0x7465646279746573;
        var length = (ulong)key.Length;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(key))
        {
            v3 ^= word;
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= word;
        }

        var last = (length << 56) | Tail(key[(key.Length & ~7)..]);
        v3 ^= last;
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= last;

        v2 ^= 0xff;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        var hash = v0 ^ v1 ^ v2 ^ v3;
        return (uint)hash ^ (uint)(hash >> 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Tail(ReadOnlySpan<byte> rest)
    {
        ulong tail = 0;
        var shift = 0;
        if ((rest.Length & 4) != 0)
        {
            tail = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            rest = rest[4..];
            shift = 32;
        }

        foreach (var b in rest)
        {
            tail |= (ulong)b << shift;
            shift += 8;
        }

        return tail;
    }

    private static ulong Secret() => AppContext.TryGetSwitch(Repeatable, out var isOn) && isOn
        ? 0x9e3779b97f4a7c15
        : BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
}
