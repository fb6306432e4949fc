using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Unit.Migration;

/// <content>What stands in for replication and elections; faults, operators and clients.</content>
internal sealed partial class MoveWorld
{
    private uint _values;
    private ulong _transfers;

    /// <summary>It is primary, as far as it knows, and its lease still holds.</summary>
    public bool Answers(MoveMember member)
    {
        if (!member.Up || member.Serving == 0 || StateOf(member) is not { } state)
        {
            return false;
        }

        var shard = Cluster.Topology.FindShard(state.Id)!;
        return shard.Epoch == member.Serving || (state.DeposedEpoch == member.Serving && Now < state.DeposedAt + Lease);
    }

    /// <summary>Ends the shard's epoch; after a lease whoever has everything is promoted.</summary>
    public void Elect(NodeId id)
    {
        var (state, shard) = (_shards.Single(each => each.Id == id), Cluster.Topology.FindShard(id)!);
        if (!shard.IsElecting)
        {
            (state.DeposedEpoch, state.DeposedAt) = (shard.Epoch, Now);
            Do(request => new TopologyCommand.BeginElection(request, id, shard.Epoch, NodeId.None, IsForced: false));
            Tell($"shard of n{Find(shard.Primary).Number} elects");
            At(Now + Lease + Random.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(200)), null, () => Promote(state));
        }
    }

    /// <summary>No more faults, everybody is back.</summary>
    public void Heal()
    {
        IsHealing = true;
        _cuts.Clear();
    }

    private void Promote(ShardState state)
    {
        var shard = Cluster.Topology.FindShard(state.Id)!;
        var able = MembersOf(state).Where(member => member.Up && (state.InSync || member.Id == shard.Primary)).ToList();
        if (able.Count == 0)
        {
            At(Now + Lease, null, () => Promote(state));
            return;
        }

        var winner = able[Random.Below(able.Count)];
        state.InSync = false;
        Tell($"n{winner.Number} is promoted");
        Do(request => new TopologyCommand.Promote(request, state.Id, shard.Epoch, winner.Id, [winner.Id]));
    }

    /// <summary>Once in a while: copies logs, says what is held, and elects where nobody serves.</summary>
    private void Turn()
    {
        At(Now + Delay(), null, Turn);
        foreach (var state in _shards)
        {
            var shard = Cluster.Topology.FindShard(state.Id)!;
            var lead = Find(shard.Primary);
            if (shard.IsElecting)
            {
                continue;
            }

            if (lead.Up && lead.Serving == shard.Epoch)
            {
                var copy = MembersOf(state).Single(member => member != lead);
                Copy(state, lead, copy);
                lead.Hold(state.InSync ? copy.Log.LastLsn : lead.Log.LastLsn);
            }
            else if (!lead.Up || (lead.Seen.ShardOf(lead.Id)?.Epoch == shard.Epoch && lead.Floor >= shard.Epoch))
            {
                Elect(state.Id);
            }
        }
    }

    private void Copy(ShardState state, MoveMember lead, MoveMember copy)
    {
        if (!copy.Up || copy.Serving != 0 || _cuts.Contains((lead.Number, copy.Number)))
        {
            state.InSync = false;
            return;
        }

        if (copy.Follows != lead.Serving)
        {
            var (writer, transfer) = (new ByteWriter(), ++_transfers);
            lead.Log.MakeSnapshot(transfer);
            lead.Log.FinishJob();
            lead.Log.ReadSnapshot(transfer, 0, int.MaxValue, writer);
            lead.Log.DropSnapshot(transfer);
            copy.Log.Follow();
            copy.Log.Receive(transfer, 0, writer.Written);
            copy.Log.Install(transfer);
            copy.Log.FinishJob();
            copy.Follows = lead.Serving;
        }

        for (var left = 1 + Random.Below(8); left > 0 && copy.Log.LastLsn < lead.Log.LastLsn; left--)
        {
            copy.Log.Append(copy.Log.LastLsn + 1, lead.Log.RecordAt(copy.Log.LastLsn + 1)!);
            copy.Log.Commit();
        }

        state.InSync |= copy.Log.LastLsn == lead.Log.LastLsn;
    }

    private void Call()
    {
        At(Now + (Plan.CallEvery * (0.2 + (1.6 * Random.Fraction()))), null, Call);
        Oracle.CheckServers();
        var (slot, key) = (Random.Below(ModelSlots.Count), Random.Below(ModelSlots.Keys));
        var view = Members[Random.Below(Members.Count)];
        if (view.Seen.OwnerOf(slot) is { } owner)
        {
            Find(owner.Id).Execute(new MoveCall(slot, key, Random.Chance(0.6) ? ++_values : 0, Oracle.Shown(slot, key)));
        }
    }

    private TimeSpan NextFault() => Plan.FaultEvery!.Value * (0.2 + (1.6 * Random.Fraction()));

    private void Fault()
    {
        if (IsHealing)
        {
            return;
        }

        At(Now + NextFault(), null, Fault);
        var (one, other) = (Members[Random.Below(Members.Count)], Members[Random.Below(Members.Count)]);
        switch (Random.Below(10))
        {
            case < 3:
                Crash(one, Random.Between(TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(2)));
                break;
            case < 5:
                Elect(_shards[Random.Below(_shards.Count)].Id);
                break;
            case 5:
                Cut(one.Number, other.Number);
                At(Now + Random.Between(TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(3)), null, () => Join(one.Number, other.Number));
                break;
            case 6 when Cluster.Topology.Migrations.FirstOrDefault(record => record.State == MigrationState.Running) is { } running:
                Do(id => new TopologyCommand.AbortMigration(id, running.Id, "cancelled", 0));
                break;
            case 7 when Answers(one) && one.Slots.IsFree:
                one.Slots.Flush(slot => one.Seen.Owns(one.Id, slot));
                one.Hand(new Trefoil.Migration.MigrationInput.Appended());
                Count("flushes");
                break;
        }
    }

    /// <summary>Moves a few slots from their owner to another shard; refused, it does not.</summary>
    public void BeginSomewhere()
    {
        var slot = Random.Below(ModelSlots.Count);
        var source = Cluster.Topology.OwnerOf(slot)!;
        var targets = Cluster.Topology.Shards.Where(shard => shard.Primary != source.Id).ToList();
        var part = new MigrationPart(targets[Random.Below(targets.Count)].Primary, [new SlotRange(slot, Math.Min(ModelSlots.Count - 1, slot + Random.Below(3)))]);
        Do(id => new TopologyCommand.BeginMigrations(id, source.Id, [part], 0));
    }

    private ShardState? StateOf(MoveMember member) =>
        Cluster.Topology.Find(member.Id) is { } node ? _shards.Find(state => state.Id == node.ShardId) : null;

    private IEnumerable<MoveMember> MembersOf(ShardState state) => Members.Where(member => StateOf(member) == state);
}
