using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Trefoil.KeyValue.Server;

namespace Trefoil.KeyValue.Transport;

/// <summary>The RESP port: a Kestrel host of its own, apart from HTTP's, with everything scheduled inline on one I/O thread.</summary>
internal sealed class KestrelTransport : IAsyncDisposable
{
    private readonly KestrelServer _kestrel;
    private readonly ServiceProvider _services;
    private readonly KeyValueServer _server;
    private readonly ITimer _timer;

    private KestrelTransport(KestrelServer kestrel, ServiceProvider services, KeyValueServer server)
    {
        (_kestrel, _services, _server) = (kestrel, services, server);
        _timer = server.Time.CreateTimer(_ => server.Tick(), null, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100));
    }

    /// <summary>Listens on <paramref name="endpoint"/>.</summary>
    /// <exception cref="IOException">The address is in use or not ours.</exception>
    public static async Task<KestrelTransport> StartAsync(KeyValueServer server, IPEndPoint endpoint, CancellationToken cancellation)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(server).AddSingleton<RespConnectionHandler>().BuildServiceProvider();
        var options = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = null;
        options.Listen(endpoint, listen => listen.UseConnectionHandler<RespConnectionHandler>());
        var sockets = new SocketTransportOptions { IOQueueCount = 0, UnsafePreferInlineScheduling = true, NoDelay = true, Backlog = 511 };
        var logs = services.GetRequiredService<ILoggerFactory>();
        var kestrel = new KestrelServer(Options.Create(options), new SocketTransportFactory(Options.Create(sockets), logs), logs);
        try
        {
            await kestrel.StartAsync(new NoApplication(), cancellation);
        }
        catch (SocketException error)
        {
            // Kestrel translates a refused bind, not a listen that another process's came before.
            throw new IOException(error.Message, error);
        }

        return new KestrelTransport(kestrel, services, server);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        _server.Pause.End();
        foreach (var client in _server.Clients.All)
        {
            client.Abort();
        }

        await _kestrel.StopAsync(CancellationToken.None);
        _kestrel.Dispose();
        await _services.DisposeAsync();
    }

    /// <summary>Kestrel wants an HTTP application; no endpoint here speaks HTTP.</summary>
    private sealed class NoApplication : IHttpApplication<IFeatureCollection>
    {
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public Task ProcessRequestAsync(IFeatureCollection context) => Task.CompletedTask;

        public void DisposeContext(IFeatureCollection context, Exception? exception)
        {
        }
    }
}
