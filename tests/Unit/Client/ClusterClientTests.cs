using Trefoil.Client;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Client;

public sealed class ClusterClientTests
{
    private static readonly int Slot = HashSlot.Of("key"u8);

    [Fact]
    public async Task A_command_goes_to_the_node_that_serves_its_key()
    {
        await using var right = new ScriptedNode(_ => "+from the right node\r\n");
        await using var seed = new ScriptedNode(_ => ScriptedNode.Slots((0, Slot - 1, right.Address with { Port = 1 }), (Slot, 16383, right.Address)));
        await using var client = Client(seed);

        Assert.Equal("from the right node", (await client.SendAsync("GET", "key")).Text);

        Assert.Equal(["CLUSTER SLOTS"], seed.Heard);
        Assert.Equal(["GET key"], right.Heard);
        Assert.Equal(0, client.RedirectsFollowed);
    }

    [Fact]
    public async Task A_moved_is_followed_and_remembered()
    {
        await using var right = new ScriptedNode(_ => "$2\r\nhi\r\n");
        ScriptedNode wrong = null!;
        wrong = new ScriptedNode(c => c[0] == "CLUSTER" ? ScriptedNode.Slots((0, 16383, wrong.Address)) : $"-MOVED {Slot} {right.Address}\r\n");
        await using var owned = wrong;
        await using var client = Client(wrong);

        Assert.Equal("hi", (await client.SendAsync("GET", "key")).Text);
        Assert.Equal("hi", (await client.SendAsync("GET", "key")).Text);

        Assert.Equal(["CLUSTER SLOTS", "GET key"], wrong.Heard);
        Assert.Equal(1, client.RedirectsFollowed);
        Assert.Equal(right.Address, client.Map.OwnerOf(Slot));
    }

    [Fact]
    public async Task An_ask_is_followed_with_asking_before_it_and_not_remembered()
    {
        await using var target = new ScriptedNode(_ => "+OK\r\n");
        ScriptedNode source = null!;
        source = new ScriptedNode(c => c[0] == "CLUSTER" ? ScriptedNode.Slots((0, 16383, source.Address)) : $"-ASK {Slot} {target.Address}\r\n");
        await using var owned = source;
        await using var client = Client(source);

        Assert.Equal("OK", (await client.SendAsync("SET", "key", "v")).Text);

        Assert.Equal(["ASKING", "SET key v"], target.Heard);
        Assert.Equal(source.Address, client.Map.OwnerOf(Slot));
    }

    [Fact]
    public async Task Redirects_that_lead_nowhere_end()
    {
        ScriptedNode ping = null!, pong = null!;
        ping = new ScriptedNode(c => c[0] == "CLUSTER" ? ScriptedNode.Slots((0, 16383, ping.Address)) : $"-MOVED {Slot} {pong.Address}\r\n");
        pong = new ScriptedNode(_ => $"-MOVED {Slot} {ping.Address}\r\n");
        await using var first = ping;
        await using var second = pong;
        await using var client = Client(ping);

        var reply = await client.SendAsync("GET", "key");

        Assert.True(reply.IsError);
        Assert.StartsWith("MOVED ", reply.Text, StringComparison.Ordinal);
        Assert.Equal(new ClusterClientOptions().MostRedirects, client.RedirectsFollowed);
    }

    [Fact]
    public async Task A_cluster_that_is_down_for_a_moment_is_waited_for()
    {
        var down = 2;
        ScriptedNode node = null!;
        node = new ScriptedNode(c => c[0] == "CLUSTER" ? ScriptedNode.Slots((0, 16383, node.Address))
            : down-- > 0 ? "-CLUSTERDOWN The cluster is down\r\n" : "+OK\r\n");
        await using var owned = node;
        await using var client = Client(node);

        Assert.Equal("OK", (await client.SendAsync("SET", "key", "v")).Text);
    }

    [Fact]
    public async Task A_command_whose_reply_was_lost_is_not_sent_again()
    {
        ScriptedNode node = null!;
        node = new ScriptedNode(c => c[0] == "CLUSTER" ? ScriptedNode.Slots((0, 16383, node.Address)) : "");
        await using var owned = node;
        await using var client = Client(node);

        var reply = await client.SendAsync("INCR", "key");

        Assert.StartsWith("CONNECTIONLOST ", reply.Text, StringComparison.Ordinal);
        Assert.Single(node.Heard, "INCR key");
    }

    [Fact]
    public async Task Replies_reach_their_callers_when_many_send_at_once()
    {
        ScriptedNode node = null!;
        node = new ScriptedNode(c => c[0] == "CLUSTER" ? ScriptedNode.Slots((0, 16383, node.Address)) : $"${c[1].Length}\r\n{c[1]}\r\n");
        await using var owned = node;
        await using var client = Client(node);

        var keys = Enumerable.Range(0, 500).Select(i => $"key{i}").ToList();
        var replies = await Task.WhenAll(keys.Select(k => client.SendAsync("GET", k)));

        Assert.Equal(keys, replies.Select(r => r.Text));
    }

    [Fact]
    public async Task No_node_at_all_is_an_error_reply_and_no_exception()
    {
        await using var client = new ClusterClient(
            [new HostPort("127.0.0.1", 1)], new ClusterClientOptions { Deadline = TimeSpan.Zero }, TimeProvider.System);

        Assert.StartsWith("CLUSTERDOWN ", (await client.SendAsync("GET", "key")).Text, StringComparison.Ordinal);
    }

    private static ClusterClient Client(ScriptedNode seed) => new([seed.Address], new ClusterClientOptions(), TimeProvider.System);
}
