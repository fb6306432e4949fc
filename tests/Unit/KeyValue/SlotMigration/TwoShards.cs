using System.Buffers.Binary;
using System.Text;
using Trefoil.KeyValue.SlotMigration;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Storage;
using Trefoil.Unit.KeyValue.Replication;
using Trefoil.Unit.KeyValue.Server;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.SlotMigration;

/// <summary>Two shards of one node each, which see the same map; the first owns all slots. The test is the core of migration at both ends.</summary>
internal sealed class TwoShards : IDisposable
{
    private static readonly ClusterId Cluster = new(7, 7);
    private readonly ScriptedCluster[] _maps = [new(2) { SelfIndex = 0 }, new(2) { SelfIndex = 1 }];

    public TwoShards(long backlogBytes = 1 << 20)
    {
        foreach (var map in _maps)
        {
            map.Assign(0, 0, HashSlot.Count - 1);
        }

        Source = Copy.Open(new MemoryDisk(), Clock, backlogBytes: backlogBytes, cluster: _maps[0]);
        Target = Copy.Open(new MemoryDisk(), Clock, cluster: _maps[1]);
        (From, To) = (new KeyMigration(Source.Server), new KeyMigration(Target.Server));
        Source.Lead(Cluster, 1);
        Target.Lead(Cluster, 1);
    }

    public FakeClock Clock { get; } = new();

    public Copy Source { get; }

    public Copy Target { get; }

    /// <summary>The source's end.</summary>
    public KeyMigration From { get; }

    /// <summary>The target's end.</summary>
    public KeyMigration To { get; }

    /// <summary>The one migration.</summary>
    public MigrationRecord Record => _maps[0].Topology.Migrations[^1];

    public NodeId SourceId => _maps[0].Ids[0];

    public NodeId TargetId => _maps[0].Ids[1];

    /// <summary>The slots of these words, as ranges that ascend.</summary>
    public static SlotRange[] SlotsOf(params string[] words) =>
        [.. words.Select(word => HashSlot.Of(Encoding.Latin1.GetBytes(word))).Distinct().Order().Select(slot => new SlotRange(slot, slot))];

    public static int SlotOf(string word) => HashSlot.Of(Encoding.Latin1.GetBytes(word));

    /// <summary>Both nodes show that these slots are being moved.</summary>
    public void Begin(IReadOnlyList<SlotRange> ranges) =>
        Commit(request => new TopologyCommand.BeginMigrations(request, SourceId, [new MigrationPart(TargetId, ranges)], 1000));

    public void Complete() => Commit(request => new TopologyCommand.CompleteMigration(request, Record.Id, Record.Attempt, 2000));

    public void Abort() => Commit(request => new TopologyCommand.AbortMigration(request, Record.Id, "tired", 2000));

    public void Clean()
    {
        var (id, epoch) = (Record.Id, _maps[0].Topology.FindShard(Record.Cleaner)!.Epoch);
        Commit(request => new TopologyCommand.CleanMigration(request, id, epoch));
    }

    /// <summary>Has every slot copied and all changes since sent, while others happen; returns what was copied of which slot, for more.</summary>
    public Dictionary<int, ulong> CopyAll(Action between)
    {
        var copied = new Dictionary<int, ulong>();
        Assert.True(From.StartReading(Record.Id));
        var next = From.LastLsn + 1;
        Assert.Null(To.BeginImport(Record.Ranges, mayHoldKeys: Record.Attempt > 1));
        foreach (var slot in Record.Ranges.SelectMany(range => Enumerable.Range(range.Start, range.Count)))
        {
            between();
            var bytes = new ByteWriter();
            copied[slot] = From.CopySlot(slot, bytes);
            Send(bytes);
            between();
            Forward(ref next, copied);
        }

        Next = next;
        return copied;
    }

    /// <summary>The next record to read.</summary>
    public ulong Next { get; set; }

    /// <summary>Sends what the source's log has to say, in pieces.</summary>
    public void Forward(ref ulong next, Dictionary<int, ulong> copied)
    {
        From.Commit();
        while (next <= From.LastLsn)
        {
            var bytes = new ByteWriter();
            Assert.True(From.Read(ref next, Record.Ranges, slot => copied.GetValueOrDefault(slot, ulong.MaxValue), 200, bytes));
            Send(bytes);
        }
    }

    /// <summary>Freezes the slots and sends the rest.</summary>
    public void Freeze(Dictionary<int, ulong> copied)
    {
        var last = From.Freeze(Record.Ranges);
        Assert.NotNull(last);
        var next = Next;
        Forward(ref next, copied);
        Assert.Equal(last + 1, next);
        To.Commit();
    }

    /// <summary>Everything from the beginning to both nodes showing the new owner.</summary>
    public void MoveAll(IReadOnlyList<SlotRange> ranges)
    {
        Begin(ranges);
        Freeze(CopyAll(() => { }));
        To.Park(Record.Ranges, on: true);
        Complete();
        To.Park(Record.Ranges, on: false);
        From.Thaw(Record.Ranges);
    }

    public void Send(ByteWriter frames)
    {
        foreach (var record in Records(frames))
        {
            Assert.Null(To.Apply(record));
        }
    }

    /// <summary>The records in a run of frames.</summary>
    public static List<byte[]> Records(ByteWriter frames)
    {
        var records = new List<byte[]>();
        for (var rest = frames.Written; rest.Length > 0;)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(rest);
            records.Add(rest.Slice(sizeof(uint), length).ToArray());
            rest = rest[(sizeof(uint) + length)..];
        }

        return records;
    }

    public void Commit(Func<RequestId, TopologyCommand> build)
    {
        foreach (var map in _maps)
        {
            Assert.Equal(CommandResult.Ok, map.Commit(build));
        }
    }

    public void Dispose()
    {
        From.Dispose();
        To.Dispose();
        Source.Dispose();
        Target.Dispose();
    }
}
