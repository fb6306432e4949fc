using FsCheck;
using FsCheck.Fluent;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Xunit;
using static Trefoil.Unit.Sharding.Cluster;

namespace Trefoil.Unit.Sharding;

/// <summary>What holds after any sequence of commands. Each number of a sequence stands for one random command.</summary>
public sealed class TopologyPropertyTests
{
    private static readonly Config Sequences = Config.QuickThrowOnFailure.WithMaxTest(100).WithEndSize(120).WithQuietOnSuccess(true);

    [Fact]
    public void Invariants_hold_after_any_sequence() =>
        Prop.ForAll<int[]>(steps =>
        {
            var machine = new TopologyMachine();
            var mintedUpTo = 0UL;
            foreach (var command in Commands(steps))
            {
                var before = machine.Topology;
                var result = machine.Apply(before.Version + 1, command);
                foreach (var minted in machine.Topology.Nodes.Select(node => node.MemberId).Except(before.Nodes.Select(node => node.MemberId)))
                {
                    Assert.True(minted > mintedUpTo, $"member id {minted} was used before");
                    mintedUpTo = minted;
                }

                if (result is CommandResult.Refused)
                {
                    Assert.Equal(Content(before), Content(machine.Topology));
                }

                AssertConsistent(machine.Topology);
            }
        }).Check(Sequences);

    [Fact]
    public void Reading_what_was_written_gives_the_same() =>
        Prop.ForAll<int[]>(steps =>
        {
            var machine = new TopologyMachine();
            foreach (var command in Commands(steps))
            {
                var bytes = TopologyCommandCodec.Encode(command);
                Assert.True(TopologyCommandCodec.TryDecode(bytes, out var read));
                Assert.Equal(bytes, TopologyCommandCodec.Encode(read));
                Assert.Equal(command.GetType(), read.GetType());
                Assert.False(TopologyCommandCodec.TryDecode(bytes.AsSpan(0, bytes.Length - 1), out _));
                machine.Apply(machine.Topology.Version + 1, read);
            }

            Assert.True(Topology.TryDecode(machine.Topology.Encode(), out var topology));
            Assert.Equal(machine.Topology, topology);
        }).Check(Sequences);

    [Fact]
    public void A_snapshot_and_the_rest_of_the_log_lead_where_the_whole_log_leads() =>
        Prop.ForAll<int[]>(steps =>
        {
            var commands = Commands(steps);
            var whole = Replay(new TopologyMachine(), commands, 0);
            var first = Replay(new TopologyMachine(), commands[..(commands.Length / 2)], 0);
            var restored = new TopologyMachine();
            Assert.True(restored.TryRestore(first.Snapshot()));
            Replay(restored, commands[(commands.Length / 2)..], commands.Length / 2);

            Assert.Equal(whole.Snapshot(), restored.Snapshot());
        }).Check(Sequences);

    [Fact]
    public void Delivering_every_command_twice_changes_only_the_version() =>
        Prop.ForAll<int[]>(steps =>
        {
            var (once, twice) = (new TopologyMachine(), new TopologyMachine());
            foreach (var command in Commands(steps))
            {
                var answer = once.Apply(once.Topology.Version + 1, command);
                once.Skip(once.Topology.Version + 1); // Epochs are versions: both machines see as many entries.
                Assert.Equal(answer, twice.Apply(twice.Topology.Version + 1, command));
                Assert.Equal(answer, twice.Apply(twice.Topology.Version + 1, command));
            }

            Assert.Equal(Content(once.Topology), Content(twice.Topology));
        }).Check(Sequences);

    [Fact]
    public void Any_bytes_are_read_without_throwing() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            TopologyCommandCodec.TryDecode(bytes, out _);
            Topology.TryDecode(bytes, out _);
            new TopologyMachine().TryRestore([1, .. bytes]);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithQuietOnSuccess(true));

    private static void AssertConsistent(Topology topology)
    {
        var members = topology.Nodes.Select(node => node.Id).ToArray();
        Assert.Equal(members.Order().Distinct(), members);
        Assert.Equal(members.Length, topology.Nodes.Select(node => node.MemberId).Distinct().Count());
        Assert.All(topology.Nodes, node => Assert.InRange(node.MemberId, 1UL, topology.NextMemberId - 1));
        Assert.All(topology.Nodes, node => Assert.True(node.ConfigEpoch <= topology.CurrentEpoch));

        var owners = Enumerable.Range(0, HashSlot.Count).Select(topology.OwnerOf).OfType<NodeRecord>();
        var counted = owners.CountBy(owner => owner.Id).ToDictionary();
        Assert.Subset(members.ToHashSet(), counted.Keys.ToHashSet());

        Assert.Equal(counted.Values.Sum(), topology.AssignedSlots);
        Assert.All(members, id => Assert.Equal(counted.GetValueOrDefault(id), topology.SlotCountOf(id)));
        Assert.All(members, id => Assert.Equal(topology.SlotCountOf(id), topology.RangesOf(id).Sum(range => range.Count)));

        Assert.Equal(topology.Shards.OrderBy(shard => shard.Id), topology.Shards);
        Assert.All(topology.Nodes, node =>
        {
            var shard = Assert.Single(topology.Shards, shard => shard.Id == node.ShardId);
            Assert.Equal(shard.Primary, node.IsPrimary ? node.Id : node.PrimaryId);
            Assert.True(node.IsPrimary || topology.SlotCountOf(node.Id) == 0, "a replica owns slots");
        });
        Assert.All(topology.Shards, shard =>
        {
            Assert.Contains(shard.Primary, shard.ReplicaSet);
            Assert.Subset(topology.MembersOf(shard).Select(node => node.Id).ToHashSet(), shard.ReplicaSet.ToHashSet());
        });

        var moving = topology.Migrations.Where(record => record.State == MigrationState.Running).ToArray();
        Assert.All(moving, record => Assert.All(record.Ranges, range => Assert.All(
            Enumerable.Range(range.Start, range.Count), slot => Assert.True(topology.Owns(topology.FindShard(record.Source)!.Primary, slot)))));
        Assert.Equal(moving.Sum(record => record.SlotCount), moving.SelectMany(record => record.Ranges).SelectMany(range => Enumerable.Range(range.Start, range.Count)).Distinct().Count());

        Assert.Equal(topology.Marks.Order(), topology.Marks);
        Assert.Equal(topology.Marks.Count, topology.Marks.DistinctBy(mark => (mark.Slot, mark.Holder)).Count());
        Assert.All(topology.Marks, mark =>
        {
            Assert.Contains(mark.Holder, members);
            Assert.Contains(mark.Peer, members);
            Assert.Equal(mark.Kind == SlotMarkKind.Migrating, topology.Owns(mark.Holder, mark.Slot));
        });
    }

    private static byte[] Content(Topology topology) => topology.Encode()[TopologyVersionBytes(topology)..];

    private static int TopologyVersionBytes(Topology topology)
    {
        var writer = new ByteWriter();
        writer.Byte(0);
        writer.Varint(topology.Version);
        return writer.Length;
    }

    private static TopologyMachine Replay(TopologyMachine machine, IEnumerable<TopologyCommand> commands, int before)
    {
        var index = (ulong)before;
        foreach (var command in commands)
        {
            machine.Apply(++index, command);
        }

        return machine;
    }

    private static TopologyCommand[] Commands(int[] steps) =>
        [.. steps.Select((step, i) => Draw(new Prng((ulong)((step * 7919) + i)), i))];

    private static TopologyCommand Draw(Prng random, int step)
    {
        // Some requests repeat an earlier number, as a retry that meets other content would: the first answer must stand.
        var request = new RequestId(Member(random.Below(3) + 1), (ulong)Math.Max(1, step - (random.Chance(0.1) ? 3 : 0)));
        var node = Member(random.Below(6) + 1);
        return step == 0 ? new TopologyCommand.FoundCluster(request, Id, "test", Record(1)) : random.Below(28) switch
        {
            0 => new TopologyCommand.FoundCluster(request, Id, "test", Record(1)),
            1 or 2 => new TopologyCommand.AddNode(request, Record(random.Below(6) + 1, (ulong)random.Below(4)), Ranges(random)),
            3 => new TopologyCommand.CancelJoin(request, new RequestId(Member(random.Below(3) + 1), (ulong)(step + random.Below(3)))),
            4 => new TopologyCommand.RemoveNode(request, node, random.Below(200_000)),
            5 => new TopologyCommand.UpdateNode(request, node, new NodeEndpoints(random.Chance(0.1) ? "" : "10.0.0.1"), "z"),
            6 or 7 => new TopologyCommand.AssignSlots(request, node, Ranges(random)),
            8 => new TopologyCommand.RemoveSlots(request, node, Ranges(random)),
            9 => new TopologyCommand.SetSlotOwner(request, random.Below(16390), node),
            10 => random.Chance(0.5)
                ? new TopologyCommand.BumpEpoch(request, node)
                : new TopologyCommand.SetConfigEpoch(request, node, (ulong)random.Below(9)),
            11 => new TopologyCommand.MoveSlot(request, random.Below(50), Someone(random), node),
            12 or 13 => new TopologyCommand.MarkSlot(
                request, new SlotMark(random.Below(50), node, (SlotMarkKind)random.Below(2), Member(random.Below(6) + 1))),
            14 => new TopologyCommand.ClearMark(request, random.Below(50), node),
            15 => new TopologyCommand.SetSetting(request, "replication_mode", random.Chance(0.5) ? "quorum" : "synchronous"),
            >= 16 and < 22 => DrawShardCommand(random, request, node, step),
            >= 22 => DrawMigrationCommand(random, request, node, step),
            _ => new TopologyCommand.SetSetting(request, $"key{random.Below(4)}", random.Chance(0.3) ? "" : $"{step}"),
        };
    }

    /// <summary>Epochs and versions are guessed from few, so that some are right.</summary>
    private static TopologyCommand DrawShardCommand(Prng random, RequestId request, NodeId node, int step)
    {
        var shard = Member(random.Below(6) + 1);
        var version = (ulong)Math.Max(1, step - random.Below(Math.Max(1, step)));
        NodeId[] set = [.. Enumerable.Range(1, 6).Where(_ => random.Chance(0.4)).Select(Member)];
        return random.Below(8) switch
        {
            0 or 1 or 2 => new TopologyCommand.Replicate(request, node, Member(random.Below(6) + 1)),
            3 => new TopologyCommand.ChangeReplicaSet(request, shard, version, set, (ReplicationMode)random.Below(3)),
            4 => new TopologyCommand.BeginElection(request, shard, version, random.Chance(0.8) ? NodeId.None : node, random.Chance(0.3)),
            5 => new TopologyCommand.Promote(request, shard, version, node, set),
            6 => new TopologyCommand.BeginElection(request, shard, 1, NodeId.None, false),
            _ => new TopologyCommand.BeginElection(request, shard, version, node, true),
        };
    }

    private static TopologyCommand DrawMigrationCommand(Prng random, RequestId request, NodeId node, int step)
    {
        var id = new MigrationId(Member(random.Below(3) + 1), (ulong)Math.Max(1, step - random.Below(6)), (ushort)random.Below(2));
        var attempt = (uint)random.Below(3);
        return random.Below(8) switch
        {
            0 => new TopologyCommand.RestartMigration(request, id, attempt, "again", step),
            1 => new TopologyCommand.CompleteMigration(request, id, attempt, step),
            2 => new TopologyCommand.AbortMigration(request, id, "stop", step),
            3 => new TopologyCommand.CleanMigration(request, id, (ulong)random.Below(step + 1)),
            _ => new TopologyCommand.BeginMigrations(
                request, node, [.. Enumerable.Range(0, 1 + random.Below(2)).Select(_ => new MigrationPart(Member(random.Below(6) + 1), Ranges(random)))], step),
        };
    }

    private static NodeId Someone(Prng random) => random.Chance(0.3) ? NodeId.None : Member(random.Below(6) + 1);

    private static SlotRange[] Ranges(Prng random)
    {
        var ranges = new SlotRange[random.Below(3)];
        for (var i = 0; i < ranges.Length; i++)
        {
            var start = random.Below(random.Chance(0.5) ? 50 : 16384);
            ranges[i] = new SlotRange(start, start + random.Below(random.Chance(0.1) ? 20_000 : 50));
        }

        return ranges;
    }
}
