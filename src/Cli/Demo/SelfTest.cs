using System.Globalization;
using Trefoil.Client;
using Trefoil.Primitives;

namespace Trefoil.Cli.Demo;

/// <summary>What <c>demo --check</c> proves through real client connections, step by step.</summary>
internal sealed class SelfTest(ClusterClient client, IReadOnlyList<HostPort> nodes, int sampleKeys, TimeProvider time, CancellationToken cancellation)
{
    private static readonly TimeSpan ExpiryDeadline = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ExpiryPoll = TimeSpan.FromMilliseconds(20);
    private const int MostKeysTried = 100_000;

    private IEnumerable<(string Name, Func<Task<string?>> Step)> Steps =>
    [
        ("every node says the cluster is ok", EveryNodeIsOkAsync),
        ("the sample data is all there", SampleDataIsThereAsync),
        ("SET and GET work on every node", SetAndGetOnEveryNodeAsync),
        ("a MOVED is followed", MovedIsFollowedAsync),
        ("keys of two slots in one command are refused", CrossSlotIsRefusedAsync),
        ("INCR counts", IncrementCountsAsync),
        ("a hash keeps its fields", HashKeepsFieldsAsync),
        ("a key expires", KeyExpiresAsync),
    ];

    /// <summary>Runs every step, prints one line each, and returns the failures if there are any.</summary>
    public static async Task<CliFailure?> RunAsync(
        ClusterClient client, IReadOnlyList<HostPort> nodes, int sampleKeys, TextWriter output, TimeProvider time, CancellationToken cancellation)
    {
        var failed = new List<string>();
        await output.WriteLineAsync();
        foreach (var (name, step) in new SelfTest(client, nodes, sampleKeys, time, cancellation).Steps)
        {
            var problem = await step();
            await output.WriteLineAsync(problem is null ? $"ok    {name}" : $"FAIL  {name}: {problem}");
            if (problem is not null)
            {
                failed.Add($"{name}: {problem}");
            }
        }

        return failed.Count == 0 ? null : CliFailure.Failed("the self-test failed: " + string.Join("; ", failed));
    }

    private async Task<string?> EveryNodeIsOkAsync()
    {
        foreach (var node in nodes)
        {
            var reply = await client.SendToAsync(node, new RespCommand("CLUSTER", "INFO"), cancellation);
            foreach (var line in (string[])["cluster_state:ok", "cluster_slots_assigned:16384", $"cluster_known_nodes:{nodes.Count}"])
            {
                if (reply.Text?.Contains(line + "\r\n", StringComparison.Ordinal) != true)
                {
                    return $"CLUSTER INFO of {node} lacks {line}";
                }
            }
        }

        return null;
    }

    private async Task<string?> SampleDataIsThereAsync()
    {
        long sum = 0;
        foreach (var node in nodes)
        {
            sum += (await client.SendToAsync(node, new RespCommand("DBSIZE"), cancellation)).Integer;
        }

        return sum == sampleKeys ? null : $"{sum} keys, expected {sampleKeys}";
    }

    private async Task<string?> SetAndGetOnEveryNodeAsync()
    {
        await client.RefreshAsync(cancellation);
        foreach (var node in nodes)
        {
            if (KeyOn(node) is not { } key)
            {
                return $"no slot belongs to {node}";
            }

            var problem = await ExpectAsync("OK", "SET", key, "value of " + key)
                ?? await ExpectAsync("value of " + key, "GET", key)
                ?? await ExpectAsync("1", "DEL", key);
            if (problem is not null)
            {
                return problem;
            }
        }

        return null;
    }

    private async Task<string?> MovedIsFollowedAsync()
    {
        const string Key = "check:moved";
        var slot = HashSlot.Of("check:moved"u8);
        if (client.Map.OwnerOf(slot) is not { } owner || nodes.Count == 1)
        {
            return nodes.Count == 1 ? null : $"nobody serves slot {slot}";
        }

        var before = client.RedirectsFollowed;
        client.Correct(slot, nodes.First(n => n != owner));
        return await ExpectAsync("OK", "SET", Key, "x")
            ?? await ExpectAsync("1", "DEL", Key)
            ?? (client.RedirectsFollowed == before + 1 ? null : $"{client.RedirectsFollowed - before} redirects followed, expected 1");
    }

    private async Task<string?> CrossSlotIsRefusedAsync()
    {
        var reply = await client.SendAsync("MGET", "check:{a}", "check:{b}");
        return reply.IsError && reply.Text!.StartsWith("CROSSSLOT ", StringComparison.Ordinal) ? null : Unexpected("MGET", reply.Text, "CROSSSLOT");
    }

    private async Task<string?> IncrementCountsAsync() =>
        await ExpectAsync("1", "INCR", "check:counter")
        ?? await ExpectAsync("42", "INCRBY", "check:counter", "41")
        ?? await ExpectAsync("1", "DEL", "check:counter");

    private async Task<string?> HashKeepsFieldsAsync() =>
        await ExpectAsync("2", "HSET", "check:hash", "a", "1", "b", "2")
        ?? await ExpectAsync("2", "HGET", "check:hash", "b")
        ?? await ExpectAsync("1", "HDEL", "check:hash", "a")
        ?? await ExpectAsync("1", "HLEN", "check:hash")
        ?? await ExpectAsync("1", "DEL", "check:hash");

    private async Task<string?> KeyExpiresAsync()
    {
        const string Key = "check:expiry";
        if (await ExpectAsync("OK", "SET", Key, "x", "PX", "100") is { } problem)
        {
            return problem;
        }

        var start = time.GetTimestamp();
        while (await ExpectAsync("0", "EXISTS", Key) is { } still)
        {
            if (time.GetElapsedTime(start) > ExpiryDeadline)
            {
                return $"after {ExpiryDeadline.TotalSeconds:0} s {still}";
            }

            await Task.Delay(ExpiryPoll, time, cancellation);
        }

        return null;
    }

    private async Task<string?> ExpectAsync(string expected, params string[] command)
    {
        var reply = await client.SendAsync(command);
        return reply.Text == expected ? null : Unexpected(string.Join(' ', command), reply.Text, expected);
    }

    private static string Unexpected(string command, string? got, string expected) => $"{command} answered '{got ?? "nil"}', expected '{expected}'";

    private string? KeyOn(HostPort node)
    {
        for (var i = 0; i < MostKeysTried; i++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"check:{i}");
            if (client.Map.OwnerOf(HashSlot.Of(System.Text.Encoding.UTF8.GetBytes(key))) == node)
            {
                return key;
            }
        }

        return null;
    }
}
