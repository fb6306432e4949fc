using System.Text;
using Trefoil.Cluster.Harness;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Cluster.Differential;

/// <summary>Several clients talk to a real redis-server and to Trefoil: after each step each client has heard the same bytes.</summary>
/// <remarks>
/// Known and intended differences:
/// <list type="bullet">
/// <item>CLIENT REPLY inside a transaction: Redis' array then has fewer elements than its head says.</item>
/// <item>SORT STORE over a value of another type: Redis 7.0 leaves those who wait for the list waiting.</item>
/// <item>Several names in one step (UNSUBSCRIBE of everything, several patterns that match, PUBSUB CHANNELS) come in the order of a hash table,
/// which is nobody's promise: there the same lines in any order will do.</item>
/// <item>What a client says while it is blocked runs once it is free; of several that are set free at once nobody promises who runs first.</item>
/// </list>
/// </remarks>
public sealed class ConversationTests
{
    private const int Clients = 5;

    /// <summary>Differences printed before the test stops looking.</summary>
    private const int Printed = 10;

    private static readonly int Steps = Setting("TREFOIL_DIFFERENTIAL_COMMANDS", Soak.Times(1_000, 20_000));
    private static readonly int Seed = Setting("TREFOIL_DIFFERENTIAL_SEED", 20240607);

    [Theory]
    [Trait(Soak.Trait, "yes")]
    [InlineData("blocking", 2)]
    [InlineData("blocking", 3)]
    [InlineData("publishing", 2)]
    [InlineData("publishing", 3)]
    [InlineData("publishing", 0)]
    public async Task Clients_hear_what_redis_lets_them_hear(string family, int protocol)
    {
        using var redis = await RedisServer.StartAsync();
        await using var trefoil = await EmbeddedServer.StartAsync();
        using var expected = new Conversation(redis.Port, Clients, protocol);
        using var actual = new Conversation(trefoil.Port, Clients, protocol);
        var words = new Words(new Prng((ulong)Seed), tame: true);
        var differences = new List<string>();
        var inTransaction = new bool[Clients];
        for (var step = 0; step < Steps && differences.Count < Printed; step++)
        {
            var client = words.Below(Clients);
            var command = family == "blocking" ? ConversationFamilies.Blocking(words) : ConversationFamilies.Publishing(words);
            if (expected.IsBlocked(client))
            {
                if (words.Chance(0.8))
                {
                    continue;
                }

                command = ["PING", $"{step}"];
                if (words.Chance(0.2))
                {
                    expected.Unblock(client);
                    actual.Unblock(client);
                }
            }

            // Inside a transaction CLIENT REPLY makes Redis promise more replies than come; we then send none.
            command = inTransaction[client] && command is ["CLIENT", "REPLY", ..] ? ["PING"] : command;
            inTransaction[client] = command[0] == "MULTI" || (inTransaction[client] && command[0] is not ("EXEC" or "RESET"));
            expected.Say(client, command);
            actual.Say(client, command);
            Compare($"{step}: client {client} says {string.Join(' ', command)}", expected, actual, differences, anyOrder: family == "publishing");
        }

        for (var client = 0; client < Clients; client++)
        {
            expected.Unblock(client);
            actual.Unblock(client);
        }

        Compare("at the end", expected, actual, differences, anyOrder: false);
        foreach (var key in Enumerable.Range(0, 4).SelectMany(i => new[] { $"{Words.Tag}l{i}", $"{Words.Tag}z{i}" }))
        {
            foreach (var read in new string[][] { ["TYPE", key], ["LRANGE", key, "0", "-1"], ["ZRANGE", key, "0", "-1", "WITHSCORES"] })
            {
                var (left, right) = (Encoding.Latin1.GetString(expected.Control(read)), Encoding.Latin1.GetString(actual.Control(read)));
                if (left != right)
                {
                    differences.Add($"{string.Join(' ', read)}\n  redis   {Quoted(left, 0)}\n  trefoil {Quoted(right, 0)}");
                }
            }
        }

        Assert.True(differences.Count == 0, $"seed {Seed}, {family}, RESP{protocol}:\n{string.Join('\n', differences)}");
    }

    [Theory]
    [InlineData("monitoring", 2)]
    [InlineData("monitoring", 3)]
    [InlineData("pausing", 2)]
    [InlineData("pausing", 3)]
    [InlineData("odds", 2)]
    [InlineData("odds", 3)]
    public async Task Scripted_conversations_go_as_with_redis(string name, int protocol)
    {
        using var redis = await RedisServer.StartAsync();
        await using var trefoil = await EmbeddedServer.StartAsync();
        using var expected = new Conversation(redis.Port, Clients, protocol);
        using var actual = new Conversation(trefoil.Port, Clients, protocol);
        var differences = new List<string>();
        foreach (var line in name switch { "monitoring" => ConversationScripts.Monitoring, "pausing" => ConversationScripts.Pausing, _ => ConversationScripts.Odds })
        {
            var (client, command) = ConversationScripts.Parse(line);
            expected.Say(client, command);
            actual.Say(client, command);
            Compare(line, expected, actual, differences, anyOrder: false);
        }

        Assert.True(differences.Count == 0, $"{name}, RESP{protocol}:\n{string.Join('\n', differences)}");
    }

    private static void Compare(string step, Conversation expected, Conversation actual, List<string> differences, bool anyOrder)
    {
        for (var client = 0; client < Clients; client++)
        {
            var (left, right) = (expected.Heard(client), actual.Heard(client));
            if (left != right && !(anyOrder && SameLines(left, right)))
            {
                differences.Add($"{step}, client {client} hears\n  redis   {Quoted(left, From(left, right))}\n  trefoil {Quoted(right, From(left, right))}");
            }
        }
    }

    private static bool SameLines(string left, string right) =>
        left.Split("\r\n").Order(StringComparer.Ordinal).SequenceEqual(right.Split("\r\n").Order(StringComparer.Ordinal));

    /// <summary>A little before the first difference.</summary>
    private static int From(string left, string right) =>
        Math.Max(0, left.Zip(right).TakeWhile(pair => pair.First == pair.Second).Count() - 60);

    private static string Quoted(string text, int from)
    {
        var clipped = text.Length > from + 400 ? text[from..(from + 400)] + "…" : text[from..];
        return '"' + string.Concat(clipped.Select(c => c is < ' ' or > '~' ? $"\\x{(int)c:x2}" : $"{c}")) + '"';
    }

    private static int Setting(string name, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out var value) ? value : fallback;
}
