using System.Globalization;
using System.Net;
using Xunit;

namespace Trefoil.Cluster.Assertions;

/// <summary>Compares what a node serves with what was acknowledged.</summary>
internal sealed class ClaimJudge(int port) : IDisposable
{
    private readonly HttpClient _client = Connect(port);

    public HttpClient Client => _client;

    public static HttpClient Connect(int port) =>
        new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(30) };

    public void Dispose() => _client.Dispose();

    /// <summary>Every one is there with the same bytes.</summary>
    public async Task AllAreKeptAsync(IEnumerable<PostedClaim> claims, string when)
    {
        foreach (var claim in claims)
        {
            var (status, _, body) = await GetAsync($"/v1/assertions/{claim.Id}");
            Assert.True(status == HttpStatusCode.OK && body == claim.Answer, $"{when}: acknowledged {claim.Answer}but read {(int)status} {body}");
        }
    }

    /// <summary>Each answer is the right one or a problem of the server's; returns how many are problems.</summary>
    public async Task<int> NoneIsWrongAsync(IEnumerable<PostedClaim> claims, string when)
    {
        var problems = 0;
        foreach (var claim in claims)
        {
            problems += await IsRightOrSaidAsync($"/v1/assertions/{claim.Id}", claim.Answer, when) ? 0 : 1;
        }

        return problems;
    }

    /// <summary>True if a read answers as expected, false if it answers that it cannot.</summary>
    public async Task<bool> IsRightOrSaidAsync(string path, string expected, string when)
    {
        var (status, type, body) = await GetAsync(path);
        var isSaid = status >= HttpStatusCode.InternalServerError && type == "application/problem+json";
        Assert.True(isSaid || (status == HttpStatusCode.OK && Stable(body) == expected), $"{when}: {path} is {expected} but read {(int)status} {body}");
        return !isSaid;
    }

    /// <summary>What a read answers, without the instant until which it is final.</summary>
    public async Task<string> ReadAsync(string path)
    {
        var (status, _, body) = await GetAsync(path);
        Assert.True(status == HttpStatusCode.OK, body);
        return Stable(body);
    }

    /// <summary>How many assertions the node counts.</summary>
    public async Task<int> CountAsync()
    {
        const string name = "trefoil_assertions_claims ";
        var (_, _, metrics) = await GetAsync("/metrics");
        return int.Parse(metrics.Split('\n').Single(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..], CultureInfo.InvariantCulture);
    }

    private static string Stable(string body) => body.Split("\"stableThrough\"")[0];

    private async Task<(HttpStatusCode Status, string Type, string Body)> GetAsync(string path)
    {
        using var answer = await _client.GetAsync(new Uri(path, UriKind.Relative));
        return (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType ?? "", await answer.Content.ReadAsStringAsync());
    }
}
