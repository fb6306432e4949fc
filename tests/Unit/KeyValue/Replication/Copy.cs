using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Trefoil.KeyValue.Commands.Server;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Replication;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Storage;
using Trefoil.Unit.KeyValue.Commands;
using Trefoil.Unit.KeyValue.Persistence;
using Trefoil.Unit.KeyValue.Server;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.Replication;

/// <summary>One copy of a shard's keys: store, log, server and what the core of replication would call. The test is the core, and the log's thread.</summary>
internal sealed class Copy : IDisposable
{
    private const string Payload = "\0\u0003abc\u000A\0";
    private static readonly string[] Tags = ["a", "b", "c", "d", "e", "f"];
    private readonly FakeClock _clock;

    private Copy(MemoryDisk disk, FakeClock clock, KeyStorage storage, Keyspace keys, long backlogBytes, ScriptedCluster cluster)
    {
        (Disk, _clock, Storage, Keys) = (disk, clock, storage, keys);
        storage.Log.Wanted = Pump;
        Server = new KeyValueServer(
            keys, cluster, clock, new ServerSettings { ReplicationBacklogBytes = backlogBytes, SavePoints = [] }, new Prng(1), storage)
        {
            Gate = new ServingGate(),
            DiskFailed = _ => { },
        };
        Replica = new KeyReplica(Server, Inputs.Add, Start) { HasPeers = true };
        Session = new RespSession(cluster, Server);
    }

    public MemoryDisk Disk { get; }

    public KeyStorage Storage { get; }

    public Keyspace Keys { get; }

    public KeyValueServer Server { get; }

    public KeyReplica Replica { get; }

    public RespSession Session { get; }

    /// <summary>What the copy told its core.</summary>
    public BlockingCollection<ReplicaInput> Inputs { get; } = [];

    /// <summary>Snapshots are written beside the test, not within the call.</summary>
    public bool HasThreads { get; set; }

    public KeyLog Log => Storage.Log;

    public static Copy Open(MemoryDisk disk, FakeClock? clock = null, bool appendOnly = true, long backlogBytes = 1 << 20, SyncPolicy policy = SyncPolicy.EverySecond,
        ScriptedCluster? cluster = null)
    {
        var keys = new Keyspace();
        clock ??= new FakeClock();
        var options = new KeyStorageOptions { SegmentBytes = 20_000, AppendOnly = appendOnly, Sync = policy, Follows = true };
        var opened = KeyStorage.Open(new GatedDisk(disk), options, keys, new Prng(disk.Calls == 0 ? 1 : (ulong)disk.Calls), clock);
        return new Copy(disk, clock, Assert.IsType<KeyStorageResult.Opened>(opened, exactMatch: false).Storage, keys, backlogBytes, cluster ?? RespSession.Whole());
    }

    /// <summary>Becomes the primary of an epoch in which nothing is held.</summary>
    public void Lead(ClusterId cluster, ulong epoch)
    {
        Replica.BeginEpoch(cluster, epoch);
        Replica.Acked(ulong.MaxValue);
        Server.Gate.Lease(long.MaxValue);
        Server.Gate.Open(epoch);
    }

    /// <summary>What the log's thread does, until nothing is left.</summary>
    public void Pump()
    {
        while (Log.IsWritten && Log.Begin(syncIsDue: true) is { } task)
        {
            task.Run();
            Log.End(task);
        }
    }

    /// <summary>Something changes keys: a command of any kind, time, memory, or all keys go. Ends as a round does.</summary>
    public void Change(Prng random)
    {
        switch (random.Below(40))
        {
            case 0:
                _clock.Advance(TimeSpan.FromMilliseconds(random.Below(300)));
                Keys.ExpireCycle(Server.NowMs, TimeSpan.FromSeconds(1));
                break;
            case 1:
                Keys.EvictOne(random.Below(2) == 0 ? EvictionPolicy.AllKeysLru : EvictionPolicy.VolatileTtl, 5);
                break;
            case 2 when random.Below(10) == 0:
                Session.Call("FLUSHALL");
                break;
            case 3 or 4:
                Session.Call("PEXPIRE", $"{{{Tag(random)}}}{"shlez"[random.Below(5)]}{random.Below(3)}", $"{random.Below(400)}");
                break;
            default:
                Call(WriteSamples.Draw(random, Payload, Tag(random)));
                break;
        }

        Server.CommitLog();
    }

    /// <summary>Everything in the store, expired keys too, in a fixed order.</summary>
    public string Contents()
    {
        var lines = new List<string>();
        Keys.VisitAll(long.MinValue, entry => lines.Add(
            string.Create(CultureInfo.InvariantCulture, $"{Encoding.Latin1.GetString(entry.Key)}@{entry.ExpireAtMs} {entry.Type} {KeyDigest.OfValue(entry)}")));
        lines.Sort(StringComparer.Ordinal);
        return string.Join('\n', lines);
    }

    /// <summary>The next thing that the copy tells its core.</summary>
    public ReplicaInput Told()
    {
        Assert.True(Inputs.TryTake(out var input, TimeSpan.FromSeconds(20)), "the core was told nothing");
        return input;
    }

    public void Dispose()
    {
        Session.Dispose();
        Replica.Dispose();
        Server.Dispose();
    }

    private static string Tag(Prng random) => Tags[random.Below(Tags.Length)];

    /// <summary>A command that may wait runs in a transaction, where it does not.</summary>
    private void Call(string[] words)
    {
        var waits = words[0].StartsWith('b') && !words[0].StartsWith("bit", StringComparison.Ordinal);
        if (waits)
        {
            Session.Call("MULTI");
        }

        Session.Call(words);
        if (waits)
        {
            Session.Call("EXEC");
        }
    }

    private void Start(string name, Action action)
    {
        if (HasThreads)
        {
            new Thread(() => action()) { Name = name, IsBackground = true }.Start();
        }
        else
        {
            action();
        }
    }
}
