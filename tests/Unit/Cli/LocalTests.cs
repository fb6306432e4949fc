using System.Globalization;
using Trefoil.Cli.Local;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Cli;

public sealed class LocalTests
{
    [Theory]
    [InlineData(1, "0-16383")]
    [InlineData(2, "0-8191 8192-16383")]
    [InlineData(3, "0-5460 5461-10922 10923-16383")]
    [InlineData(5, "0-3276 3277-6553 6554-9829 9830-13106 13107-16383")]
    [InlineData(6, "0-2730 2731-5460 5461-8191 8192-10922 10923-13652 13653-16383")]
    public void Slots_are_shared_as_redis_cli_create_does(int nodes, string expected) =>
        Assert.Equal(expected, string.Join(' ', SlotShares.Even(nodes).Select(s => $"{s.First}-{s.Last}")));

    [Fact]
    public void Every_number_of_nodes_covers_every_slot_once()
    {
        for (var nodes = 1; nodes <= NodePorts.MostNodes; nodes++)
        {
            var next = 0;
            foreach (var (first, last) in SlotShares.Even(nodes))
            {
                Assert.Equal(next, first);
                Assert.True(last >= first);
                next = last + 1;
            }

            Assert.Equal(HashSlot.Count, next);
        }
    }

    [Fact]
    public void A_node_has_six_ports_a_hundred_apart() =>
        Assert.Equal([7002, 7102, 7202, 7302, 7402, 7502], new NodePorts(7000, 2).All.Select(p => p.Port));

    [Fact]
    public void A_free_base_leaves_room_below_the_ports_of_outgoing_connections()
    {
        var found = FreePorts.FindBase(5, new Prng(1));

        Assert.NotNull(found);
        Assert.InRange(found.Value + 505, 1, 32767);
        Assert.Null(FreePorts.FirstTaken(found.Value, 5));
    }

    [Theory]
    [InlineData("log_level=debug", "log_level = \"debug\"")]
    [InlineData("max_clients=20", "max_clients = 20")]
    [InlineData("bootstrap=false", "bootstrap = false")]
    [InlineData("seeds=[\"127.0.0.1:1\"]", "seeds = [\"127.0.0.1:1\"]")]
    [InlineData("cluster_name=42", "cluster_name = \"42\"")]
    [InlineData("cluster_name=\"quoted\"", "cluster_name = \"quoted\"")]
    [InlineData("zone=a \"b\"", "zone = \"a \\\"b\\\"\"")]
    public void A_setting_becomes_a_line_of_toml(string setting, string line) =>
        Assert.Equal(line + "\n", TomlLines.Apply("", [TomlLines.ParseSetting(setting, out _)!.Value]));

    [Fact]
    public void A_setting_replaces_its_own_line_only_and_never_one_inside_a_table() => Assert.Equal(
        "# mine\nport = 2\nportal = 3\nnew = 9\n[table]\nport = 7\n",
        TomlLines.Apply("# mine\nport = 1\nportal = 3\n[table]\nport = 7\n", [("port", "2"), ("new", "9")]));

    [Theory]
    [InlineData("no equals", "key=value")]
    [InlineData("=1", "key=value")]
    [InlineData("zoen=a", "zone")]
    public void What_is_no_setting_is_refused(string text, string expected)
    {
        Assert.Null(TomlLines.ParseSetting(text, out var problem));
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cluster_is_ready_when_all_is_owned_agreed_and_settled()
    {
        Assert.Null(Readiness.MissingToForm([View(), View(), View()]));
        Assert.Equal("node 2 knows 1 of 3 nodes", Readiness.MissingToForm([View(), View(known: 1), View()]));
        Assert.Equal("5461 of 16384 slots are owned, says id", Readiness.MissingToForm([View(slots: 5461), View(), View()]));
        Assert.Equal("the cluster is not ok, says id", Readiness.MissingToForm([View(), View(), View(state: "fail")]));
        Assert.Equal("the nodes show topology versions 9, 8", Readiness.MissingToForm([View(), View(version: 8), View()]));
        Assert.Equal("1 of 3 Raft voters are in place", Readiness.MissingToForm([View(voters: 1), View(), View()]));
    }

    [Fact]
    public void After_a_restart_a_node_that_was_removed_owes_nothing() =>
        Assert.Null(Readiness.MissingAfterRestart([View(), View(), View(), View(known: 1, slots: 0, state: "fail", version: 2)]));

    [Theory]
    [InlineData(6, 1, "- - - 1 2 3")]
    [InlineData(7, 1, "- - - 1 2 3 1")]
    [InlineData(9, 2, "- - - 1 2 3 1 2 3")]
    [InlineData(3, 2, "- 1 1")]
    [InlineData(3, 0, "- - -")]
    public void Replicas_are_dealt_out_to_the_primaries_in_turn(int nodes, int replicas, string expected) => Assert.Equal(
        expected, string.Join(' ', Enumerable.Range(1, nodes).Select(i => new ShardPlan(nodes, replicas).PrimaryOf(i)?.ToString(CultureInfo.InvariantCulture) ?? "-")));

    [Fact]
    public void Replicas_are_ready_when_each_follows_its_primary()
    {
        var plan = new ShardPlan(2, 1);

        Assert.Null(Readiness.MissingReplicas([View(), View(role: "slave", link: "up")], plan));
        Assert.Equal("the replica set of node 1 has 1 of 2 members", Readiness.MissingReplicas([View(set: 1), View(role: "slave", link: "up")], plan));
        Assert.Equal("node 2 is no replica of node 1 yet", Readiness.MissingReplicas([View(), View()], plan));
        Assert.Equal("node 2 has not copied the data of node 1 yet", Readiness.MissingReplicas([View(), View(role: "slave", link: "down")], plan));
    }

    [Fact]
    public void Settings_of_the_cluster_are_awaited_where_nodes_show_them()
    {
        Assert.Null(Readiness.MissingSettings([View()], [("replication_mode", "quorum")]));
        Assert.Equal("role is slave and not yet master in the shard of node 2", Readiness.MissingSettings([View(), View(role: "slave")], [("role", "master")]));
    }

    private static NodeView View(int known = 3, int slots = 16384, string state = "ok", int version = 9, int voters = 3, string role = "master", string link = "", int set = 2) => new(
        "id", 0,
        new Dictionary<string, string>
        {
            ["cluster_state"] = state,
            ["cluster_known_nodes"] = $"{known}",
            ["cluster_slots_assigned"] = $"{slots}",
        },
        new Dictionary<string, string>
        {
            ["topology_version"] = $"{version}",
            ["raft_voters"] = string.Join(',', Enumerable.Repeat("v", voters)),
        },
        new Dictionary<string, string> { ["role"] = role, ["master_link_status"] = link, ["replica_set_size"] = $"{set}" },
        []);
}
