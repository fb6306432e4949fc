using Trefoil.KeyValue.Persistence;
using Trefoil.Primitives;
using Trefoil.Storage;
using Trefoil.Unit.KeyValue.Server;
using Xunit;

namespace Trefoil.Unit.Simulator.Clients;

public sealed class VirtualConnectionTests
{
    private readonly List<string> _heard = [];

    [Fact]
    public void Commands_are_answered_in_order_by_the_real_server()
    {
        using var rig = new ClientRig();
        var client = rig.Connect();
        Call(client, "SET", "a", "1");
        Call(client, "INCR", "a");
        Call(client, "GET", "a");
        Call(client, "NONSENSE");
        rig.Pass(1);

        Assert.Equal(["OK", "2", "2"], _heard[..3]);
        Assert.StartsWith("ERR unknown command", _heard[3], StringComparison.Ordinal);
        Assert.Equal(0, client.Waiting);
    }

    [Fact]
    public void A_stream_survives_lost_doubled_and_overtaking_packets()
    {
        using var rig = new ClientRig { Copies = packet => packet % 5 == 0 ? 0 : packet % 3 == 0 ? 2 : 1 };
        var client = rig.Connect();
        for (var i = 1; i <= 50; i++)
        {
            Call(client, "INCR", "n");
        }

        rig.Pass(5);
        Assert.Equal(Enumerable.Range(1, 50).Select(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture)), _heard);
    }

    [Fact]
    public void A_reply_waits_until_the_log_has_synced_its_record()
    {
        using var rig = new ClientRig(SyncPolicy.Always) { SyncsAtOnce = false };
        var client = rig.Connect();
        Call(client, "SET", "a", "1");
        rig.Pass(1);
        Assert.Empty(_heard);
        Assert.Equal(1UL, rig.Log.WrittenLsn);

        rig.Sync();
        rig.Pass(1);
        Assert.Equal(["OK"], _heard);
    }

    [Fact]
    public void A_command_at_a_shut_gate_waits_until_it_opens()
    {
        using var rig = new ClientRig();
        rig.Server.Gate.Close();
        var client = rig.Connect();
        Call(client, "SET", "a", "1");
        rig.Pass(1);
        Assert.Empty(_heard);

        rig.Server.Gate.Open(2);
        rig.Pass(0.1);
        Assert.Equal(["OK"], _heard);
    }

    [Fact]
    public void A_command_that_has_waited_too_long_at_the_gate_is_told_so()
    {
        using var rig = new ClientRig();
        rig.Server.Gate.Close();
        Call(rig.Connect(), "GET", "a");
        rig.Pass(3.5);
        Assert.Equal(["CLUSTERDOWN The cluster is down"], _heard);
    }

    [Fact]
    public void Who_was_deposed_closes_instead_of_answering()
    {
        using var rig = new ClientRig { SyncsAtOnce = false };
        var client = rig.Connect();
        Call(client, "SET", "a", "1");
        rig.Pass(0.1);
        rig.Server.Gate.Depose();
        rig.Pass(0.1);
        Assert.Equal(["closed"], _heard);
        Assert.False(client.IsOpen);
        Assert.False(client.WasRefused);
    }

    [Fact]
    public void Nothing_leaves_while_the_lease_has_lapsed()
    {
        using var rig = new ClientRig();
        var client = rig.Connect();
        rig.Pass(0.1);
        rig.Server.Gate.Lease(rig.Now.Ticks + TimeSpan.FromSeconds(1).Ticks);
        rig.SyncsAtOnce = false;
        Call(client, "SET", "a", "1");
        rig.Pass(2);
        rig.Sync();
        rig.Pass(1);
        Assert.Empty(_heard);

        rig.Server.Gate.Lease(long.MaxValue);
        rig.Pass(0.1);
        Assert.Equal(["OK"], _heard);
    }

    [Fact]
    public void A_crash_closes_and_what_was_acknowledged_is_there_again()
    {
        using var rig = new ClientRig();
        var client = rig.Connect();
        Call(client, "SET", "a", "1");
        rig.Pass(0.1);
        rig.SyncsAtOnce = false;
        Call(client, "SET", "b", "1");
        rig.Pass(0.1);
        rig.Crash(CrashMode.LoseAll);
        rig.SyncsAtOnce = true;
        rig.Pass(0.1);
        Assert.Equal(["OK", "closed"], _heard);

        var second = rig.Connect();
        Call(second, "GET", "a");
        Call(second, "EXISTS", "b");
        rig.Pass(0.1);
        Assert.Equal(["1", "0"], _heard[2..]);
    }

    [Fact]
    public void A_connection_to_nobody_is_refused_and_says_so()
    {
        using var rig = new ClientRig();
        rig.Connections.Crashed();
        var client = rig.Connect();
        Call(client, "GET", "a");
        rig.Pass(1);
        Assert.Equal(["closed"], _heard);
        Assert.True(client.WasRefused);
    }

    [Fact]
    public void What_a_client_closed_upon_may_still_be_done()
    {
        using var rig = new ClientRig();
        var client = rig.Connect();
        rig.Pass(0.1);
        Call(client, "SET", "a", "1");
        client.Close();
        rig.Pass(1);
        Assert.Equal(["closed"], _heard);
        Assert.Equal(0, rig.Connections.Count);

        Call(rig.Connect(), "GET", "a");
        rig.Pass(1);
        Assert.Equal("1", _heard[^1]);
    }

    [Fact]
    public void A_deferred_command_is_answered_on_this_thread_once_its_work_is_done()
    {
        using var rig = new ClientRig();
        rig.Cluster.Hold = true;
        var thread = Environment.CurrentManagedThreadId;
        var heardOn = 0;
        var client = rig.Connect();
        client.Call(["CLUSTER", "BUMPEPOCH"], reply => heardOn = reply is { IsError: false } ? Environment.CurrentManagedThreadId : -1);
        Call(client, "PING");
        rig.Pass(1);
        Assert.Equal(0, heardOn);

        rig.Cluster.Release();
        rig.Pass(0.1);
        Assert.Equal(thread, heardOn);
        Assert.Equal(["PONG"], _heard);
    }

    [Theory]
    [InlineData("GET", "b")]
    [InlineData("MULTI")]
    public void ASK_waits_until_it_is_certain_that_the_key_stays_away(params string[] first)
    {
        var cluster = new ScriptedCluster(2);
        cluster.Assign(0, 0, HashSlot.Count - 1);
        using var rig = new ClientRig(cluster: cluster);
        var (one, other) = (rig.Connect(), rig.Connect());
        Call(one, "SET", "b", "1");
        Call(one, "CLUSTER", "SETSLOT", "3300", "MIGRATING", cluster.RespId(1));
        rig.Pass(0.1);
        rig.SyncsAtOnce = false;
        Call(one, "DEL", "b");
        rig.Pass(0.1);
        Call(other, first);
        Call(other, "GET", "b");
        rig.Pass(1);
        Assert.DoesNotContain(_heard, text => text.StartsWith("ASK", StringComparison.Ordinal));

        rig.Sync();
        rig.Pass(0.1);
        Assert.Contains("ASK 3300 10.0.0.2:7001", _heard);
    }

    [Fact]
    public void A_blocked_client_is_served_by_another_ones_push()
    {
        using var rig = new ClientRig();
        Call(rig.Connect(), "BLPOP", "l", "0");
        rig.Pass(0.1);
        Call(rig.Connect(), "RPUSH", "l", "x");
        rig.Pass(0.1);
        Assert.Equal(["*", "1"], _heard.Order(StringComparer.Ordinal));
    }

    private void Call(Trefoil.Simulator.Clients.VirtualConnection client, params string[] arguments) =>
        client.Call(arguments, reply => _heard.Add(reply is null ? "closed" : reply.Items is not null ? "*" : reply.Text ?? "nil"));
}
