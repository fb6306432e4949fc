using System.Text;
using System.Text.RegularExpressions;
using Trefoil.Cluster.Differential;
using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Assertions;

/// <summary>A node with assertions on, asked by curl; the transcript shows what was asked and what came back, without times and names of nodes.</summary>
internal sealed partial class ApiNode : IDisposable
{
    private static readonly string[] Shown = ["Content-Type", "Location", "ETag", "Cache-Control", "Allow", "Retry-After", "X-Trefoil-Hlc"];
    private readonly ServedNode _node;
    private readonly string _scratch = System.IO.Directory.CreateTempSubdirectory("trefoil-test-").FullName;

    private ApiNode(int port)
    {
        Port = port;
        _node = ServedNode.Create("--assertions", "true", "--api-port", $"{port}");
    }

    public int Port { get; }

    public ServedNode Node => _node;

    /// <summary>What was asked so far, as method and path without the query.</summary>
    public List<(string Method, string Path)> Asked { get; } = [];

    public StringBuilder Transcript { get; } = new();

    public static async Task<ApiNode> StartAsync()
    {
        var node = new ApiNode(RedisServer.FreePort());
        await node._node.StartAsync();
        return node;
    }

    /// <summary>Asks, and puts question and answer into the transcript; returns the answer's body.</summary>
    public async Task<string> AskAsync(string method, string target, string? body = null, params string[] headers)
    {
        var answer = await SendAsync(method, target, body is null ? null : Encoding.UTF8.GetBytes(body), headers);
        Transcript.Append("> ").Append(method).Append(' ').Append(target).Append('\n');
        foreach (var header in headers)
        {
            Transcript.Append("> ").Append(header).Append('\n');
        }

        if (body is not null)
        {
            Transcript.Append(body.Length > 400 ? $"({body.Length} characters)" : body.TrimEnd('\n')).Append('\n');
        }

        Transcript.Append(Normal(answer)).Append('\n');
        return answer[(answer.IndexOf("\n\n", StringComparison.Ordinal) + 2)..];
    }

    /// <summary>As <see cref="AskAsync"/> with bytes that need not be text, described by <paramref name="what"/>.</summary>
    public async Task AskBytesAsync(string target, byte[] body, string what)
    {
        var answer = await SendAsync("POST", target, body);
        Transcript.Append("> POST ").Append(target).Append('\n').Append('(').Append(what).Append(")\n").Append(Normal(answer)).Append('\n');
    }

    /// <summary>What is stored now: numbers of claims and records.</summary>
    public async Task<string> StoredAsync()
    {
        var status = await SendAsync("GET", "/v1/cluster/status", null);
        return Regex.Match(status, "\"claims\":\\d+,\"records\":\\d+").Value;
    }

    /// <summary>Status, headers and body, by curl.</summary>
    public async Task<string> SendAsync(string method, string target, byte[]? body, params string[] headers)
    {
        List<string> arguments = ["-sS", "-i", "--path-as-is", "--max-time", "30", method == "HEAD" ? "-I" : "-X", .. method == "HEAD" ? (string[])[] : [method]];
        foreach (var header in headers)
        {
            arguments.AddRange(["-H", header]);
        }

        if (body is not null)
        {
            var file = Path.Combine(_scratch, "body");
            await File.WriteAllBytesAsync(file, body);
            arguments.AddRange(["-H", "Expect:", "--data-binary", "@" + file]);
        }

        Asked.Add((method, target.Split('?')[0]));
        return (await Tool.RunAsync("curl", [.. arguments, $"http://127.0.0.1:{Port}{target}"])).Ok().Output.ReplaceLineEndings("\n");
    }

    public void Dispose()
    {
        _node.Dispose();
        System.IO.Directory.Delete(_scratch, recursive: true);
    }

    /// <summary>Compares the transcript with the one kept in tests/Cluster/Golden; UPDATE_GOLDEN=1 writes it.</summary>
    public void Check(string name)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "tests", "Cluster", "Golden", "Assertions", name + ".txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, Transcript.ToString());
        }

        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), Transcript.ToString());
    }

    private string Normal(string answer)
    {
        var end = answer.IndexOf("\n\n", StringComparison.Ordinal);
        var head = answer[..end].Split('\n');
        var headers = Shown.SelectMany(name => head.Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)));
        var text = string.Join('\n', headers.Prepend("< " + head[0]).Append(answer[(end + 2)..].TrimEnd('\n')));
        text = Hlc().Replace(text, "(hlc)");
        text = Milliseconds().Replace(text, "(ms)");
        text = Node32().Replace(text, "(node)");
        return text.Replace($"{Port}", "(port)", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\d{13}-\d+-[0-9a-f]{32}")]
    private static partial Regex Hlc();

    [GeneratedRegex(@"(?<=""(ms|stableThrough)"":)\d{13}")]
    private static partial Regex Milliseconds();

    [GeneratedRegex(@"(?<=""(node|id)"":""|""copies"":\["")[0-9a-f]{32}(?="")")]
    private static partial Regex Node32();
}
