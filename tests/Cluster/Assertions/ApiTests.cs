using System.Text;
using System.Text.RegularExpressions;
using Trefoil.Assertions.Http;
using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Assertions;

public sealed class ApiTests
{
    private const string Pain = """{"subject":"drug/aspirin","predicate":"treats","object":{"Text":"pain"},"confidence":0.9}""";
    private const string PainId = "02e398ae0cd3b0798e4bab63ddbeec148201c54d7029b20905fdc45531453e68";

    [Fact]
    public async Task Every_route_answers_as_kept()
    {
        using var node = await ApiNode.StartAsync();

        await node.AskAsync("GET", "/healthz");
        await node.AskAsync("GET", "/readyz");
        await node.AskAsync("POST", "/v1/assertions", Pain);
        await node.AskAsync("POST", "/v1/assert?ack=all", Pain);
        await node.AskAsync("POST", "/v1/assertions:batch", string.Join('\n',
            """{"subject":"fda://drug/aspirin","predicate":"treats","object":{"type":"Text","value":"fever"},"confidence":0.8,"assertedAt":1700000000000}""",
            """{"subject":"drug/aspirin","predicate":"treats","object":{"Text":"fever"},"confidence":1.1}""",
            """{"subject":"drug/aspirin","predicate":"treats","object":{"Text":"fever"},"confidence":0.7,"sourceClass":"Regulatory","parents":[{"id":"PAIN","kind":"refutes"}]}""".Replace("PAIN", PainId, StringComparison.Ordinal),
            Pain,
            """{"subject":"drug/aspirin/dose","predicate":"max","object":{"Integer":4000},"confidence":0.5}"""));
        await node.AskAsync("GET", $"/v1/assertions/{PainId}");
        await node.AskAsync("GET", $"/v1/assertions/{PainId}", null, $"If-None-Match: \"{PainId}\"");
        await node.AskAsync("HEAD", $"/v1/assertions/{PainId}");
        await node.AskAsync("GET", $"/v1/assertions/{PainId}/proof");
        await node.AskAsync("POST", "/v1/votes", $$"""{"id":"{{PainId}}","value":0.5}""");
        await node.AskAsync("POST", "/v1/votes", $$"""{"id":"{{PainId}}","value":-0.25}""");
        await node.AskAsync("POST", "/v1/lifecycle", $$"""{"id":"{{PainId}}","state":"Approved"}""");
        await node.AskAsync("GET", $"/v1/assertions/{PainId}?state=true");
        await node.AskAsync("GET", "/v1/query?subject=drug/aspirin&predicate=treats&lens=authority&explain=true");
        var first = await node.AskAsync("GET", "/v1/query?prefix=&limit=2");
        await node.AskAsync("GET", $"/v1/query?prefix=&limit=2&cursor={Regex.Match(first, "\"next\":\"([^\"]+)\"").Groups[1].Value}");
        await node.AskAsync("GET", "/v1/query?subject=drug/aspirin&asOf=2020-01-01");
        await node.AskAsync("GET", "/v1/skeptic?subject=drug/aspirin");
        await node.AskAsync("GET", "/v1/layered?subject=drug/aspirin");
        await node.AskAsync("GET", "/v1/concepts");
        await node.AskAsync("GET", "/v1/concepts/drug/aspirin");
        await node.AskAsync("GET", "/v1/concepts/fda://");
        var refuting = Regex.Match(await node.SendAsync("GET", $"/v1/trace/{PainId}", null), "\"children\":\\[{\"id\":\"([0-9a-f]{64})").Groups[1].Value;
        await node.AskAsync("GET", $"/v1/trace/{refuting}");
        await node.AskAsync("GET", $"/v1/trace/{PainId}?depth=1");
        await node.AskAsync("GET", "/v1/diff?from=2020-01-01&to=2100-01-01&prefix=drug/aspirin&predicate=treats");
        await node.AskAsync("POST", "/v1/retractions", $$"""{"id":"{{PainId}}"}""");
        await node.AskAsync("POST", "/v1/retractions", $$"""{"id":"{{PainId}}"}""");
        await node.AskAsync("POST", "/v1/assertions", Pain);
        await node.AskAsync("GET", "/v1/feed?since=0&limit=8");
        await node.AskAsync("GET", "/v1/cluster/status");
        await node.AskAsync("GET", "/v1/cluster/members");
        foreach (var (method, path) in ((string, string)[])[("GET", "cluster/shards"), ("GET", "cluster/ranges"), ("POST", "admin/sync"), ("POST", "admin/split"), ("POST", "admin/merge")])
        {
            await node.AskAsync(method, "/v1/" + path);
        }

        node.Check("walk");
        Assert.Contains("trefoil_assertions_claims 4\n", await node.SendAsync("GET", "/metrics", null), StringComparison.Ordinal);
        Assert.Contains("\"openapi\": \"3.1.0\"", await node.SendAsync("GET", "/openapi.json", null), StringComparison.Ordinal);
        Assert.DoesNotContain(AssertionApi.Routes, route => !node.Asked.Exists(asked => asked.Method == route.Method
            && Regex.IsMatch(asked.Path, "^" + Regex.Escape(route.Pattern).Replace("\\{id}", "[^/]+", StringComparison.Ordinal).Replace("\\{path}", ".+", StringComparison.Ordinal) + "$")));
    }

    [Fact]
    public async Task Wrong_input_of_each_kind_is_told_precisely_and_stores_nothing()
    {
        using var node = await ApiNode.StartAsync();
        await node.AskAsync("POST", "/v1/assertions", Pain);
        await node.AskAsync("POST", "/v1/assertions", Pain.Replace("aspirin", "ibuprofen", StringComparison.Ordinal));
        var cursor = Regex.Match(await node.SendAsync("GET", "/v1/query?prefix=drug&limit=1", null), "\"next\":\"([^\"]+)\"").Groups[1].Value;
        var stored = await node.StoredAsync();
        string With(string member) => Pain.Replace("\"confidence\":0.9", member, StringComparison.Ordinal);

        foreach (var body in (string[])
        [
            Pain.Replace("}", "", StringComparison.Ordinal),
            With("\"confidence\":1.1"),
            With("\"confidence\":-0.1"),
            With("\"confidence\":0.9,\"colour\":1"),
            With("\"confidence\":0.9,\"id\":\"" + new string('0', 64) + "\""),
            With("\"confidence\":0.9,\"signature\":\"" + new string('0', 128) + "\""),
            With("\"confidence\":0.9,\"agent\":\"" + new string('1', 64) + "\",\"signature\":\"" + new string('0', 128) + "\""),
            With("\"confidence\":0.9,\"agent\":\"" + new string('f', 64) + "\""),
            With("\"confidence\":0.9,\"validFrom\":2,\"validTo\":1"),
            Pain.Replace("{\"Text\":\"pain\"}", "{\"Number\":NaN}", StringComparison.Ordinal),
            Pain.Replace("{\"Text\":\"pain\"}", "{\"Number\":1e999}", StringComparison.Ordinal),
            Pain.Replace("{\"Text\":\"pain\"}", "{\"Colour\":1}", StringComparison.Ordinal),
            Pain.Replace("drug/aspirin", "drug//aspirin", StringComparison.Ordinal),
            Pain.Replace("drug/aspirin", new string('a', 1025), StringComparison.Ordinal),
            "[]",
            "",
        ])
        {
            await node.AskAsync("POST", "/v1/assertions", body);
        }

        await node.AskBytesAsync("/v1/assertions", [.. Encoding.UTF8.GetBytes(Pain[..30]), 0xFF, .. Encoding.UTF8.GetBytes(Pain[30..])], "a byte FF in the subject");
        await node.AskBytesAsync("/v1/assertions", new byte[(1 << 20) + 1], "a body of 1 MiB and a byte");
        await node.AskBytesAsync("/v1/assertions:batch", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Pain + "\n", 10_001))), "a batch of 10 001 lines");
        await node.AskBytesAsync("/v1/assertions:batch", new byte[(16 << 20) + 1], "a batch of 16 MiB and a byte");
        await node.AskAsync("POST", "/v1/assertions?ack=one", Pain);
        await node.AskAsync("POST", "/v1/assertions?ack=some", Pain);
        await node.AskAsync("POST", "/v1/assertions", Pain, "X-Trefoil-Min-Hlc: yesterday");
        await node.AskAsync("GET", "/v1/query?prefix=", null, $"X-Trefoil-Min-Hlc: 1-0-{new string('7', 32)}");
        await node.AskAsync("POST", "/v1/votes", $$"""{"id":"{{PainId}}","value":2}""");
        await node.AskAsync("POST", "/v1/votes", $$"""{"id":"{{new string('0', 64)}}","value":1}""");
        await node.AskAsync("POST", "/v1/retractions", $$"""{"id":"{{PainId}}","agent":"{{new string('1', 64)}}"}""");
        await node.AskAsync("POST", "/v1/lifecycle", $$"""{"id":"{{PainId}}","state":"Perfect"}""");
        foreach (var target in (string[])
        [
            "/v1/assertions/xyz", $"/v1/assertions/{new string('0', 64)}", $"/v1/assertions/{new string('0', 64)}/proof", "/v1/trace/xyz", $"/v1/trace/{PainId}?depth=65",
            "/v1/query", "/v1/query?subject=a&prefix=b", "/v1/query?subject=a//b", "/v1/query?subject=%FF", "/v1/query?subject=a%2", "/v1/query?prefix=&lens=psychic",
            "/v1/query?prefix=&color=red", "/v1/query?prefix=&prefix=", "/v1/query?prefix=&limit=0", "/v1/query?prefix=&limit=many", "/v1/query?prefix=&asOf=yesterday",
            "/v1/query?prefix=&minTier=7", "/v1/query?prefix=&cursor=!", $"/v1/query?prefix=&cursor={cursor}", "/v1/skeptic?prefix=&lens=all", "/v1/diff?from=1", "/v1/diff?from=2&to=1",
            "/v1/concepts/a//b", "/v1/feed?since=-1", "/v1/nothing",
        ])
        {
            await node.AskAsync("GET", target);
        }

        await node.AskAsync("DELETE", $"/v1/assertions/{PainId}");

        Assert.Equal("\"claims\":2,\"records\":2", stored);
        Assert.Equal(stored, await node.StoredAsync());
        node.Check("refusals");
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_kill_and_a_session_reads_what_it_wrote()
    {
        using var node = await ApiNode.StartAsync();
        var answer = await node.SendAsync("POST", "/v1/assertions", Encoding.UTF8.GetBytes(Pain));
        var token = Regex.Match(answer, "X-Trefoil-Hlc: (\\S+)").Groups[1].Value;
        Assert.Contains($"\"hlc\":\"{token}\"", answer, StringComparison.Ordinal);

        await node.Node.KillAsync();
        await node.Node.StartAsync();

        Assert.StartsWith("HTTP/1.1 200", await node.SendAsync("GET", $"/v1/assertions/{PainId}", null, $"X-Trefoil-Min-Hlc: {token}"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await node.SendAsync("POST", "/v1/assertions", Encoding.UTF8.GetBytes(Pain)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feed_tells_what_comes_later_and_does_not_hold_up_a_stop()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var node = await ApiNode.StartAsync();
        using var curl = Tool.Start("curl", "-sSN", $"http://127.0.0.1:{node.Port}/v1/feed");
        Assert.Equal(": a feed of arrivals", await curl.StandardOutput.ReadLineAsync(cancellation));
        await node.SendAsync("POST", "/v1/assertions", Encoding.UTF8.GetBytes(Pain));

        Assert.Equal("retry: 2000", await curl.StandardOutput.ReadLineAsync(cancellation));
        Assert.Equal("", await curl.StandardOutput.ReadLineAsync(cancellation));
        Assert.Equal("id: 1", await curl.StandardOutput.ReadLineAsync(cancellation));
        Assert.Equal("event: claim", await curl.StandardOutput.ReadLineAsync(cancellation));
        Assert.Contains(PainId, await curl.StandardOutput.ReadLineAsync(cancellation), StringComparison.Ordinal);
        await node.Node.StopAsync();
        await curl.WaitForExitAsync(cancellation);
    }

    [Fact]
    public async Task Prometheus_own_tool_finds_nothing_wrong_with_the_metrics()
    {
        if (Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, "promtool")).FirstOrDefault(File.Exists) is not { } promtool)
        {
            Assert.Skip("promtool is not installed (Debian: prometheus)");
            return;
        }

        using var node = await ApiNode.StartAsync();
        await node.SendAsync("POST", "/v1/assertions", Encoding.UTF8.GetBytes(Pain));
        await node.SendAsync("GET", "/metrics", null);
        var metrics = await node.SendAsync("GET", "/metrics", null);

        (await Tool.RunWithInputAsync(metrics[(metrics.IndexOf("\n\n", StringComparison.Ordinal) + 2)..], promtool, "check", "metrics")).Ok();
    }
}
