using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Trefoil.Assertions.Engine;
using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Http;

/// <summary>Every route of the API, from the first request on: until <see cref="Open"/> all but those about health answer that it is starting.</summary>
public sealed class AssertionApi : IDisposable
{
    /// <summary>Connections at once; one more is closed.</summary>
    internal const int MaxConnections = 10_000;

    private readonly Func<ClusterView> _cluster;
    private readonly Action<Exception> _failed;
    private readonly ApiMetrics _metrics = new();
    private readonly BodyBudget _bodies = new();
    private readonly CancellationTokenSource _stopping = new();
    private volatile AssertionService? _service;
    private volatile IReadOnlyList<Route> _routes;

    /// <summary>Makes the API of a node.</summary>
    /// <param name="cluster">The cluster as the node sees it; any thread asks.</param>
    /// <param name="failed">Told of an exception that a request ended in.</param>
    public AssertionApi(Func<ClusterView> cluster, Action<Exception> failed)
    {
        (_cluster, _failed) = (cluster, failed);
        _routes = RouteTable.Of(this, service: null, _metrics, _stopping.Token);
    }

    /// <summary>Method and path of every route.</summary>
    public static IReadOnlyList<(string Method, string Pattern)> Routes { get; } =
        [.. RouteTable.Of(api: null, service: null, new ApiMetrics(), default).Select(route => (route.Method, route.Pattern))];

    /// <summary>Recovery is over: serve.</summary>
    public void Open(AssertionService service)
    {
        _routes = RouteTable.Of(this, service, _metrics, _stopping.Token);
        _service = service;
    }

    /// <summary>Ends what would never end by itself, and answers no new request.</summary>
    public void Stop() => _stopping.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    /// <summary>Why the node is not ready; empty if it is.</summary>
    internal IReadOnlyList<string> NotReady() =>
        _service is null ? ["recovering: assertions are read back from the disk"]
        : _stopping.IsCancellationRequested ? ["stopping"]
        : _cluster().NotReady;

    /// <summary>The cluster now.</summary>
    internal ClusterView Cluster() => _cluster();

    /// <summary>Answers one request.</summary>
    internal async Task HandleAsync(HttpContext context)
    {
        var began = TimeProvider.System.GetTimestamp();
        var pattern = "none";
        Exchange? exchange = null;
        try
        {
            var raw = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
            var invalid = RequestTarget.TryRead(raw.StartsWith('/') ? raw : context.Request.Path + context.Request.QueryString, out var target);
            var service = _service;
            exchange = new Exchange(context, target) { Visible = service is null ? null : () => service.Visible, Bodies = _bodies };
            var (route, refusal) = invalid is null ? Find(exchange) : (null, invalid);
            pattern = route?.Pattern ?? pattern;
            if (service is not null)
            {
                refusal ??= Session(context, service);
            }
            else if (route is { IsAlwaysOpen: false })
            {
                refusal = new Invalid(ProblemCodes.Starting, "", "assertions are read back from the disk; /readyz tells when that is done");
            }

            await (refusal is null ? route!.Handle(exchange) : exchange.RefuseAsync(refusal));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested || _stopping.IsCancellationRequested)
        {
            // The client has gone, or we have.
        }
        catch (BadHttpRequestException error)
        {
            await FailAsync(context, new Invalid(ProblemCodes.MalformedRequest, "", error.Message));
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _failed(error);
            await FailAsync(context, new Invalid(ProblemCodes.Internal, "", "the request failed inside; the server's log says how"));
        }
        finally
        {
            exchange?.End();
            _metrics.Requests.Observe(context.Request.Method, pattern, context.Response.StatusCode, TimeProvider.System.GetElapsedTime(began));
        }
    }

    private static Task FailAsync(HttpContext context, Invalid problem)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        return new Exchange(context, new RequestTarget()).RefuseAsync(problem);
    }

    private (Route? Route, Invalid? Refusal) Find(Exchange exchange)
    {
        var method = HttpMethods.IsHead(exchange.Context.Request.Method) ? "GET" : exchange.Context.Request.Method;
        var (path, allowed) = (exchange.Target.Path, new List<string>());
        foreach (var route in _routes)
        {
            if (!route.Matches(path, out var variable))
            {
                continue;
            }

            if (route.Method == method)
            {
                exchange.Variable = variable;
                return (route, Unknown(exchange, route));
            }

            allowed.Add(route.Method);
        }

        if (allowed.Count == 0)
        {
            return (null, new Invalid(ProblemCodes.UnknownRoute, "", $"there is no {path} here; /openapi.json lists what there is"));
        }

        exchange.Context.Response.Headers.Allow = string.Join(", ", allowed.Distinct());
        return (null, new Invalid(ProblemCodes.MethodNotAllowed, "", $"{path} answers {string.Join(", ", allowed.Distinct())}, not {exchange.Context.Request.Method}"));
    }

    private static Invalid? Unknown(Exchange exchange, Route route)
    {
        foreach (var (name, _) in exchange.Target.Parameters)
        {
            if (!route.Parameters.Contains(name))
            {
                var known = route.Parameters.Length == 0 ? "it has none" : "it has " + string.Join(", ", route.Parameters);
                return new Invalid(RefusalCodes.UnknownParameter, "?" + name, $"{route.Pattern} has no parameter '{name}': {known}");
            }
        }

        return null;
    }

    /// <summary>A session sees what it has written: its token names a record, by when and where it was accepted.</summary>
    private static Invalid? Session(HttpContext context, AssertionService service)
    {
        if (context.Request.Headers["X-Trefoil-Min-Hlc"] is not [{ } token])
        {
            return null;
        }

        if (!SessionToken.TryRead(token, out var min))
        {
            return new Invalid(ProblemCodes.BadSessionToken, "X-Trefoil-Min-Hlc", "it is what an answer's X-Trefoil-Hlc had: milliseconds, counter and node with - between them");
        }

        // What this node acknowledged is visible here. Of other nodes' records nothing is known before there is sync.
        return min.Node == service.Self && min <= service.Visible ? null : new Invalid(
            ProblemCodes.NotCaughtUp, "X-Trefoil-Min-Hlc", $"this node ({service.Self}) does not have the record accepted at {SessionToken.Write(min)}");
    }
}
