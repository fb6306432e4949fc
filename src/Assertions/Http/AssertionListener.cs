using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Trefoil.Assertions.Http;

/// <summary>The HTTP port: a Kestrel host of its own, apart from RESP's, with default scheduling.</summary>
/// <remarks>Requests run on the thread pool, never on a thread that reads sockets: they read RocksDB, and wait for commits without holding a thread.</remarks>
public sealed class AssertionListener : IAsyncDisposable
{
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(5);
    private readonly KestrelServer _kestrel;
    private readonly ServiceProvider _services;
    private readonly AssertionApi _api;

    private AssertionListener(KestrelServer kestrel, ServiceProvider services, AssertionApi api) => (_kestrel, _services, _api) = (kestrel, services, api);

    /// <summary>Listens on <paramref name="endpoint"/>.</summary>
    /// <exception cref="IOException">The address is in use or not ours.</exception>
    public static async Task<AssertionListener> StartAsync(AssertionApi api, IPEndPoint endpoint, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(api);
        var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        var options = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
        options.Limits.MaxRequestBodySize = null; // each route has its own limit, and answers it with a problem
        options.Limits.MaxConcurrentConnections = AssertionApi.MaxConnections;
        options.Limits.MaxRequestLineSize = 64 << 10; // a prefix of 1024 bytes percent-encoded, and a trust in many agents
        options.Listen(endpoint, listen => listen.Protocols = HttpProtocols.Http1AndHttp2);
        var logs = services.GetRequiredService<ILoggerFactory>();
        var kestrel = new KestrelServer(Options.Create(options), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), logs), logs);
        try
        {
            await kestrel.StartAsync(new Application(api), cancellation);
        }
        catch (SocketException error)
        {
            // Kestrel translates a refused bind, not a listen that another process's came before.
            throw new IOException(error.Message, error);
        }

        return new AssertionListener(kestrel, services, api);
    }

    /// <summary>Ends feeds, lets requests finish for a few seconds, closes the port; then disposes the API.</summary>
    public async ValueTask DisposeAsync()
    {
        _api.Stop();
        using var deadline = new CancellationTokenSource(StopDeadline);
        await _kestrel.StopAsync(deadline.Token);
        _kestrel.Dispose();
        await _services.DisposeAsync();
        _api.Dispose();
    }

    private sealed class Application(AssertionApi api) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => api.HandleAsync(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
