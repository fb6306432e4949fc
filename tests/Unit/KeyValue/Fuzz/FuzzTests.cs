using System.Buffers.Binary;
using Trefoil.KeyValue.Commands;
using Trefoil.Primitives;
using Trefoil.Unit.KeyValue.Store;
using Trefoil.Unit.Testing;
using Trefoil.Unit.Wire.Rdb;
using Trefoil.Wire.Rdb;
using Xunit;

namespace Trefoil.Unit.KeyValue.Fuzz;

/// <summary>Whatever is sent: one reply, which is RESP, no exception, no end, and nothing is left behind. A million inputs under soak, a twentieth otherwise.</summary>
/// <remarks>What is left behind shows in the heap of the whole process, so nothing may run beside it.</remarks>
[Collection(nameof(MemoryGoalTests))]
public sealed class FuzzTests
{
    /// <summary>Commands after which a server starts afresh: its keys have grown into one another.</summary>
    private const int Lifetime = 5_000;

    /// <summary>What the collector may find more at the end than after the first server.</summary>
    private const long MostGrowth = 16L << 20;

    /// <summary>All inputs of a test take seconds, or minutes under soak.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(Soak.Times(5, 60));

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("TREFOIL_FUZZ_SEED"), out var seed) ? seed : 20261121;

    /// <summary>Not drawn: they stop the process, the clock or the node, go to whatever address the words happen to name, or do not answer in RESP.</summary>
    private static readonly HashSet<string> Excluded = ["shutdown", "debug", "client|pause", "migrate", "cluster|meet", "failover", "replicaof", "slaveof", "monitor", "sync", "psync"];

    private byte[] _input = [];

    [Fact]
    [Trait(Soak.Trait, "yes")]
    public async Task Every_command_answers_any_arguments_once_and_stays_alive() =>
        await WatchedAsync(Soak.Times(30_000, 500_000), (server, random) =>
        {
            var grammar = new CommandGrammar(random, new Words(random));
            var commands = Commands(server);
            return () =>
            {
                var call = grammar.Draw(commands[random.Below(commands.Count)]);
                _input = FuzzedServer.Encode(call);
                return server.Call(call);
            };
        });

    [Fact]
    [Trait(Soak.Trait, "yes")]
    public async Task Damaged_requests_in_any_pieces_get_replies_or_an_end() =>
        await WatchedAsync(Soak.Times(15_000, 400_000), (server, random) =>
        {
            var grammar = new CommandGrammar(random, new Words(random));
            var commands = Commands(server);
            return () =>
            {
                var request = Enumerable.Range(0, 1 + random.Below(4)).SelectMany(_ => FuzzedServer.Encode(grammar.Draw(commands[random.Below(commands.Count)]))).ToList();
                for (var changes = random.Below(4); changes > 0; changes--)
                {
                    Damage(request, random);
                }

                _input = [.. request];
                return server.Feed(_input, random, out _);
            };
        });

    /// <summary>The checksum is put right, so that what is behind it is reached.</summary>
    [Fact]
    [Trait(Soak.Trait, "yes")]
    public async Task A_damaged_payload_is_restored_as_something_or_refused() =>
        await WatchedAsync(Soak.Times(5_000, 100_000), (server, random) =>
        {
            var words = new Words(random);
            var payloads = Payloads.Bodies().ToList();
            return () =>
            {
                var key = words.Key("");
                var body = words.Pick(payloads).ToList();
                for (var changes = 1 + random.Below(4); changes > 0 && body.Count > 0; changes--)
                {
                    Damage(body, random);
                }

                List<byte[]> call = ["RESTORE"u8.ToArray(), key, "0"u8.ToArray(), Sealed([.. body]), "REPLACE"u8.ToArray()];
                _input = FuzzedServer.Encode(call);
                return server.Call(call) ?? server.Call(["DUMP"u8.ToArray(), key]) ?? server.Call(["TYPE"u8.ToArray(), key]) ?? server.Call(["DEL"u8.ToArray(), key]);
            };
        });

    private static List<CommandSpec> Commands(FuzzedServer server) =>
        [.. server.Server.Table.All.Where(spec => spec.Handler is not null && !Excluded.Contains(spec.Name.Split('|')[0]) && !Excluded.Contains(spec.Name))];

    /// <summary>One byte other, more or less; a stretch twice; or the end cut off.</summary>
    private static void Damage(List<byte> bytes, Prng random)
    {
        var at = random.Below(bytes.Count);
        switch (random.Below(6))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Below(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next();
                break;
            case 2:
                bytes.Insert(at, random.Chance(0.5) ? (byte)random.Next() : bytes[random.Below(bytes.Count)]);
                break;
            case 3 when bytes.Count > 1:
                bytes.RemoveAt(at);
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(bytes.Count - at, 1 + random.Below(30))));
                break;
            default:
                bytes.RemoveRange(Math.Max(1, at), bytes.Count - Math.Max(1, at));
                break;
        }
    }

    private static byte[] Sealed(byte[] body)
    {
        var payload = new byte[body.Length + DumpPayload.FooterBytes];
        body.CopyTo(payload, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(body.Length), RdbWriter.Version);
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(body.Length + 2), Crc64.Of(payload.AsSpan(0, body.Length + 2)));
        return payload;
    }

    /// <summary>Runs the inputs beside a deadline: one that never ends is told like one that throws.</summary>
    private async Task WatchedAsync(int inputs, Func<FuzzedServer, Prng, Func<string?>> target)
    {
        var run = Task.Run(() => Run(inputs, target), TestContext.Current.CancellationToken);
        try
        {
            await run.WaitAsync(Deadline, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"seed {Seed}: not done in {Deadline}, last seen: {FuzzedServer.Show(_input)}");
        }
    }

    private void Run(int inputs, Func<FuzzedServer, Prng, Func<string?>> target)
    {
        var random = new Prng((ulong)Seed);
        var (heap, served) = (0L, 0L);
        var done = 0;
        while (done < inputs)
        {
            using (var server = new FuzzedServer())
            {
                var next = target(server, random.Fork());
                for (var i = 0; i < Lifetime && server.IsOfUse; i++, done++)
                {
                    One(next, done);
                }

                served += server.Served;
            }

            if (heap == 0)
            {
                heap = GC.GetTotalMemory(forceFullCollection: true);
            }
        }

        Assert.True(served > done / 5, $"of {done} inputs {served} got a reply that is no error: what is drawn does not reach far");
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - heap, long.MinValue, MostGrowth);
    }

    private void One(Func<string?> next, int number)
    {
        string? problem;
        try
        {
            problem = next();
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"seed {Seed}, input {number}: {FuzzedServer.Show(_input)}", failure);
        }

        Assert.True(problem is null, $"seed {Seed}, input {number}: {problem} after {FuzzedServer.Show(_input)}");
    }
}
