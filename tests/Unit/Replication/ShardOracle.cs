using Trefoil.Replication;
using Trefoil.Sharding;

namespace Trefoil.Unit.Replication;

/// <summary>Judges what the world shows; never says what should come next.</summary>
internal sealed class ShardOracle(ShardWorld world)
{
    private readonly ulong[] _shown = new ulong[ModelLog.Slots];
    private readonly SortedDictionary<ulong, byte[]> _acknowledged = [];
    private readonly List<(ulong Lsn, int Slot, ulong Value)> _written = [];
    private readonly SortedDictionary<(int, int, ulong), ulong> _told = [];

    /// <summary>Highest LSN shown to anybody.</summary>
    public ulong Shown(int slot) => _shown[slot];

    public ulong Highest { get; private set; }

    private bool Promises => world.Plan.Mode != ReplicationMode.Asynchronous;

    /// <summary>A primary says that records are acknowledged: they are the same for ever.</summary>
    public void Acked(ShardMember by, ulong lsn)
    {
        if (lsn == ulong.MaxValue)
        {
            return;
        }

        var life = (by.Index, by.Life, by.Status().Epoch);
        if (_told.GetValueOrDefault(life) > lsn)
        {
            throw world.Violation($"n{by.Index} took back {_told[life]} for {lsn}");
        }

        _told[life] = lsn;
        for (var i = Math.Max(by.Log.BaseLsn, Math.Max(1, Highest > 500 ? Highest - 500 : 0)); i <= lsn; i++)
        {
            if (by.Log.RecordAt(i) is not { } record)
            {
                continue;
            }

            if (_acknowledged.TryGetValue(i, out var known) && !known.AsSpan().SequenceEqual(record))
            {
                throw world.Violation($"n{by.Index} acknowledges another record at {i}");
            }

            _acknowledged[i] = record;
        }

        Highest = Math.Max(Highest, lsn);
    }

    public void Serving(ShardMember by, ReplicaEffect.Serve serve)
    {
        if (serve.On)
        {
            CheckWritten(by);
            CheckServers();
        }
    }

    /// <summary>correctness.md, 3: never two of one shard.</summary>
    public void CheckServers()
    {
        if (world.Members.Count(member => member.Answers) > 1)
        {
            throw world.Violation("two members answer at the same time");
        }
    }

    /// <summary>correctness.md, 1: required members of the committed set hold what is acknowledged, whatever else has happened.</summary>
    public void CheckHeld()
    {
        if (!Promises || Highest == 0)
        {
            return;
        }

        var (record, holders) = (world.Council.Record, 0);
        foreach (var id in record.ReplicaSet)
        {
            var log = world.Find(id).Log;
            var end = world.Plan.Ack == AckKind.Durable ? log.DurableLsn : log.LastLsn;
            if (end < Highest || log.ConsistentLsn > log.LastLsn)
            {
                continue;
            }

            holders++;
            if (log.RecordAt(Highest) is { } mine && !mine.AsSpan().SequenceEqual(_acknowledged[Highest]))
            {
                throw world.Violation($"n{world.Find(id).Index} of the set holds another record at {Highest}");
            }
        }

        var required = RequiredAcks.Of(record.Mode, record.ReplicaSet.Count);
        if (holders < required)
        {
            throw world.Violation($"{holders} of {record.ReplicaSet.Count} hold the acknowledged {Highest}, {required} must");
        }
    }

    public void Answered(ClientCall call, ulong epoch, ulong lsn, ulong seen, ulong floor)
    {
        if (!Promises)
        {
            return;
        }

        if (lsn < floor)
        {
            throw world.Violation($"slot {call.Slot} shows {seen} of record {lsn} in epoch {epoch}; record {floor} was shown before");
        }

        _shown[call.Slot] = Math.Max(_shown[call.Slot], lsn);
        if (call.IsWrite)
        {
            _written.Add((lsn, call.Slot, call.Value));
        }
    }

    /// <summary>Everything that a client was told is written is in this log.</summary>
    public void CheckWritten(ShardMember by)
    {
        foreach (var (lsn, slot, value) in _written)
        {
            if (by.Log.Registers[slot].Lsn < lsn
                || (by.Log.RecordAt(lsn) is { } record && BitConverter.ToUInt64(record, 2) != value))
            {
                throw world.Violation($"n{by.Index} lacks the acknowledged write of {value} to slot {slot} at {lsn}");
            }
        }
    }

    /// <summary>After healing: one serves, all are in the set, all are equal.</summary>
    public string? Unequal()
    {
        if (world.Members.SingleOrDefault(member => member.Answers) is not { } primary)
        {
            return "nobody answers";
        }

        if (world.Council.Record.ReplicaSet.Count != world.Members.Count)
        {
            return $"{world.Council.Record.ReplicaSet.Count} are in the set; {primary.Log.LastLsn}: {string.Join("; ", primary.Status().Followers)}";
        }

        foreach (var member in world.Members)
        {
            if (!member.Log.Registers.SequenceEqual(primary.Log.Registers)
                || member.Log.History.ToString() != primary.Log.History.ToString())
            {
                return $"n{member.Index} ends at {member.Log.LastLsn}, n{primary.Index} at {primary.Log.LastLsn}";
            }
        }

        return null;
    }
}
