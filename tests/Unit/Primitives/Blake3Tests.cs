using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Primitives;

public class Blake3Tests
{
    [Fact]
    public void All_official_vectors_hold_in_all_three_modes()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllBytes(DataPath("blake3/blake3_test_vectors.json")));
        var key = Encoding.ASCII.GetBytes(vectors.RootElement.GetProperty("key").GetString()!);
        var context = vectors.RootElement.GetProperty("context_string").GetString()!;
        var count = 0;
        foreach (var vector in vectors.RootElement.GetProperty("cases").EnumerateArray())
        {
            var input = Pattern(vector.GetProperty("input_len").GetInt32());
            Check(vector, "hash", output => Blake3.Hash(input, output));
            Check(vector, "keyed_hash", output => Blake3.KeyedHash(key, input, output));
            Check(vector, "derive_key", output => Blake3.DeriveKey(context, input, output));
            count++;
        }

        Assert.Equal(35, count);
    }

    [Fact]
    public void A_key_of_another_length_is_misuse() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Blake3.KeyedHash(new byte[31], [], new byte[32]));

    [Fact]
    public void A_shorter_output_is_a_prefix_of_a_longer_one()
    {
        var longer = new byte[200];
        Blake3.Hash("trefoil"u8, longer);
        Assert.Equal(Blake3.Hash("trefoil"u8), longer[..32]);
    }

    private static void Check(JsonElement vector, string mode, Action<byte[]> run)
    {
        var expected = Convert.FromHexString(vector.GetProperty(mode).GetString()!);
        var whole = new byte[expected.Length];
        run(whole);
        Assert.Equal(expected, whole);
        var standard = new byte[Blake3.HashSize];
        run(standard);
        Assert.Equal(expected[..Blake3.HashSize], standard);
    }

    private static byte[] Pattern(int length)
    {
        var input = new byte[length];
        for (var i = 0; i < length; i++)
        {
            input[i] = (byte)(i % 251);
        }

        return input;
    }

    internal static string DataPath(string name, [CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "Data", name);
}
