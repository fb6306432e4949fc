using System.Net;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Trefoil.Cluster.Assertions;

/// <summary>Posts claims on a connection of its own until it is stopped or the server is gone: one alone and a batch in turn.</summary>
internal sealed class ClaimWriter
{
    private const int MaxBatch = 40;
    private readonly List<PostedClaim> _acknowledged = [];
    private readonly Random _random;
    private readonly int _writer;
    private readonly Task _work;
    private int _made;
    private int _count;
    private volatile bool _stop;

    /// <summary>Starts to write.</summary>
    /// <param name="port">Of the API.</param>
    /// <param name="writer">No other writer of the test has this number.</param>
    public ClaimWriter(int port, int writer)
    {
        _writer = writer;
        _random = new Random(writer);
        _work = Task.Run(() => WriteAsync(port));
    }

    /// <summary>How many claims were acknowledged so far.</summary>
    public int Count => Volatile.Read(ref _count);

    public bool HasEnded => _work.IsCompleted;

    /// <summary>What was sent last and not answered: it may be there or not.</summary>
    public IReadOnlyList<string> InDoubt { get; private set; } = [];

    /// <summary>Returns once so many claims are acknowledged, or all writers have ended.</summary>
    public static void Await(ClaimWriter[] writers, int claims) =>
        Assert.True(SpinWait.SpinUntil(
            () => writers.Sum(writer => writer.Count) >= claims || writers.All(writer => writer.HasEnded), TimeSpan.FromSeconds(60)));

    /// <summary>Everything that was acknowledged, once the server is gone.</summary>
    public async Task<IReadOnlyList<PostedClaim>> EndedAsync()
    {
        await _work;
        return _acknowledged;
    }

    /// <summary>Ends it after the answer that it waits for.</summary>
    public Task<IReadOnlyList<PostedClaim>> StopAsync()
    {
        _stop = true;
        return EndedAsync();
    }

    /// <summary>Posts claims in one batch; the answer acknowledges every one.</summary>
    public static async Task<PostedClaim[]> PostBatchAsync(HttpClient client, IReadOnlyList<string> claims)
    {
        using var body = new StringContent(string.Join('\n', claims), Encoding.UTF8, "application/x-ndjson");
        using var answer = await client.PostAsync(new Uri("/v1/assertions:batch", UriKind.Relative), body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(claims.Count, lines.Length);
        return [.. claims.Zip(lines, Acknowledged)];
    }

    private async Task WriteAsync(int port)
    {
        try
        {
            using var client = ClaimJudge.Connect(port);
            while (!_stop)
            {
                InDoubt = [PostedClaim.Make(_writer, _made++, _random)];
                Note([await PostAsync(client, InDoubt[0])]);
                InDoubt = [.. Enumerable.Range(0, _random.Next(1, MaxBatch)).Select(_ => PostedClaim.Make(_writer, _made++, _random))];
                Note(await PostBatchAsync(client, InDoubt));
            }
        }
        catch (Exception end) when (end is HttpRequestException or IOException)
        {
            // The server was killed.
        }
    }

    private void Note(PostedClaim[] claims)
    {
        _acknowledged.AddRange(claims);
        InDoubt = [];
        Volatile.Write(ref _count, _acknowledged.Count);
    }

    private static async Task<PostedClaim> PostAsync(HttpClient client, string claim)
    {
        using var body = new StringContent(claim, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri("/v1/assertions", UriKind.Relative), body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Created, text);
        return new PostedClaim(JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()!, claim);
    }

    private static PostedClaim Acknowledged(string claim, string line)
    {
        using var result = JsonDocument.Parse(line);
        Assert.True(result.RootElement.GetProperty("status").GetInt32() is 200 or 201, line);
        return new PostedClaim(result.RootElement.GetProperty("id").GetString()!, claim);
    }
}
