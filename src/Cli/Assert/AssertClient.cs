using System.Net.Http.Headers;
using System.Text.Json;

namespace Trefoil.Cli.Assert;

/// <summary>Asks a node's HTTP API. What it refuses, and that it cannot be reached, are failures with a text for people.</summary>
internal sealed class AssertClient : IDisposable
{
    /// <summary>How often a request is sent to a node whose queue is full before that is the answer.</summary>
    private const int MostAttempts = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BusyPause = TimeSpan.FromSeconds(1);
    private readonly HttpClient _http;

    public AssertClient(Uri node, TimeProvider time)
    {
        Node = node;
        Time = time;

        // A node is reached directly, as everything else that belongs to a cluster: a proxy in the environment is meant for the web.
        _http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = ConnectPatience, UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = node,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public Uri Node { get; }

    public TimeProvider Time { get; }

    /// <summary>The query of a URL, without parameters that are null.</summary>
    public static string Query(IEnumerable<(string Name, string? Value)> parameters)
    {
        var given = parameters.Where(p => p.Value is not null).Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value!)}").ToList();
        return given.Count == 0 ? "" : "?" + string.Join('&', given);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Asks for a JSON object.</summary>
    public async Task<(JsonElement Answer, CliFailure? Failure)> AskAsync(string target, byte[]? body, CancellationToken cancellation)
    {
        var (bytes, failure) = await SendAsync(target, body, "application/json", cancellation);
        return failure is not null ? (default, failure)
            : Read(bytes) is { ValueKind: JsonValueKind.Object } answer ? (answer, null)
            : (default, Strange("something that is not a JSON object"));
    }

    /// <summary>Posts <paramref name="body"/>, or gets if it is null; returns the body of the answer.</summary>
    public async Task<(byte[] Answer, CliFailure? Failure)> SendAsync(string target, byte[]? body, string type, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var patience = new CancellationTokenSource(Patience, Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
            try
            {
                using var request = Request(target, body, type);
                using var response = await _http.SendAsync(request, either.Token);
                var answer = await response.Content.ReadAsByteArrayAsync(either.Token);
                if (response.IsSuccessStatusCode)
                {
                    return (answer, null);
                }

                var problem = Problem.Read(answer);
                if (problem?.Code != "busy" || attempt == MostAttempts)
                {
                    return ([], problem is null ? Strange($"status {(int)response.StatusCode} without saying why") : CliFailure.Failed(problem.ToString()));
                }
            }
            catch (Exception error) when (error is HttpRequestException or IOException)
            {
                return ([], Unreachable(error));
            }
            catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
            {
                return ([], CliFailure.Unreachable($"the node at {Shown} took the question and gave no answer for {Patience.TotalSeconds:0} s: look at its log and its disk."));
            }

            await Task.Delay(BusyPause, Time, cancellation);
        }
    }

    /// <summary>Opens the feed of arrivals after <paramref name="since"/>; the caller disposes the response.</summary>
    public async Task<(HttpResponseMessage? Feed, CliFailure? Failure)> OpenFeedAsync(ulong since, string? prefix, CancellationToken cancellation)
    {
        var target = "/v1/feed" + Query([("since", $"{since}"), ("prefix", prefix)]);
        HttpResponseMessage? response = null;
        try
        {
            using var request = Request(target, null, "");
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (response.IsSuccessStatusCode)
            {
                return (response, null);
            }

            var problem = Problem.Read(await response.Content.ReadAsByteArrayAsync(cancellation));
            response.Dispose();
            return (null, problem is null ? Strange($"status {(int)response.StatusCode} without saying why") : CliFailure.Failed(problem.ToString()));
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            response?.Dispose();
            return (null, Unreachable(error));
        }
    }

    /// <summary>The number of the newest arrival.</summary>
    public async Task<(ulong Arrival, CliFailure? Failure)> LastArrivalAsync(CancellationToken cancellation)
    {
        var (answer, failure) = await AskAsync("/v1/cluster/status", null, cancellation);
        return failure is not null ? (0, failure)
            : ulong.TryParse(answer.Member("assertions").Said("lastArrival"), out var arrival) ? (arrival, null)
            : (0, Strange("a status without lastArrival"));
    }

    /// <summary>The failure of an answer that no node would give.</summary>
    public CliFailure Strange(string what) =>
        CliFailure.Failed($"{Shown} answered {what}: is it the api_port of a trefoil node?");

    private static JsonElement? Read(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static HttpRequestMessage Request(string target, byte[]? body, string type)
    {
        var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, target);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        return request;
    }

    private string Shown => Node.GetLeftPart(UriPartial.Authority);

    private CliFailure Unreachable(Exception error) => CliFailure.Unreachable(
        $"no node answers at {Shown}: {(error.InnerException ?? error).Message.TrimEnd('.')}. Is one running there, with assertions on (its log says so; they need RocksDB)? --url names another.");
}
