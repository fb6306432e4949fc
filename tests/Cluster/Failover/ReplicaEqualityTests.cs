using System.Globalization;
using System.Text;
using Trefoil.Cluster.Differential;
using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Harness;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Cluster.Failover;

/// <summary>After random commands of every kind that writes, with expiry and eviction, a client sees the same keys on the replica as on its primary.</summary>
public sealed class ReplicaEqualityTests
{
    private const ulong Seed = 20261121;
    private const int Batch = 50;

    private static readonly Func<Words, string[]>[] Families =
    [
        CommandFamilies.Strings, CommandFamilies.Counters, CommandFamilies.KeysAndExpiry, CommandFamilies.Hashes, TypeFamilies.Lists, TypeFamilies.Sets,
        TypeFamilies.SortedSets, TypeFamilies.SortedAlgebra, DataFamilies.Bits, DataFamilies.Bitfields, DataFamilies.Copies, DataFamilies.Sorting,
    ];

    /// <summary>The replica is killed, stopped and started again meanwhile. A test run sends 10 000 commands, soak 200 000.</summary>
    [Fact]
    [Trait(Soak.Trait, "yes")]
    public async Task A_replica_that_was_cut_off_and_came_back_equals_its_primary_key_by_key()
    {
        await using var cluster = await TrefoilCluster.UpAsync("quorum", nodes: 2);
        using var primary = new RawConnection(cluster.At(1).Port);
        var random = new Prng(Seed);
        var words = new Words(random, tame: true);
        primary.Call("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        for (var sent = 0; sent < Soak.Times(10_000, 200_000); sent += Batch)
        {
            Send(primary, [.. Enumerable.Range(0, Batch).Select(i => i == 0 ? Expiring(random) : Families[random.Below(Families.Length)](words))]);
            switch (sent % 5000)
            {
                case 1000:
                    await cluster.KillAsync(2);
                    break;
                case 2000:
                    await cluster.StartAsync(2);
                    break;
                case 3000:
                    Evict(primary);
                    break;
                case 4000:
                    await cluster.PauseAsync(2);
                    break;
                case 4500:
                    await cluster.ResumeAsync(2);
                    break;
            }
        }

        await cluster.ReplicasSyncedAsync();
        await SettledAsync(cluster);
        using var replica = new RawConnection(cluster.At(2).Port);
        Assert.Equal("+OK\r\n", Text(replica.Call("READONLY")));

        var keys = Keys(primary);
        Assert.True(keys.Count > 20, $"only {keys.Count} keys are left to compare");
        Assert.Equal(keys, Keys(replica));
        Assert.All(keys, key =>
        {
            Assert.Equal(Text(primary.Call("PEXPIRETIME", key)), Text(replica.Call("PEXPIRETIME", key)));
            Assert.True(Math.Abs(Number(primary.Call("PTTL", key)) - Number(replica.Call("PTTL", key))) < 1000, $"PTTL of {key}");
            if (Text(primary.Call("DUMP", key)) != Text(replica.Call("DUMP", key)))
            {
                // Sets and hashes past the packed form may list their members in another order; what they hold is the same.
                Assert.Equal(Text(primary.Call("DEBUG", "DIGEST-VALUE", key)), Text(replica.Call("DEBUG", "DIGEST-VALUE", key)));
            }
        });
        Judgement.Print($"{keys.Count} keys are equal");
    }

    private static string[] Expiring(Prng random) =>
        ["SET", string.Create(CultureInfo.InvariantCulture, $"{Words.Tag}short{random.Below(50)}"), "v", "PX", random.Below(2000) + 1 + ""];

    /// <summary>Makes room for a hundred values too few, and lifts the limit again.</summary>
    private static void Evict(RawConnection primary)
    {
        Send(primary, [.. Enumerable.Range(0, 400).Select(i => new[] { "SET", $"{Words.Tag}fill{i}", new string('f', 2000) })]);
        var used = Text(primary.Call("INFO", "memory")).Split("\r\n").First(l => l.StartsWith("used_memory:", StringComparison.Ordinal))["used_memory:".Length..];
        primary.Call("CONFIG", "SET", "maxmemory", (long.Parse(used, CultureInfo.InvariantCulture) - 300_000).ToString(CultureInfo.InvariantCulture));
        Send(primary, [.. Enumerable.Range(0, 20).Select(i => new[] { "SET", $"{Words.Tag}over{i}", new string('o', 2000) })]);
        Assert.NotEqual("0", Text(primary.Call("INFO", "stats")).Split("\r\n").First(l => l.StartsWith("evicted_keys:", StringComparison.Ordinal))["evicted_keys:".Length..]);
        primary.Call("CONFIG", "SET", "maxmemory", "0");
    }

    /// <summary>Returns once what expires soon is gone and the replica holds the last record of its primary.</summary>
    private static async Task SettledAsync(TrefoilCluster cluster)
    {
        using var asking = new RawConnection(cluster.At(1).Port);
        await Eventually.See(
            "what expires soon is gone", "no such key", () => Task.FromResult(Keys(asking).Count(k => k.Contains("short", StringComparison.Ordinal))), seen => seen == 0,
            TimeSpan.FromSeconds(20));
        await Eventually.See(
            "the replica has everything", "equal offsets",
            () => Task.FromResult((cluster.Field(1, "replication", "master_repl_offset"), cluster.Field(2, "replication", "slave_repl_offset"))),
            seen => seen.Item1.Length > 0 && seen.Item1 == seen.Item2, TimeSpan.FromSeconds(20));
    }

    private static void Send(RawConnection connection, string[][] commands)
    {
        connection.Send(commands.Select(c => Words.Bytes(c)));
        foreach (var _ in commands)
        {
            connection.ReadReply();
        }
    }

    private static List<string> Keys(RawConnection connection)
    {
        var lines = Text(connection.Call("KEYS", "*"));
        var keys = new List<string>();
        for (var at = lines.IndexOf('\n', StringComparison.Ordinal) + 1; at < lines.Length;)
        {
            var end = lines.IndexOf('\r', at);
            var length = int.Parse(lines.AsSpan(at + 1, end - at - 1), CultureInfo.InvariantCulture);
            keys.Add(lines.Substring(end + 2, length));
            at = end + 2 + length + 2;
        }

        keys.Sort(StringComparer.Ordinal);
        return keys;
    }

    private static long Number(byte[] reply) => long.Parse(Text(reply).AsSpan(1), CultureInfo.InvariantCulture);

    private static string Text(byte[] reply) => Encoding.Latin1.GetString(reply);
}
