using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Unit.KeyValue.Server;
using Xunit;

namespace Trefoil.Unit.KeyValue.Commands;

/// <summary>CLUSTER MIGRATESLOTS, GETSLOTMIGRATIONS, CANCELSLOTMIGRATIONS: Valkey 9's arguments, texts and shapes.</summary>
public sealed class MigrationCommandTests
{
    private const string Ok = "+OK\r\n";
    private const string Nobody = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    [Theory]
    [InlineData("", "wrong number of arguments for 'cluster|migrateslots' command")]
    [InlineData("SLOTSRANGE", "wrong number of arguments for 'cluster|migrateslots' command")]
    [InlineData("INVALID 0 1", "syntax error")]
    [InlineData("SLOTSRANGE 0", "No end slot for final slot range")]
    [InlineData("SLOTSRANGE 0 5 7", "No end slot for final slot range")]
    [InlineData("SLOTSRANGE 16385 16388", "Invalid or out of range slot")]
    [InlineData("SLOTSRANGE -1 5 NODE {1}", "Invalid or out of range slot")]
    [InlineData("SLOTSRANGE 90 16384", "Invalid or out of range slot")]
    [InlineData("SLOTSRANGE a 0", "No slot ranges specified")]
    [InlineData("SLOTSRANGE NODE {1}", "No slot ranges specified")]
    [InlineData("SLOTSRANGE 0 a", "Invalid or out of range slot")]
    [InlineData("SLOTSRANGE 1 0", "Start slot number 1 is greater than end slot number 0")]
    [InlineData("SLOTSRANGE 0 16382", "Requested slots span multiple shards")]
    [InlineData("SLOTSRANGE 0 5 3 6", "Slot range 3-6 overlaps with previous range 0-5")]
    [InlineData("SLOTSRANGE 3 6 0 5", "Slot range 0-5 overlaps with previous range 3-6")]
    [InlineData("SLOTSRANGE 7 7 7 7", "Slot range 7-7 overlaps with previous range 7-7")]
    [InlineData("SLOTSRANGE 0 0", "syntax error")]
    [InlineData("SLOTSRANGE 0 0 NODE", "syntax error")]
    [InlineData("SLOTSRANGE 0 0 TO {1}", "syntax error")]
    [InlineData("SLOTSRANGE 0 0 NODE {1} 5 6", "syntax error")]
    [InlineData("SLOTSRANGE 0 0 NODE blah", "Invalid node name: blah")]
    [InlineData("SLOTSRANGE 0 0 NODE " + Nobody, "Unknown node name: " + Nobody)]
    [InlineData("SLOTSRANGE 1 1 NODE {1} SLOTSRANGE 0 2 NODE {2}", "Slot ranges in migrations overlap")]
    [InlineData("SLOTSRANGE 0 0 2 2 NODE {1} SLOTSRANGE 2 2 NODE {1}", "Slot ranges in migrations overlap")]
    [InlineData("SLOTSRANGE 16383 16383 NODE {1}", "Slot 16383 has no node served")]
    [InlineData("SLOTSRANGE 12000 12000 NODE {2}", "Slots are not served by this node.")]
    [InlineData("SLOTSRANGE 0 0 NODE {0}", "Target node can not be this node.")]
    [InlineData("SLOTSRANGE 0 0 NODE {3}", "Target node is not a master: {3}")]
    [InlineData("SLOTSRANGE 0 0 NODE {1} SLOTSRANGE 1 1 NODE {3}", "Target node is not a master: {3}")]
    [InlineData("SLOTSRANGE 900 900 NODE {1}", "Slot 900 is being moved key by key: end that with CLUSTER SETSLOT 900 STABLE first")]
    [InlineData("SLOTSRANGE 500 500 NODE {1}", "I am already migrating slot 500.")]
    [InlineData("SLOTSRANGE 499 501 NODE {2}", "I am already migrating slot 500.")]
    public void MIGRATESLOTS_says_what_is_wrong_and_changes_nothing(string arguments, string error)
    {
        using var session = Cluster(out var cluster);
        var before = cluster.Topology.Version;
        Assert.Equal($"-ERR {With(error, cluster)}\r\n", session.Call(With($"CLUSTER MIGRATESLOTS {arguments}".TrimEnd(), cluster)));
        Assert.True(cluster.Topology.Version == before || cluster.Topology.Migrations.Count == 1);
    }

    [Fact]
    public void On_a_replica_and_on_a_static_map_there_is_nothing_to_move()
    {
        var cluster = new ScriptedCluster(2) { SelfIndex = 1 };
        cluster.Assign(0, 0, 16383);
        cluster.Follow(1, 0);
        using var session = new RespSession(cluster);
        Assert.Equal("-ERR Slot migration can only be used on primary nodes.\r\n", session.Call("CLUSTER MIGRATESLOTS SLOTSRANGE 0 0"));
        Assert.Equal("-ERR Slot migration can only be used on primary nodes.\r\n", session.Call("CLUSTER CANCELSLOTMIGRATIONS"));
        Assert.Equal("*0\r\n", session.Call("CLUSTER GETSLOTMIGRATIONS"));
    }

    [Fact]
    public void Slots_begin_to_move_in_groups_and_are_listed_until_they_are_cancelled()
    {
        using var session = Cluster(out var cluster);
        Assert.Equal(Ok, session.Call(With("CLUSTER MIGRATESLOTS SLOTSRANGE 0 9 20 29 NODE {1} slotsrange 10 19 node {2}", cluster)));
        var (first, second) = (cluster.Topology.Migrations[^2], cluster.Topology.Migrations[^1]);
        Assert.Equal([new SlotRange(0, 9), new SlotRange(20, 29)], first.Ranges);
        Assert.Equal((cluster.Ids[1], cluster.Ids[2]), (first.Target, second.Target));
        var lines = Fields(session.Call("CLUSTER GETSLOTMIGRATIONS"));
        Assert.Equal([second.Id.ToString(), first.Id.ToString(), cluster.Topology.Migrations[0].Id.ToString()], lines.Select(fields => fields["name"]));
        Assert.Equal("0-9 20-29", lines[1]["slot_ranges"]);
        Assert.Equal("connecting", lines[1]["state"]);
        Assert.Equal("wrong number of arguments for 'cluster|cancelslotmigrations' command", session.Call("CLUSTER CANCELSLOTMIGRATIONS x")[5..^2]);
        Assert.Equal(Ok, session.Call("CLUSTER CANCELSLOTMIGRATIONS"));
        Assert.All(cluster.Topology.Migrations, record => Assert.Equal(MigrationState.Aborted, record.State));
        Assert.All(Fields(session.Call("CLUSTER GETSLOTMIGRATIONS")), fields => Assert.Equal("cancelled", fields["state"]));
        Assert.Equal("-ERR No migrations ongoing\r\n", session.Call("CLUSTER CANCELSLOTMIGRATIONS"));
    }

    [Fact]
    public void A_target_does_not_cancel_what_it_gets()
    {
        var cluster = new ScriptedCluster(2) { SelfIndex = 1 };
        cluster.Assign(0, 0, 16383);
        cluster.Commit(request => new TopologyCommand.BeginMigrations(request, cluster.Ids[0], [new MigrationPart(cluster.Ids[1], [new SlotRange(0, 5)])], 7000));
        using var session = new RespSession(cluster);
        Assert.Equal("-ERR No migrations ongoing\r\n", session.Call("CLUSTER CANCELSLOTMIGRATIONS"));
        Assert.Equal("IMPORT", Assert.Single(Fields(session.Call("CLUSTER GETSLOTMIGRATIONS")))["operation"]);
    }

    [Fact]
    public void A_migration_is_shown_with_all_that_is_known_of_it()
    {
        using var session = Cluster(out var cluster);
        var record = cluster.Topology.Migrations[0];
        session.Server.Moves.Publish(
            new MigrationStatus(
            [
                new MigrationProgress
                {
                    Id = record.Id,
                    Phase = MigrationPhase.CatchingUp,
                    Attempt = 1,
                    Slots = 1,
                    SlotsCopied = 1,
                    BytesSent = 1000,
                    BytesAcked = 600,
                    LastHeard = TimeSpan.FromSeconds(5),
                    LongestFreeze = TimeSpan.FromMilliseconds(12),
                },
            ]),
            TimeSpan.FromSeconds(5));
        var fields = Assert.Single(Fields(session.Call("CLUSTER GETSLOTMIGRATIONS")));
        string[] names =
        [
            "name", "operation", "slot_ranges", "target_node", "source_node", "create_time", "last_update_time", "last_ack_time", "state", "message", "cow_size",
            "remaining_repl_size", "attempt", "phase", "slots_total", "slots_copied", "bytes_sent", "bytes_acked", "longest_pause_ms", "clean",
        ];
        Assert.Equal(names, fields.Keys);
        Assert.Equal(
            ["EXPORT", "500-500", cluster.RespId(1), cluster.RespId(0), "7", "7"],
            new[] { "operation", "slot_ranges", "target_node", "source_node", "create_time", "last_update_time" }.Select(name => fields[name]));
        Assert.Equal(
            ["waiting-to-pause", "", "0", "400", "1", "catching-up", "1", "1", "1000", "600", "12", "0"], names[8..].Select(name => fields[name]));
        var seconds = long.Parse(fields["last_ack_time"], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(seconds, (session.Server.NowMs / 1000) - 60, session.Server.NowMs / 1000);

        cluster.Commit(request => new TopologyCommand.AbortMigration(request, record.Id, "OOM", 8000));
        Assert.Equal(("failed", "OOM"), Assert.Single(Fields(session.Call("CLUSTER GETSLOTMIGRATIONS"))) is var failed ? (failed["state"], failed["message"]) : default);
        session.Call("HELLO 3");
        Assert.StartsWith("*1\r\n%20\r\n$4\r\nname\r\n$40\r\n", session.Call("CLUSTER GETSLOTMIGRATIONS"), StringComparison.Ordinal);
    }

    [Fact]
    public void Slots_that_the_target_has_not_emptied_yet_are_refused_there()
    {
        using var session = Cluster(out var cluster);
        var id = cluster.Topology.Migrations[0].Id;
        cluster.Commit(request => new TopologyCommand.AbortMigration(request, id, "tired", 8000));
        Assert.Equal(
            $"-TRYAGAIN Slot 500 is still being emptied there after migration {id}\r\n", session.Call(With("CLUSTER MIGRATESLOTS SLOTSRANGE 500 500 NODE {1}", cluster)));
        Assert.Equal(Ok, session.Call(With("CLUSTER MIGRATESLOTS SLOTSRANGE 500 500 NODE {2}", cluster)));
    }

    [Fact]
    public void The_rate_is_the_clusters_and_zero_until_somebody_sets_it()
    {
        using var session = Cluster(out var cluster);
        Assert.Equal("*2\r\n$19\r\nslot-migration-rate\r\n$1\r\n0\r\n", session.Call("CONFIG GET slot-migration-rate"));
        Assert.Equal(Ok, session.Call("CONFIG SET slot-migration-rate 10mb"));
        Assert.Equal("10485760", cluster.Topology.SettingOf("migration_rate"));
        Assert.Equal("*2\r\n$19\r\nslot-migration-rate\r\n$8\r\n10485760\r\n", session.Call("CONFIG GET slot-migration-rate"));
        Assert.StartsWith("-ERR CONFIG SET failed", session.Call("CONFIG SET slot-migration-rate fast"), StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_map_from_a_file_every_move_is_refused()
    {
        var cluster = new ScriptedCluster(2);
        cluster.Assign(0, 0, 16383);
        using var server = new KeyValueServer(
            new Keyspace(), new StaticClusterSource(cluster.Self, cluster.Topology), TimeProvider.System, new ServerSettings(), new Prng(1));
        using var session = new RespSession(cluster, server);
        Assert.Equal($"-{StaticClusterSource.Refusal}\r\n", session.Call(With("CLUSTER MIGRATESLOTS SLOTSRANGE 0 5 NODE {1}", cluster)));
        Assert.Equal("-ERR No migrations ongoing\r\n", session.Call("CLUSTER CANCELSLOTMIGRATIONS"));
        Assert.Equal("*0\r\n", session.Call("CLUSTER GETSLOTMIGRATIONS"));
    }

    /// <summary>Node 0 has 0-9999, node 1 up to 16382; node 3 is a replica of 2. Slot 500 is moving, 900 is open.</summary>
    private static RespSession Cluster(out ScriptedCluster cluster)
    {
        cluster = new ScriptedCluster(4);
        cluster.Assign(0, 0, 9999);
        cluster.Assign(1, 10000, 16382);
        cluster.Follow(3, 2);
        var (self, first) = (cluster.Ids[0], cluster.Ids[1]);
        cluster.Commit(request => new TopologyCommand.MarkSlot(request, new SlotMark(900, self, SlotMarkKind.Migrating, first)));
        cluster.Commit(request => new TopologyCommand.BeginMigrations(request, self, [new MigrationPart(first, [new SlotRange(500, 500)])], 7000));
        return new RespSession(cluster);
    }

    private static string With(string text, ScriptedCluster cluster)
    {
        for (var node = 0; node < cluster.Ids.Count; node++)
        {
            text = text.Replace($"{{{node}}}", cluster.RespId(node), StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>Each entry's fields, of a reply in RESP2.</summary>
    private static List<Dictionary<string, string>> Fields(string reply)
    {
        var lines = reply.Split("\r\n").Skip(1).ToList();
        var entries = new List<Dictionary<string, string>>();
        string Value(ref int at) => lines[at][0] == '$' ? lines[(at += 2) - 1] : lines[at++][1..];
        for (var at = 0; at < lines.Count - 1;)
        {
            var fields = new Dictionary<string, string>();
            for (var left = int.Parse(lines[at++][1..], System.Globalization.CultureInfo.InvariantCulture) / 2; left > 0; left--)
            {
                fields.Add(Value(ref at), Value(ref at));
            }

            entries.Add(fields);
        }

        return entries;
    }
}
