using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Trefoil.Wire.Resp;
using Xunit;

namespace Trefoil.Cluster.Differential;

/// <summary>What COMMAND says of every command that we have is what a real redis-server says of it.</summary>
public sealed class CommandTableTests
{
    private static readonly string[] Parts =
        ["name", "arity", "flags", "first key", "last key", "step", "ACL categories", "tips", "key specifications"];

    [Fact]
    public async Task Arity_flags_and_key_positions_are_those_of_redis()
    {
        using var redis = await RedisServer.StartAsync();
        await using var trefoil = await EmbeddedServer.StartAsync();
        var theirs = Entries(redis.Port);
        var ours = Entries(trefoil.Port);
        var later = LaterCommands();
        var differences = new List<string>();
        var compared = 0;
        foreach (var (name, entry) in ours)
        {
            if (!theirs.TryGetValue(name, out var expected))
            {
                if (!later.Contains(name))
                {
                    differences.Add($"{name} is no command of Redis 7.0");
                }

                continue;
            }

            compared++;
            for (var part = 0; part < Parts.Length; part++)
            {
                var (left, right) = (Text(expected.Items![part], part), Text(entry.Items![part], part));
                if (left != right)
                {
                    differences.Add($"{name}, {Parts[part]}\n  redis   {left}\n  trefoil {right}");
                }
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.True(compared > 200, $"only {compared} commands were compared");
    }

    /// <summary>Too few arguments, or one too many: an error whatever the command does, so that even SHUTDOWN can be asked.</summary>
    [Fact]
    public async Task Every_wrong_arity_is_answered_as_redis_answers_it()
    {
        using var redis = await RedisServer.StartAsync();
        await using var trefoil = await EmbeddedServer.StartAsync();
        var theirs = Entries(redis.Port);
        using var expected = new RawConnection(redis.Port);
        using var actual = new RawConnection(trefoil.Port);
        var differences = new List<string>();
        foreach (var (name, entry) in Entries(trefoil.Port).Where(pair => theirs.ContainsKey(pair.Key)))
        {
            var path = name.Split('|');
            var arity = (int)entry.Items![1].Integer;
            var counts = Enumerable.Range(path.Length, Math.Max(0, Math.Abs(arity) - path.Length)).ToList();
            if (arity > 0 && entry.Items[9].Items!.Count == 0)
            {
                counts.Add(arity + 1);
            }

            foreach (var count in counts)
            {
                string[] command = [.. path, .. Enumerable.Repeat("{t}1", count - path.Length)];
                var (left, right) = (Encoding.Latin1.GetString(expected.Call(command)), Encoding.Latin1.GetString(actual.Call(command)));
                if (left != right)
                {
                    differences.Add($"{string.Join(' ', command)}\n  redis   {left}\n  trefoil {right}");
                }
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    /// <summary>Newer than Redis 7.0, or ours.</summary>
    private static HashSet<string> LaterCommands([CallerFilePath] string here = "")
    {
        var rows = File.ReadLines(Path.Combine(Path.GetDirectoryName(here)!, "../../../src/KeyValue/Commands/Table/later.jsonl"));
        return rows.Select(row => JsonDocument.Parse(row).RootElement.GetProperty("name").GetString()!).ToHashSet(StringComparer.Ordinal);
    }

    private static SortedDictionary<string, RespReply> Entries(int port)
    {
        using var connection = new RawConnection(port);
        var reader = new RespReplyReader();
        reader.Feed(connection.Call("COMMAND"));
        Assert.True(reader.TryRead(out var reply), reader.Failure);
        var entries = new SortedDictionary<string, RespReply>(StringComparer.Ordinal);
        foreach (var entry in reply.Items!)
        {
            entries.Add(Text(entry.Items![0], 0), entry);
            foreach (var child in entry.Items![9].Items!)
            {
                entries.Add(Text(child.Items![0], 0), child);
            }
        }

        return entries;
    }

    /// <summary>Names in a set have no order.</summary>
    private static string Text(RespReply reply, int part) => reply.Items is { } items
        ? "[" + string.Join(' ', part == 8 ? items.Select(item => Text(item, part)) : items.Select(item => Text(item, part)).Order(StringComparer.Ordinal)) + "]"
        : reply.Text ?? $"{reply.Integer}";
}
