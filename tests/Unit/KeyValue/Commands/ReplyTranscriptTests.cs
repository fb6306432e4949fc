using System.Text;
using Trefoil.KeyValue.Cluster;
using Trefoil.Unit.KeyValue.Server;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.Commands;

/// <summary>Golden transcripts: the reply of each command, byte for byte, in RESP2 and RESP3. Texts and shapes were compared with redis-server 7.0.15.</summary>
public sealed class ReplyTranscriptTests
{
    private static readonly string[] Connection =
    [
        "PING", "PING hi", "PING a b", "ECHO hi", "ECHO", "nope", "NOPE a b", "HELLO 4", "HELLO x", "HELLO 2 FOO", "HELLO 2 SETNAME", "HELLO 2 SETNAME me",
        "CLIENT GETNAME", "HELLO 2 AUTH default any", "HELLO 2 AUTH other any", "AUTH x", "AUTH default x", "AUTH other x", "AUTH a b c", "SELECT 0", "SELECT 1",
        "SELECT x", "CLIENT", "CLIENT NOPE x", "CLIENT ID", "CLIENT SETNAME it", "CLIENT GETNAME", "CLIENT SETINFO LIB-NAME redis-py", "CLIENT SETINFO LIB-VER 1.0",
        "CLIENT SETINFO NOPE 1", "CLIENT KILL 1.2.3.4:5", "CLIENT KILL ID 99", "CLIENT KILL ID x", "CLIENT KILL TYPE nope", "CLIENT KILL FOO bar", "CLIENT KILL USER nope",
        "CLIENT KILL SKIPME no", "CLIENT NO-EVICT on", "CLIENT NO-EVICT x", "CLIENT NO-TOUCH off", "CLIENT MAINT_NOTIFICATIONS ON", "CLIENT LIST TYPE nope", "CLIENT LIST ID x",
        "CLIENT LIST ID 77", "CLIENT REPLY nope", "CLIENT REPLY SKIP", "PING skipped", "PING", "CLIENT REPLY OFF", "PING", "CLIENT REPLY ON", "CLIENT TRACKING off",
        "READONLY", "READWRITE", "ASKING", "RESET", "CLIENT GETNAME", "QUIT",
    ];

    private static readonly string[] Server =
    [
        "ROLE", "DBSIZE", "TIME x", "DEBUG SLEEP 0", "DEBUG NOPE", "CONFIG GET maxclients", "CONFIG GET nope", "CONFIG GET proto-max-* databases", "CONFIG SET", "CONFIG SET foo bar",
        "CONFIG SET maxclients abc", "CONFIG SET maxclients 0", "CONFIG SET cluster-enabled no", "CONFIG SET maxclients", "CONFIG SET timeout 0 timeout 1", "CONFIG SET appendonly foo",
        "CONFIG SET maxmemory-policy foo", "CONFIG SET maxmemory 100mb", "CONFIG GET maxmemory", "CONFIG SET proto-max-bulk-len 1000", "CONFIG SET proto-max-bulk-len 2mb",
        "CONFIG GET proto-max-bulk-len", "CONFIG SET client-output-buffer-limit x", "CONFIG GET client-output-buffer-limit", "CONFIG REWRITE", "CONFIG RESETSTAT", "CONFIG FOO",
        "FUNCTION LIST", "FUNCTION DUMP", "FUNCTION FLUSH", "FUNCTION RESTORE x", "COMMAND INFO get nope client|kill", "COMMAND DOCS echo nope", "COMMAND LIST FILTERBY PATTERN *config*",
        "COMMAND LIST FILTERBY ACLCAT nope", "COMMAND LIST FILTERBY x y", "COMMAND LIST x", "COMMAND GETKEYS get k", "COMMAND GETKEYS mset a b c d", "COMMAND GETKEYS get k l",
        "COMMAND GETKEYS ping x", "COMMAND GETKEYS nope x", "COMMAND GETKEYSANDFLAGS get k", "COMMAND FOO", "INFO cluster", "INFO replication nope",
    ];

    private static readonly string[] Cluster =
    [
        "CLUSTER", "CLUSTER NOPE", "CLUSTER INFO", "CLUSTER NODES", "CLUSTER SLOTS", "CLUSTER SHARDS", "CLUSTER LINKS", "CLUSTER MYID", "CLUSTER MYSHARDID", "CLUSTER KEYSLOT foo{bar}",
        "GET a", "MGET a b", "MGET 1 b", "SET b 1", "CLUSTER ADDSLOTS abc", "CLUSTER ADDSLOTS -1", "CLUSTER ADDSLOTS 16384", "CLUSTER ADDSLOTS 9000 9000", "CLUSTER ADDSLOTS 1",
        "CLUSTER ADDSLOTSRANGE 1", "CLUSTER ADDSLOTSRANGE 9000 9001 9002", "CLUSTER ADDSLOTSRANGE 5 4", "CLUSTER ADDSLOTSRANGE 9000 9010 9005 9020", "CLUSTER ADDSLOTSRANGE 12000 12010",
        "CLUSTER DELSLOTS 11999", "CLUSTER DELSLOTS 12000 12000", "CLUSTER DELSLOTSRANGE 12000 12010", "CLUSTER ADDSLOTSRANGE 12000 16383", "GET a", "GET b", "SET b 1",
        "CLUSTER COUNTKEYSINSLOT 3300", "CLUSTER COUNTKEYSINSLOT x", "CLUSTER COUNTKEYSINSLOT 99999", "CLUSTER GETKEYSINSLOT 3300 10", "CLUSTER GETKEYSINSLOT 3300 -1",
        "CLUSTER SETSLOT 3300 NODE OTHER", "CLUSTER SETSLOT 3301 NODE OTHER", "CLUSTER SETSLOT 3301 NODE abc", "CLUSTER SETSLOT 3301 NODE", "CLUSTER SETSLOT 3301 STABLE",
        "CLUSTER SETSLOT 3301 IMPORTING abc", "CLUSTER SETSLOT 3301 MIGRATING abc", "CLUSTER SETSLOT 3300 IMPORTING OTHER", "CLUSTER SETSLOT x NODE abc", "CLUSTER FLUSHSLOTS",
        "CLUSTER REPLICAS abc", "CLUSTER REPLICAS OTHER", "CLUSTER COUNT-FAILURE-REPORTS OTHER", "CLUSTER COUNT-FAILURE-REPORTS abc", "CLUSTER SET-CONFIG-EPOCH abc",
        "CLUSTER SET-CONFIG-EPOCH -1", "CLUSTER SET-CONFIG-EPOCH 3", "CLUSTER BUMPEPOCH", "CLUSTER BUMPEPOCH", "CLUSTER SAVECONFIG", "CLUSTER MEET h", "CLUSTER MEET h x", "CLUSTER MEET h 99999",
        "CLUSTER MEET h 7000 x", "CLUSTER MEET h 7000", "CLUSTER RESET foo", "CLUSTER RESET", "CLUSTER FAILOVER", "CLUSTER REPLICATE abc", "CLUSTER FORGET abc", "CLUSTER FORGET SELF",
        "DEL b", "CLUSTER RESET HARD", "CLUSTER FORGET OTHER", "CLUSTER FORGET OTHER", "CLUSTER NODES", "TREFOIL.PEER",
    ];

    [Theory]
    [InlineData("2")]
    [InlineData("3")]
    public void Connection_commands(string protocol) => Check("connection", protocol, RespSession.Whole(), Connection);

    [Theory]
    [InlineData("2")]
    [InlineData("3")]
    public void Server_commands(string protocol) => Check("server", protocol, RespSession.Whole(), Server);

    [Theory]
    [InlineData("2")]
    [InlineData("3")]
    public void Cluster_commands(string protocol)
    {
        var cluster = new ScriptedCluster(3);
        cluster.Assign(0, 0, 5000);
        cluster.Assign(1, 5001, 8999);
        cluster.Assign(2, 10000, 11998);
        cluster.Health[cluster.Ids[2]] = new NodeHealth(NodeLiveness.Suspect, 55, 44, LinkConnected: false);
        Check("cluster", protocol, cluster, Cluster);
    }

    private static void Check(string name, string protocol, ScriptedCluster cluster, string[] commands)
    {
        using var session = new RespSession(cluster);
        var self = cluster.Topology.Find(cluster.Self)!.RespId;
        var other = cluster.Topology.Find(cluster.Ids[^1])!.RespId;
        var text = new StringBuilder();
        if (protocol == "3")
        {
            session.Call("HELLO 3");
        }

        foreach (var command in commands)
        {
            var reply = session.Call(command.Replace("OTHER", other, StringComparison.Ordinal).Replace("SELF", self, StringComparison.Ordinal));
            text.Append("> ").Append(command).Append('\n').Append(Visible(reply, session)).Append('\n');
            if (protocol == "3" && command.StartsWith("HELLO 2", StringComparison.Ordinal))
            {
                session.Call("HELLO 3");
            }
        }

        Golden.Check("KeyValue", $"{name}-resp{protocol}", text.ToString());
    }

    /// <summary>Line ends and other bytes that do not print as escapes, one line of the reply per line.</summary>
    private static string Visible(string reply, RespSession session)
    {
        var text = new StringBuilder("  ");
        foreach (var letter in reply.Replace(session.Server.RunId, "RUNID", StringComparison.Ordinal))
        {
            text.Append(letter switch
            {
                '\r' => "\\r",
                '\n' => "\\n\n  ",
                < ' ' or > '~' => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"\\x{(int)letter:x2}"),
                _ => letter.ToString(),
            });
        }

        return reply.Length == 0 ? "  (no reply)" : text.ToString().TrimEnd(' ').TrimEnd('\n');
    }
}
