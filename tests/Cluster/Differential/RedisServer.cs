using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Differential;

/// <summary>The judge: a redis-server of our own on a free port, stopped with the test. A cluster of one, so that it routes as we do, or no cluster.</summary>
internal sealed class RedisServer : IDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _directory;

    private RedisServer(Process process, DirectoryInfo directory, int port) => (_process, _directory, Port) = (process, directory, port);

    public int Port { get; }

    /// <summary>No cluster, with the keys of an RDB file.</summary>
    public static Task<RedisServer> StartAsync(string rdb) => StartAsync(cluster: false, rdb);

    private const int MaxSpares = 8;
    private static readonly Queue<Task<RedisServer>> Spares = new();
    private static readonly ConcurrentDictionary<RedisServer, bool> Running = new();
    private static int _nextPort = Environment.ProcessId % 1000 * 8;

    static RedisServer() => AppDomain.CurrentDomain.ProcessExit += (_, _) => StopAll();

    /// <summary>A server of one's own.</summary>
    /// <remarks>
    /// In cluster mode redis-server refuses to serve for its first two seconds, so that a few are always on their way: fifty tests would
    /// wait for two minutes otherwise.
    /// </remarks>
    public static Task<RedisServer> StartAsync(bool cluster = true, string rdb = "")
    {
        if (!cluster || rdb.Length > 0)
        {
            return StartOneAsync(cluster, rdb);
        }

        lock (Spares)
        {
            while (Spares.Count <= MaxSpares)
            {
                Spares.Enqueue(StartOneAsync(cluster, rdb));
            }

            return Spares.Dequeue();
        }
    }

    private static async Task<RedisServer> StartOneAsync(bool cluster, string rdb)
    {
        if (!File.Exists("/usr/bin/redis-server"))
        {
            Assert.Skip("redis-server is not installed: there is nothing to compare with");
        }

        var port = FreePort();
        var directory = Directory.CreateTempSubdirectory("trefoil-judge-");
        if (rdb.Length > 0)
        {
            File.Copy(rdb, Path.Combine(directory.FullName, "dump.rdb"));
        }

        var process = Tool.Start(
            "redis-server", "--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--dir", directory.FullName, "--enable-debug-command", "yes",
            "--cluster-enabled", cluster ? "yes" : "no", "--cluster-port", $"{FreePort()}");
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var server = new RedisServer(process, directory, port);
        Running[server] = true;
        await Eventually.See("start redis-server", "a listener", () => Task.FromResult(server.Answers()), up => up, TimeSpan.FromSeconds(20));
        if (!cluster)
        {
            return server;
        }

        using var connection = new RawConnection(port);
        connection.Call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        await Eventually.See(
            "give it all slots",
            "cluster_state:ok",
            () => Task.FromResult(Encoding.Latin1.GetString(connection.Call("CLUSTER", "INFO"))),
            info => info.Contains("cluster_state:ok", StringComparison.Ordinal),
            TimeSpan.FromSeconds(20));
        return server;
    }

    public void Dispose()
    {
        if (!Running.TryRemove(this, out _))
        {
            return;
        }

        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    /// <summary>A port below the ephemeral range that nobody listens on.</summary>
    public static int FreePort(int from = 0)
    {
        for (var port = from > 0 ? from : NextPort(); ; port = from > 0 ? port + 1 : NextPort())
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException) when (port < 32000)
            {
            }
        }
    }

    /// <summary>Never the same twice in a while: who was given one may not have bound it yet.</summary>
    private static int NextPort() => 21000 + (Interlocked.Increment(ref _nextPort) % 10_000);

    /// <summary>Whoever nobody took is stopped with the run, though it may still be starting.</summary>
    private static void StopAll()
    {
        foreach (var server in Running.Keys)
        {
            server.Dispose();
        }
    }

    private bool Answers()
    {
        try
        {
            using var connection = new RawConnection(Port);
            return connection.Call("PING").Length > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
