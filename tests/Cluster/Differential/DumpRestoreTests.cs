using System.Runtime.CompilerServices;
using System.Text;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Cluster.Differential;

/// <summary>Values cross between a real redis-server and Trefoil as DUMP payloads, both ways, and errors are the same bytes.</summary>
public sealed class DumpRestoreTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private EmbeddedServer _trefoil = null!;
    private RawConnection _theirs = null!;
    private RawConnection _ours = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _trefoil = await EmbeddedServer.StartAsync();
        (_theirs, _ours) = (new RawConnection(_redis.Port), new RawConnection(_trefoil.Port));
    }

    public async ValueTask DisposeAsync()
    {
        _theirs?.Dispose();
        _ours?.Dispose();
        if (_trefoil is not null)
        {
            await _trefoil.DisposeAsync();
        }

        _redis?.Dispose();
    }

    [Fact]
    public void A_value_of_Redis_restored_here_and_back_is_equal()
    {
        foreach (var (name, sample) in SampleValues.All)
        {
            sample.Fill(_theirs, name);
            Assert.Equal((name, "+OK\r\n"), (name, Latin1(Restore(_ours, name, Payload(_theirs, name)))));
            Assert.Equal((name, sample.Read(_theirs, name)), (name, sample.Read(_ours, name)));
            Assert.Equal((name, "+OK\r\n"), (name, Latin1(Restore(_theirs, "back", Payload(_ours, name), "REPLACE"))));
            Assert.Equal((name, sample.Read(_theirs, name)), (name, sample.Read(_theirs, "back")));
        }
    }

    [Theory]
    [InlineData("redis-7.0.15.txt")]
    [InlineData("older-encodings.txt")]
    public void Payloads_of_every_encoding_are_read_as_Redis_reads_them(string file)
    {
        var compared = 0;
        foreach (var line in File.ReadAllLines(Path.Combine(DataFolder(), file)))
        {
            var parts = line.Split('\t');
            var (name, payload) = ($"{parts[1]} {parts[0]}", Convert.FromHexString(parts[3]));
            if (SampleValues.ReaderOf(parts[1]) is not { } read)
            {
                Assert.Equal((name, "-ERR Bad data format\r\n"), (name, Latin1(Restore(_ours, name, payload))));
                continue;
            }

            // What Redis reads of it is what it reads of our copy of it.
            Assert.Equal((name, "+OK\r\n"), (name, Latin1(Restore(_theirs, name, payload))));
            Assert.Equal((name, "+OK\r\n"), (name, Latin1(Restore(_ours, name, payload))));
            Assert.Equal((name, "+OK\r\n"), (name, Latin1(Restore(_theirs, "copy", Payload(_ours, name), "REPLACE"))));
            Assert.Equal((name, read(_theirs, name)), (name, read(_ours, name)));
            Assert.Equal((name, read(_theirs, name)), (name, read(_theirs, "copy")));
            compared++;
        }

        Assert.True(compared > 9);
    }

    [Fact]
    public void Errors_and_options_of_RESTORE_are_those_of_Redis()
    {
        foreach (var connection in new[] { _theirs, _ours })
        {
            connection.Call("SET", "string", "value");
            connection.Call("HSET", "hash", "f", "v");
        }

        var good = Latin1(Payload(_theirs, "string"));
        var module = Latin1(Seal([6, 0]));
        string[][] commands =
        [
            ["RESTORE", "k", "0"], ["RESTORE", "k", "x", good], ["RESTORE", "k", "-1", good], ["RESTORE", "string", "0", good],
            ["RESTORE", "string", "x", good], ["RESTORE", "k", "0", good, "WHAT"], ["RESTORE", "k", "0", good, "IDLETIME"],
            ["RESTORE", "k", "0", good, "IDLETIME", "x"], ["RESTORE", "k", "0", good, "IDLETIME", "-1"], ["RESTORE", "k", "0", good, "FREQ", "256"],
            ["RESTORE", "k", "0", good, "FREQ", "-1"], ["RESTORE", "k", "0", good, "FREQ", "1", "IDLETIME", "1"],
            ["RESTORE", "k", "0", good, "IDLETIME", "1", "FREQ", "1"], ["RESTORE", "k", "0", "short"], ["RESTORE", "k", "0", good[..^1] + "x"],
            ["RESTORE", "k", "0", Latin1(Seal([0, 40, 65]))], ["RESTORE", "k", "0", Latin1(Seal([200, 0]))], ["RESTORE", "k", "0", module],
            ["RESTORE", "k", "0", Latin1(Seal([4, 0]))],
            ["RESTORE", "k", "0", Latin1(Seal([]))], ["RESTORE", "k", "0", Latin1(Seal([0, 1, 65], version: 11))], ["EXISTS", "k"],
            ["RESTORE", "k", "0", Latin1(Seal([0, 1, 65], version: 1))], ["GET", "k"], ["TTL", "k"],
            ["RESTORE", "string", "100000", good, "replace", "idletime", "5"], ["GET", "string"],
            ["RESTORE", "hash", "1", good, "ABSTTL", "REPLACE"], ["EXISTS", "hash"], ["RESTORE", "past", "1", good, "ABSTTL"], ["EXISTS", "past"],
            ["RESTORE", "far", "9223372036854775807", good], ["EXISTS", "far"], ["RESTORE", "then", "4102444800000", good, "ABSTTL", "FREQ", "7"],
            ["PEXPIRETIME", "then"], ["RESTORE-ASKING", "asked", "0", good], ["GET", "asked"], ["DUMP", "string"], ["DUMP", "nothing"], ["DUMP"],
        ];
        foreach (var command in commands)
        {
            Assert.Equal((command[0], Latin1(_theirs.Call(command))), (command[0], Latin1(_ours.Call(command))));
        }
    }

    [Fact]
    public void Damaged_payloads_are_refused_or_read_alike_and_nothing_breaks()
    {
        var random = new Prng(5);
        var value = Payload(_theirs.With("HSET", "h", "field", "value", "n", "12", "longer-field", new string('z', 60)), "h")[..^10];
        for (var i = 0; i < 2000; i++)
        {
            var damaged = value.ToArray();
            damaged[random.Below(damaged.Length)] ^= (byte)(1 << random.Below(8));
            var reply = Latin1(Restore(_ours, "damaged", Seal(damaged), "REPLACE"));
            Assert.True(reply is "+OK\r\n" or "-ERR Bad data format\r\n", reply);
        }
    }

    private static byte[] Payload(RawConnection connection, string key)
    {
        var reply = connection.Call("DUMP", key);
        return reply[(reply.AsSpan().IndexOf((byte)'\n') + 1)..^2];
    }

    private static byte[] Restore(RawConnection connection, string key, byte[] payload, params string[] options) =>
        connection.Call(["RESTORE", key, "0", Latin1(payload), .. options]);

    private static byte[] Seal(byte[] value, byte version = 10)
    {
        byte[] sealedUp = [.. value, version, 0];
        return [.. sealedUp, .. BitConverter.GetBytes(Trefoil.Wire.Rdb.Crc64.Of(sealedUp))];
    }

    private static string DataFolder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../Unit/Data/rdb");

    private static string Latin1(byte[] bytes) => Encoding.Latin1.GetString(bytes);
}
