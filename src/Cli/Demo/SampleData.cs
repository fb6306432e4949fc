using Trefoil.Client;
using Trefoil.Primitives;

namespace Trefoil.Cli.Demo;

/// <summary>A few hundred keys of every type there is, spread over all slots.</summary>
internal static class SampleData
{
    private const int Users = 150;
    private const int Pages = 100;
    private const int Sessions = 50;
    private static readonly string[] Cities = ["Bern", "Lima", "Oslo", "Quito", "Riga", "Suva"];

    /// <summary>Loads the data; returns how many keys, or the first error.</summary>
    public static async Task<(int Keys, string? Failure)> LoadAsync(ClusterClient client, CancellationToken cancellation)
    {
        var commands = Commands().ToList();
        var replies = await Task.WhenAll(commands.Select(c =>
        {
            var command = new RespCommand(c);
            return client.SendAsync(HashSlot.Of(command.Arguments[1].Span), command, cancellation);
        }));
        return (commands.Count, replies.FirstOrDefault(r => r.IsError)?.Text);
    }

    private static IEnumerable<string[]> Commands()
    {
        // A fixed seed: every demo holds the same data, so that what a page about it says stays true.
        var random = new Prng(2026);
        for (var i = 1; i <= Users; i++)
        {
            yield return ["HSET", $"user:{i}", "name", $"user {i}", "city", Cities[random.Below(Cities.Length)], "visits", $"{random.Below(1000)}"];
        }

        for (var i = 1; i <= Pages; i++)
        {
            yield return ["SET", $"page:{i}:views", $"{random.Below(100000)}"];
        }

        for (var i = 1; i <= Sessions; i++)
        {
            yield return ["SET", $"session:{i}", $"user:{1 + random.Below(Users)}", "EX", "3600"];
        }
    }
}
