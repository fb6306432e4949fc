using Trefoil.Cli.Cluster.Picture;
using Trefoil.Primitives;
using Trefoil.Wire.Resp;
using Xunit;
using static Trefoil.Unit.Cli.Cluster.Pictures;

namespace Trefoil.Unit.Cli.Cluster;

public sealed class PictureTests
{
    [Theory]
    [InlineData("id 10.0.0.1:6379@16379 master - 0 0 1 connected 0-5 7 9-11", "10.0.0.1", 6379, "0-5 7 9-11")]
    [InlineData("id 10.0.0.1:6379@16379,host.example,shard=x myself,master - 0 0 1 connected 5 4 3", "10.0.0.1", 6379, "3-5")]
    [InlineData("id :7000@17000 myself,slave abc 0 0 1 connected", "asked", 7000, "-")]
    [InlineData("id ::1:7000@17000 master - 0 0 1 connected 1 [2->-def] [3-<-def]", "::1", 7000, "1")]
    public void A_line_of_cluster_nodes_is_read(string line, string host, int port, string slots)
    {
        var read = Assert.Single(NodeLine.ReadAll(line + "\r\n", new HostPort("asked", 1)));

        Assert.Equal((new HostPort(host, port), slots), (read.Address, SlotRanges.Show(read.Ranges)));
        Assert.Equal(line.Split(' ').Count(word => word.StartsWith('[')), read.Marks.Count);
    }

    [Fact]
    public void What_is_no_line_is_left_out() => Assert.Empty(NodeLine.ReadAll("vars currentEpoch 6\nid noaddress master - 0 0 1 connected\n", Address(1)));

    [Fact]
    public void The_node_with_the_newest_topology_tells_the_story()
    {
        string[] lines = [Line(1, "master", null, "0-16383"), Line(2, "master", null)];
        var newer = Of([Line(1, "master", null, "0-99"), Line(2, "master", null, "100-16383")]).Members[1].Report!.With("topology_version", "58");

        var view = Of(lines, (n, report) => n == 2 ? newer : report);

        Assert.Equal([100, 16284], view.Members.Select(member => member.SlotCount));
    }

    [Theory]
    [InlineData("10.0.0.4:6379", 4)]
    [InlineData("dddd", 4)]
    [InlineData("dddddddddddddddddddddddddddddddddddddddd", 4)]
    public void A_member_is_found_by_its_address_its_id_or_a_part_of_it(string name, int node) => Assert.Equal(Id(node), Whole().Resolve(name).Member?.Id);

    [Theory]
    [InlineData("ddd")]
    [InlineData("10.0.0.9:6379")]
    [InlineData("")]
    public void Anybody_else_is_not_and_the_members_are_named(string name) => Assert.Contains("10.0.0.1:6379, 10.0.0.4:6379, 10.0.0.2:6379", Whole().Resolve(name).Problem, StringComparison.Ordinal);

    [Fact]
    public void Of_several_words_about_a_migration_the_last_state_and_then_the_sources_count()
    {
        var running = Moving("m", "1", 1, 2, "running");
        var seen = Whole((n, report) => report with
        {
            Migrations = n switch { 1 => [running], 2 => [running with { IsExport = false, SlotsCopied = 9 }], _ => [] },
        });
        Assert.True(Assert.Single(seen.Migrations!).IsExport);

        seen = Whole((n, report) => report with { Migrations = n == 2 ? [running with { IsExport = false, State = "success" }] : [running] });
        Assert.Empty(seen.RunningMigrations);
    }

    [Fact]
    public void A_reply_of_slot_migrations_is_read_and_an_unknown_command_is_not_none()
    {
        static RespReply Bulk(string text) => new() { Kind = '$', Bytes = System.Text.Encoding.UTF8.GetBytes(text) };
        static RespReply Row(params string[] words) => new() { Kind = '*', Items = [.. words.Select(Bulk)] };
        var reply = new RespReply { Kind = '*', Items = [Row("name", "n", "operation", "IMPORT", "slot_ranges", "0-10 20-29", "target_node", "t", "source_node", "s", "state", "cancelled")] };

        var row = Assert.Single(MigrationRow.ReadAll(reply)!);

        Assert.Equal(("n", false, "0-10 20-29", 21, "s", "t", false), (row.Name, row.IsExport, SlotRanges.Show(row.Ranges), row.SlotCount, row.Source, row.Target, row.IsRunning));
        Assert.Null(MigrationRow.ReadAll(RespReply.Error("ERR unknown subcommand")));
    }
}
