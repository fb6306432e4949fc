using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;
using Trefoil.Assertions.Store;
using Trefoil.Primitives;
using Trefoil.Storage;
using Trefoil.Storage.Ordered;

namespace Trefoil.Unit.Assertions.Store;

/// <summary>A store on disks that can crash, and small claims to fill it with.</summary>
internal sealed class StoreWorld : IDisposable
{
    public const string LogDirectory = "wal/assertions";

    /// <summary>Small, so that tests meet every boundary.</summary>
    public static readonly AssertionStoreOptions Small = new() { SegmentBytes = 2000, TrimBytes = 500, MaxUnflushedBytes = 6000, ReplayBatchBytes = 700 };

    public MemoryDisk Disk { get; } = new();

    public MemoryOrderedStore Ordered { get; } = new();

    public AssertionStore Store { get; private set; } = null!;

    public StoreReport Report { get; private set; } = null!;

    public static StoreWorld Open()
    {
        var world = new StoreWorld();
        world.Start();
        return world;
    }

    /// <summary>As Open, but not opened yet.</summary>
    public static StoreWorld Closed() => new();

    public void Start() => (Store, Report) = AssertionStore.Open(Disk, LogDirectory, Ordered, Small) switch
    {
        StoreOpenResult.Opened(var store, var report) => (store, report),
        var refused => throw new InvalidOperationException(refused.ToString()),
    };

    /// <summary>The power goes; the store is not opened again.</summary>
    public void Crash(Prng random, CrashMode mode)
    {
        Disk.Crash(random, mode);
        Ordered.Crash();
    }

    /// <summary>The process dies and the kernel lives: what was not synced is still to come, or to be lost by a later crash.</summary>
    public void Kill()
    {
        Disk.Repair();
        Ordered.Crash();
    }

    public RecordOutcome[] Post(params Record[] records)
    {
        var outcomes = Array.ConvertAll(records, Store.Stage);
        Store.Commit();
        return outcomes;
    }

    public void Dispose() => Store?.Dispose();

    public static AgentKey Agent(int number)
    {
        var bytes = new byte[AgentKey.Size];
        bytes[0] = (byte)number;
        return AgentKey.Read(bytes);
    }

    public static HybridTime At(long ms, int node = 1)
    {
        var bytes = new byte[NodeId.Size];
        bytes[0] = (byte)node;
        return new HybridTime(ms, 0, NodeId.Read(bytes));
    }

    public static Record.Claim Claim(string subject, string predicate, string value, long ms, params AssertionId[] refutes)
    {
        var body = AssertionCodec.Encode(new Assertion
        {
            Subject = ConceptPath.Of(subject),
            Predicate = predicate,
            Object = ClaimObject.Text(value),
            ConfidencePpm = 500_000,
            Parents = [.. refutes.Select(id => new ParentLink(id, ParentKind.Refutes))],
        });
        return new Record.Claim(AssertionCodec.IdOf(body), At(ms), body);
    }

    public static Record.Vote Vote(AssertionId id, int agent, int value, long ms) => new(id, Agent(agent), value, At(ms));
}
