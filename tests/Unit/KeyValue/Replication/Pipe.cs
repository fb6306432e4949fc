using System.Buffers.Binary;
using Trefoil.Primitives;
using Trefoil.Replication;
using Xunit;

namespace Trefoil.Unit.KeyValue.Replication;

/// <summary>What carries one copy's log to another: in pieces of any length, with cuts, by records or by a snapshot, as their histories say.</summary>
internal sealed class Pipe(Prng random)
{
    private const double Cut = 0.1;
    private const double Damaged = 0.6;
    private ulong _transfer;

    /// <summary>Whether connections break and transfers are damaged.</summary>
    public bool IsBad { get; set; } = true;

    /// <summary>Snapshots that were installed.</summary>
    public int Installed { get; private set; }

    /// <summary>Transfers that were damaged and refused.</summary>
    public int Refused { get; private set; }

    /// <summary>Links that went on by records where they had left off.</summary>
    public int Resumed { get; private set; }

    /// <summary>Until the replica has all that the primary has.</summary>
    public void CatchUp(Copy primary, Copy replica)
    {
        while (replica.Replica.LastLsn != primary.Replica.LastLsn || !Shares(primary, replica))
        {
            Link(primary, replica);
        }

        Assert.True(replica.Log.IsConsistent);
        Assert.Equal(primary.Replica.History.ToString(), replica.Replica.History.ToString());
    }

    /// <summary>One connection, which may break at any byte.</summary>
    public void Link(Copy primary, Copy replica)
    {
        if (Shares(primary, replica) && primary.Replica.FirstLsn <= replica.Replica.LastLsn + 1)
        {
            Resumed++;
            SendRecords(primary, replica);
        }
        else
        {
            SendSnapshot(primary, replica);
        }
    }

    /// <summary>As the core decides it: all that the replica's state contains is part of the primary's log.</summary>
    private static bool Shares(Copy primary, Copy replica)
    {
        var position = Math.Max(replica.Replica.LastLsn, replica.Replica.ConsistentLsn);
        return primary.Replica.History.CommonPrefix(replica.Replica.History, primary.Replica.LastLsn, position) == position;
    }

    private void SendRecords(Copy primary, Copy replica)
    {
        var next = replica.Replica.LastLsn + 1;
        var cursor = new LogCursor(next, 0);
        var arrived = new List<byte>();
        while (cursor.Lsn <= primary.Replica.LastLsn)
        {
            var piece = new ByteWriter();
            cursor = primary.Replica.Read(cursor, 1 + random.Below(3000), piece);
            Assert.True(piece.Length > 0);
            arrived.AddRange(piece.Written);
            while (arrived.Count >= sizeof(uint) && Length(arrived) is var length && arrived.Count >= sizeof(uint) + length)
            {
                Assert.True(replica.Replica.Append(next++, arrived.GetRange(sizeof(uint), length).ToArray()));
                arrived.RemoveRange(0, sizeof(uint) + length);
            }

            if (random.Below(3) == 0)
            {
                replica.Replica.Commit();
            }

            if (IsBad && random.Chance(Cut))
            {
                break;
            }
        }

        replica.Replica.Commit();
        Assert.Equal(next - 1, replica.Replica.LastLsn);
    }

    private void SendSnapshot(Copy primary, Copy replica)
    {
        var transfer = ++_transfer;
        var before = (replica.Contents(), replica.Replica.LastLsn, replica.Replica.History.ToString());
        var made = Make(primary, transfer);
        Assert.True(made.Ok);
        var parts = new ByteWriter();
        var isDamaged = false;
        for (var offset = 0L; offset < made.Length; offset += parts.Length)
        {
            parts.Clear();
            Assert.InRange(primary.Replica.ReadSnapshot(transfer, offset, 1 + random.Below(2000), parts), 1, 2000);
            var part = parts.ToArray();
            if (IsBad && !isDamaged && random.Chance(Damaged / (1 + (made.Length / 1000))))
            {
                isDamaged = true;
                part[random.Below(part.Length)] ^= (byte)(1 + random.Below(255));
            }

            replica.Replica.Receive(transfer, offset, part);
            if (IsBad && random.Chance(Cut / (1 + (made.Length / 1000))))
            {
                primary.Replica.DropSnapshot(transfer);
                return;
            }
        }

        primary.Replica.DropSnapshot(transfer);
        replica.Replica.Install(transfer);
        Assert.Equal(new ReplicaInput.Installed(transfer, !isDamaged), replica.Told());
        if (isDamaged)
        {
            Refused++;
            Assert.Equal(before, (replica.Contents(), replica.Replica.LastLsn, replica.Replica.History.ToString()));
        }
        else
        {
            Installed++;
            Assert.Equal(made.CoveredLsn, replica.Replica.LastLsn);
            Assert.Equal(made.ConsistentLsn, replica.Replica.ConsistentLsn);
        }
    }

    /// <summary>Now and then commands run while it is written: its slots are then of different moments.</summary>
    private ReplicaInput.SnapshotMade Make(Copy primary, ulong transfer)
    {
        if (random.Below(2) == 0)
        {
            primary.Replica.MakeSnapshot(transfer);
            return (ReplicaInput.SnapshotMade)primary.Told();
        }

        primary.HasThreads = true;
        lock (primary.Keys.Table(HashSlot.Of("{d}"u8)))
        {
            primary.Replica.MakeSnapshot(transfer);
            for (var changes = 50; changes > 0; changes--)
            {
                primary.Change(random);
            }
        }

        primary.HasThreads = false;
        return (ReplicaInput.SnapshotMade)primary.Told();
    }

    private static int Length(List<byte> arrived) => BinaryPrimitives.ReadInt32LittleEndian(arrived.GetRange(0, sizeof(uint)).ToArray());
}
