using System.Diagnostics;
using System.Globalization;
using Trefoil.Cluster.Differential;
using Xunit;

namespace Trefoil.Cluster.Harness;

/// <summary>One <c>trefoil serve</c> process that owns all slots by a static map, on a directory that outlives it.</summary>
internal sealed class ServedNode : IDisposable
{
    private readonly string[] _options;
    private readonly int _port = RedisServer.FreePort();
    private Process? _process;
    private Task<string> _rest = Task.FromResult("");

    private ServedNode(string directory, string[] options)
    {
        Directory = directory;

        // The tests are of keys unless they say otherwise, and api_port would be the same for all.
        string[] assertions = options.Contains("--assertions") ? [] : ["--assertions", "false"];
        _options =
        [
            "serve", "--cluster-file", Path.Combine(directory, "cluster.toml"), "--data-dir", DataDirectory, "--resp-port", $"{_port}",
            .. options, .. assertions,
        ];
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

    /// <summary>Where assertions are served, if the options name it.</summary>
    public int ApiPort => int.Parse(_options[Array.IndexOf(_options, "--api-port") + 1], CultureInfo.InvariantCulture);

    public string DataDirectory => Path.Combine(Directory, "data");

    /// <summary>What the process has logged since it started.</summary>
    public List<string> Log { get; } = [];

    public static ServedNode Create(params string[] options) =>
        new(System.IO.Directory.CreateTempSubdirectory("trefoil-test-").FullName, options);

    /// <summary>Starts the process and returns when it serves.</summary>
    public async Task StartAsync()
    {
        if (await TryStartAsync() is { } said)
        {
            Assert.Fail($"the node did not start:\n{said}");
        }
    }

    /// <summary>Starts the process and returns null when it serves, or what it said if it ended instead.</summary>
    public async Task<string?> TryStartAsync()
    {
        Log.Clear();
        _process = Tool.Start(Tool.Trefoil, _options);
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            Log.Add(line);
            if (line.Contains("ready:", StringComparison.Ordinal))
            {
                // Read on: a node whose output nobody takes stands still once the pipe is full.
                _rest = _process.StandardOutput.ReadToEndAsync();
                return null;
            }
        }

        var said = $"{string.Join('\n', Log)}\n{await _process.StandardError.ReadToEndAsync()}";
        await KillAsync();
        return said;
    }

    /// <summary>Starts the process and kills it with the first line that it logs: while it recovers.</summary>
    public async Task StartAndKillAsync()
    {
        _process = Tool.Start(Tool.Trefoil, _options);
        await _process.StandardOutput.ReadLineAsync();
        await KillAsync();
    }

    /// <summary>What the process that was stopped last had logged after it served.</summary>
    public Task<string> RestOfLogAsync() => _rest;

    /// <summary>Starts a node that is expected to refuse; returns its exit code and everything it said.</summary>
    public async Task<(int Code, string Said)> StartRefusedAsync()
    {
        var ended = await Tool.TrefoilAsync(_options);
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
