using System.Text;
using Trefoil.Cluster.Harness;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Cluster.Differential;

/// <summary>Random commands to a real redis-server and to Trefoil: the replies are the same bytes.</summary>
/// <remarks>A failure prints the seed; TREFOIL_DIFFERENTIAL_SEED repeats it, TREFOIL_DIFFERENTIAL_COMMANDS sets how many commands a family gets.</remarks>
public sealed class DifferentialTests
{
    private const int Batch = 25;

    /// <summary>Differences printed before the test stops looking.</summary>
    private const int Printed = 15;

    private static readonly int Commands = Setting("TREFOIL_DIFFERENTIAL_COMMANDS", Soak.Times(1000, 20_000));
    private static readonly int Seed = Setting("TREFOIL_DIFFERENTIAL_SEED", 20240607);

    [Theory]
    [Trait(Soak.Trait, "yes")]
    [InlineData("strings", 2)]
    [InlineData("strings", 3)]
    [InlineData("counters", 2)]
    [InlineData("counters", 3)]
    [InlineData("keys", 2)]
    [InlineData("keys", 3)]
    [InlineData("hashes", 2)]
    [InlineData("hashes", 3)]
    [InlineData("lists", 2)]
    [InlineData("lists", 3)]
    [InlineData("sets", 2)]
    [InlineData("sets", 3)]
    [InlineData("sorted sets", 2)]
    [InlineData("sorted sets", 3)]
    [InlineData("sorted ranges", 2)]
    [InlineData("sorted ranges", 3)]
    [InlineData("sorted algebra", 2)]
    [InlineData("sorted algebra", 3)]
    [InlineData("bits", 2)]
    [InlineData("bits", 3)]
    [InlineData("bitfields", 2)]
    [InlineData("bitfields", 3)]
    [InlineData("copies", 2)]
    [InlineData("copies", 3)]
    [InlineData("sorting", 2)]
    [InlineData("sorting", 3)]
    [InlineData("subsequences", 2)]
    [InlineData("subsequences", 3)]
    [InlineData("keyspace", 2)]
    [InlineData("keyspace", 3)]
    [InlineData("key positions", 2)]
    [InlineData("key positions", 3)]
    [InlineData("transactions", 2)]
    [InlineData("transactions", 3)]
    [InlineData("full memory", 2)]
    [InlineData("full memory", 3)]
    [InlineData("frequency", 2)]
    [InlineData("diagnostics", 2)]
    [InlineData("diagnostics", 3)]
    [InlineData("nonsense", 2)]
    [InlineData("nonsense", 3)]
    public async Task Random_commands_are_answered_as_redis_answers_them(string family, int protocol)
    {
        using var redis = await RedisServer.StartAsync();
        await using var trefoil = await EmbeddedServer.StartAsync();
        using var expected = new RawConnection(redis.Port);
        using var actual = new RawConnection(trefoil.Port);
        expected.Call("HELLO", $"{protocol}");
        actual.Call("HELLO", $"{protocol}");
        foreach (var command in ServerFamilies.Setup(family))
        {
            Assert.Equal(Quoted(expected.Call(command)), Quoted(actual.Call(command)));
        }

        var words = new Words(new Prng((ulong)Seed), tame: family is not ("strings" or "counters"));
        var differences = new List<string>();

        // Nonsense makes fields too long for the packed form, whose order is the only one anybody promises.
        var ordered = family != "nonsense";
        for (var sent = 0; sent < Commands && differences.Count < Printed; sent += Batch)
        {
            Compare(Enumerable.Range(0, Batch).Select(_ => Draw(family, words)).ToList(), expected, actual, differences, ordered);
        }

        Compare(Inventory(), expected, actual, differences, ordered);
        DataComparison.Compare(expected, actual, differences);
        Assert.True(differences.Count == 0, $"seed {Seed}, {family}, RESP{protocol}:\n{string.Join('\n', differences)}");
    }

    [Fact]
    public async Task Large_hashes_hold_the_same_fields()
    {
        using var redis = await RedisServer.StartAsync();
        await using var trefoil = await EmbeddedServer.StartAsync();
        using var expected = new RawConnection(redis.Port);
        using var actual = new RawConnection(trefoil.Port);
        var random = new Prng((ulong)Seed);
        var differences = new List<string>();
        for (var i = 0; i < 3000; i++)
        {
            string[] command = random.Below(4) == 0
                ? ["HDEL", "big", $"f{random.Below(1500)}"]
                : ["HSET", "big", $"f{random.Below(1500)}", new string('v', random.Below(200))];
            Compare([command], expected, actual, differences, ordered: true);
        }

        var gets = Enumerable.Range(0, 1500).Select(i => new[] { "HGET", "big", $"f{i}" }).Append(["HLEN", "big"]).ToList();
        Compare(gets, expected, actual, differences, ordered: true);
        Assert.True(differences.Count == 0, $"seed {Seed}:\n{string.Join('\n', differences)}");
    }

    private static string[] Draw(string family, Words words) => family switch
    {
        "strings" => CommandFamilies.Strings(words),
        "counters" => CommandFamilies.Counters(words),
        "keys" => CommandFamilies.KeysAndExpiry(words),
        "hashes" => CommandFamilies.Hashes(words),
        "keyspace" => CommandFamilies.Keyspace(words),
        "bits" => DataFamilies.Bits(words),
        "bitfields" => DataFamilies.Bitfields(words),
        "copies" => DataFamilies.Copies(words),
        "sorting" => DataFamilies.Sorting(words),
        "subsequences" => DataFamilies.Subsequences(words),
        "key positions" => ["COMMAND", words.Pick("GETKEYS", "GETKEYSANDFLAGS"), .. CommandFamilies.Nonsense(words)],
        "transactions" => TransactionWords.Draw(words),
        "full memory" => ServerFamilies.FullMemory(words),
        "frequency" => ServerFamilies.Frequency(words),
        "diagnostics" => ServerFamilies.Diagnostics(words),
        "lists" => TypeFamilies.Lists(words),
        "sets" => TypeFamilies.Sets(words),
        "sorted sets" => TypeFamilies.SortedSets(words),
        "sorted ranges" => TypeFamilies.SortedRanges(words),
        "sorted algebra" => TypeFamilies.SortedAlgebra(words),
        _ => CommandFamilies.Nonsense(words),
    };

    /// <summary>Asks for everything the commands may have left.</summary>
    private static List<string[]> Inventory()
    {
        var commands = new List<string[]> { new[] { "DBSIZE" }, new[] { "KEYS", "*" } };
        foreach (var key in Enumerable.Range(0, 12).Select(i => $"{Words.Tag}s{i}").Concat(Enumerable.Range(0, 6).Select(i => $"{Words.Tag}h{i}")))
        {
            commands.AddRange([["TYPE", key], ["OBJECT", "ENCODING", key], ["GET", key], ["STRLEN", key], ["HGETALL", key], ["PTTL", key]]);
        }

        foreach (var key in "lezx".SelectMany(type => Enumerable.Range(0, 5).Select(i => $"{Words.Tag}{type}{i}")))
        {
            commands.AddRange([["TYPE", key], ["OBJECT", "ENCODING", key], ["LRANGE", key, "0", "-1"], ["SMEMBERS", key], ["ZRANGE", key, "0", "-1", "WITHSCORES"], ["PTTL", key]]);
        }

        return commands;
    }

    private static void Compare(
        List<string[]> commands, RawConnection expected, RawConnection actual, List<string> differences, bool ordered)
    {
        var bytes = commands.ConvertAll(command => Words.Bytes(command));
        expected.Send(bytes);
        actual.Send(bytes);
        for (var i = 0; i < commands.Count; i++)
        {
            var command = commands[i];
            var (left, right) = (expected.ReadReply(), actual.ReadReply());
            if (!Comparison.Equal(command, left, right, ordered))
            {
                if (command[0] == "EXEC")
                {
                    differences.Add(string.Join("\n", commands.Take(i).Select(before => string.Join(' ', before.Select(Quoted)))));
                }

                differences.Add($"{string.Join(' ', command.Select(Quoted))}\n  redis   {Quoted(left)}\n  trefoil {Quoted(right)}");
            }
        }
    }

    private static string Quoted(byte[] reply) => Quoted(Encoding.Latin1.GetString(reply));

    private static string Quoted(string text)
    {
        var clipped = text.Length > 300 ? text[..300] + "…" : text;
        return '"' + string.Concat(clipped.Select(c => c is < ' ' or > '~' ? $"\\x{(int)c:x2}" : $"{c}")) + '"';
    }

    private static int Setting(string name, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out var value) ? value : fallback;
}
