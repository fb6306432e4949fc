using System.Diagnostics;
using Trefoil.Cluster.Differential;
using Xunit;

namespace Trefoil.Cluster.Harness;

/// <summary>One <c>trefoil serve</c> process that owns all slots by a static map, on a directory that outlives it.</summary>
internal sealed class ServedNode : IDisposable
{
    private readonly string[] _options;
    private readonly int _port = RedisServer.FreePort();
    private Process? _process;

    private ServedNode(string directory, string[] options)
    {
        Directory = directory;

        // The tests are of keys unless they say otherwise, and api_port would be the same for all.
        _options = options.Contains("--assertions") ? options : [.. options, "--assertions", "false"];
        File.WriteAllText(Path.Combine(directory, "cluster.toml"), """
            node_id = "one"

            [[nodes]]
            id = "one"
            address = "127.0.0.1:8086"
            shards = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
            """);
    }

    /// <summary>Holds the map and, in <c>data</c>, what the node keeps.</summary>
    public string Directory { get; }

    public int Port => _port;

    public string DataDirectory => Path.Combine(Directory, "data");

    /// <summary>What the process has logged since it started.</summary>
    public List<string> Log { get; } = [];

    public static ServedNode Create(params string[] options) =>
        new(System.IO.Directory.CreateTempSubdirectory("trefoil-test-").FullName, options);

    /// <summary>Starts the process and returns when it serves.</summary>
    public async Task StartAsync()
    {
        Log.Clear();
        _process = Tool.Start(
            Tool.Trefoil, ["serve", "--cluster-file", Path.Combine(Directory, "cluster.toml"), "--data-dir", DataDirectory, "--resp-port", $"{_port}", .. _options]);
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            Log.Add(line);
            if (line.Contains("ready:", StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"the node did not start:\n{string.Join('\n', Log)}\n{await _process.StandardError.ReadToEndAsync()}");
    }

    /// <summary>Starts a node that is expected to refuse; returns its exit code and everything it said.</summary>
    public async Task<(int Code, string Said)> StartRefusedAsync()
    {
        var ended = await Tool.TrefoilAsync(
            ["serve", "--cluster-file", Path.Combine(Directory, "cluster.toml"), "--data-dir", DataDirectory, "--resp-port", $"{_port}", .. _options]);
        return (ended.ExitCode, ended.Output + ended.Error);
    }

    /// <summary>SIGKILL, now; returns when the process is gone.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>SIGTERM: a clean stop.</summary>
    public async Task StopAsync()
    {
        (await Tool.RunAsync("kill", $"{_process!.Id}")).Ok();
        await _process.WaitForExitAsync();
        Assert.Equal(0, _process.ExitCode);
        _process.Dispose();
        _process = null;
    }

    /// <summary>Returns when the process has ended by itself: its exit code.</summary>
    public async Task<int> EndedAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process!.WaitForExitAsync(deadline.Token);
        var code = _process.ExitCode;
        _process.Dispose();
        _process = null;
        return code;
    }

    public void Dispose()
    {
        _process?.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
