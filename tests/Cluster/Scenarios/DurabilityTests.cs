using System.Globalization;
using System.Text;
using Trefoil.Cluster.Differential;
using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Scenarios;

/// <summary>kill -9 under load: nothing that was acknowledged is missing, whatever the fsync policy.</summary>
public sealed class DurabilityTests
{
    private const int Writers = 4;

    /// <summary>A test run kills three times for each policy, soak two hundred times.</summary>
    [Theory]
    [InlineData("always")]
    [InlineData("everysec")]
    [InlineData("no")]
    [Trait(Soak.Trait, "yes")]
    public async Task Nothing_acknowledged_is_missing_after_kill_9_under_load(string policy)
    {
        using var node = ServedNode.Create("--appendfsync", policy, "--log-level", "info");
        var random = new Random(20261121);
        var written = new long[Writers];
        for (var round = 0; round < Soak.Times(inTest: 3, inSoak: 200); round++)
        {
            await node.StartAsync();
            using (var judge = new RawConnection(node.Port))
            {
                for (var writer = 0; writer < Writers; writer++)
                {
                    written[writer] = Kept(judge, writer, written[writer], $"round {round}, {policy}");
                }
            }

            var writers = Enumerable.Range(0, Writers).Select(writer => new Writer(node.Port, writer, written[writer])).ToArray();
            var goal = random.Next(1, 4000);
            Await(writers, goal);
            await node.KillAsync();
            for (var writer = 0; writer < Writers; writer++)
            {
                written[writer] = await writers[writer].EndedAsync();
            }

            Assert.True(written.Sum() > 0, "nobody wrote anything");
        }
    }

    [Fact]
    public async Task A_clean_stop_and_a_snapshot_keep_everything_and_the_log_is_trimmed()
    {
        using var node = ServedNode.Create();
        await node.StartAsync();
        var writer = new Writer(node.Port, 0, 0);
        Await([writer], 500);
        await writer.StopAsync();
        using (var client = new RawConnection(node.Port))
        {
            Assert.Equal("+OK\r\n", Encoding.ASCII.GetString(client.Call("SAVE")));
        }

        await node.StopAsync();
        (await Tool.RunAsync("redis-check-rdb", Path.Combine(node.DataDirectory, "db", "kv", "dump.rdb"))).Ok();

        await node.StartAsync();

        Assert.Contains(node.Log, line => line.Contains("from the snapshot", StringComparison.Ordinal));
        using var judge = new RawConnection(node.Port);
        Kept(judge, 0, writer.Acknowledged, "after a clean stop");
    }

    [Fact]
    public async Task A_damaged_log_refuses_the_start_and_says_where_and_what_to_do()
    {
        using var node = ServedNode.Create("--appendfsync", "always");
        await node.StartAsync();
        var writer = new Writer(node.Port, 0, 0);
        Await([writer], 300);
        await writer.StopAsync();
        await node.KillAsync();
        var log = Directory.GetFiles(Path.Combine(node.DataDirectory, "wal", "kv")).Single();
        var bytes = await File.ReadAllBytesAsync(log, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(log, bytes, TestContext.Current.CancellationToken);

        var (code, said) = await node.StartRefusedAsync();

        Assert.Equal(1, code);
        Assert.Contains(Path.GetFileName(log), said, StringComparison.Ordinal);
        Assert.Contains("durable", said, StringComparison.Ordinal);
    }

    /// <summary>Returns once so many more steps are acknowledged, or all writers have ended.</summary>
    private static void Await(Writer[] writers, long steps)
    {
        var before = writers.Sum(writer => writer.Acknowledged);
        Assert.True(SpinWait.SpinUntil(
            () => writers.Sum(writer => writer.Acknowledged) - before >= steps || writers.All(writer => writer.HasEnded), TimeSpan.FromSeconds(60)));
    }

    /// <summary>Compares what one writer was told with what is there; returns how far it really came.</summary>
    private static long Kept(RawConnection judge, int writer, long acknowledged, string when)
    {
        var counter = Text(judge.Call("GET", $"{{{writer}}}counter"));
        var length = Number(judge.Call("STRLEN", $"{{{writer}}}log"));
        var count = counter.Length == 0 ? 0 : long.Parse(counter, CultureInfo.InvariantCulture);

        // The last step may have been done and not acknowledged; its commands are a pipeline, so the later ones may lack.
        Assert.True(count >= acknowledged && length >= acknowledged, $"{when}: writer {writer} was told {acknowledged}, the counter is {count}, the log {length} long");
        Assert.True(count - acknowledged <= 1 && length - acknowledged <= 1, $"{when}: writer {writer} was told {acknowledged}, but the counter is {count}, the log {length}");
        for (var step = Math.Max(0, acknowledged - 200); step < acknowledged; step++)
        {
            var value = Text(judge.Call("GET", $"{{{writer}}}step:{step}"));
            Assert.True(value == $"value-{step}", $"{when}: writer {writer} was told {acknowledged}, step {step} is '{value}'");
        }

        // Both sides start again from what is there.
        judge.Call("SET", $"{{{writer}}}counter", $"{count}");
        judge.Call("SET", $"{{{writer}}}log", new string('x', (int)count));
        return count;
    }

    private static string Text(byte[] reply) =>
        reply[1] == '-' ? "" : Encoding.ASCII.GetString(reply).Split("\r\n")[1];

    private static long Number(byte[] reply) => long.Parse(Encoding.ASCII.GetString(reply.AsSpan(1)), CultureInfo.InvariantCulture);

    /// <summary>Writes on a connection of its own until it is stopped or the server is gone: SET, INCR and APPEND as one pipeline per step.</summary>
    private sealed class Writer
    {
        private readonly Task _work;
        private long _acknowledged;
        private volatile bool _stop;

        public Writer(int port, int number, long from)
        {
            _acknowledged = from;
            _work = Task.Factory.StartNew(() => Write(port, number), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        public long Acknowledged => Interlocked.Read(ref _acknowledged);

        public bool HasEnded => _work.IsCompleted;

        public async Task<long> EndedAsync()
        {
            await _work;
            return Acknowledged;
        }

        public Task StopAsync()
        {
            _stop = true;
            return _work;
        }

        private void Write(int port, int number)
        {
            try
            {
                using var connection = new RawConnection(port);
                while (!_stop)
                {
                    var step = Acknowledged;
                    connection.Send([
                        Command("SET", $"{{{number}}}step:{step}", $"value-{step}"),
                        Command("INCR", $"{{{number}}}counter"),
                        Command("APPEND", $"{{{number}}}log", "x"),
                    ]);
                    for (var reply = 0; reply < 3; reply++)
                    {
                        Assert.NotEqual((byte)'-', connection.ReadReply()[0]);
                    }

                    Interlocked.Increment(ref _acknowledged);
                }
            }
            catch (Exception end) when (end is IOException or System.Net.Sockets.SocketException)
            {
                // The server was killed.
            }
        }

        private static byte[][] Command(params string[] words) => [.. words.Select(Encoding.ASCII.GetBytes)];
    }
}
