using Trefoil.Wire.Resp;
using Xunit;

namespace Trefoil.Cluster.Differential;

/// <summary>Replies whose contents differ from server to server have the shape that Redis gives them, in both protocols: the types of their parts.</summary>
public sealed class ReplyShapeTests
{
    /// <summary>Prepares, then asks; a line per command.</summary>
    private static readonly string[] Commands =
    [
        "FLUSHALL", "CONFIG SET slowlog-log-slower-than -1", "SLOWLOG RESET", "SET s 1", "SET t 1 EX 1000", "HSET h a 1 b 2", "RPUSH l a b c", "SADD set a b", "ZADD z 1 a 2.5 b inf c",
        "PING", "ECHO x", "TIME", "DBSIZE", "LASTSAVE", "ROLE", "INFO", "INFO server", "INFO commandstats", "INFO keyspace", "INFO everything",
        "CLIENT ID", "CLIENT GETNAME", "CLIENT INFO", "CLIENT LIST", "CLIENT TRACKINGINFO", "CLIENT GETREDIR", "CLIENT KILL ID 999999", "CLIENT NO-EVICT off", "CLIENT TRACKING off", "CLIENT TRACKING x", "CLIENT CACHING yes", "CLIENT CACHING x", "CLIENT UNBLOCK 999999", "CLIENT HELP",
        "COMMAND COUNT", "COMMAND INFO get", "COMMAND INFO get nosuch", "COMMAND LIST FILTERBY PATTERN ge*", "COMMAND GETKEYS SET a b", "COMMAND GETKEYSANDFLAGS SET a b",
        "COMMAND DOCS get", "COMMAND DOCS config", "COMMAND DOCS nosuch", "COMMAND INFO config",
        "CONFIG GET maxclients", "CONFIG GET nosuch", "CONFIG GET max*", "CONFIG HELP", "CONFIG RESETSTAT",
        "CLUSTER INFO", "CLUSTER NODES", "CLUSTER SLOTS", "CLUSTER SHARDS", "CLUSTER LINKS", "CLUSTER MYID", "CLUSTER KEYSLOT a", "CLUSTER COUNTKEYSINSLOT 1", "CLUSTER GETKEYSINSLOT 1 10", "CLUSTER HELP",
        "CLUSTER REPLICAS nosuch", "CLUSTER COUNT-FAILURE-REPORTS nosuch",
        "FUNCTION LIST", "FUNCTION STATS", "FUNCTION DUMP", "FUNCTION FLUSH", "FUNCTION HELP",
        "OBJECT ENCODING s", "OBJECT ENCODING nosuch", "OBJECT REFCOUNT h", "OBJECT IDLETIME s", "OBJECT FREQ s", "OBJECT HELP",
        "MEMORY USAGE s", "MEMORY USAGE nosuch", "MEMORY STATS", "MEMORY DOCTOR", "MEMORY PURGE", "MEMORY MALLOC-STATS", "MEMORY HELP",
        "SLOWLOG LEN", "SLOWLOG GET", "SLOWLOG RESET", "SLOWLOG HELP", "LATENCY LATEST", "LATENCY HISTORY command", "LATENCY HISTOGRAM get", "LATENCY HISTOGRAM", "LATENCY RESET", "LATENCY DOCTOR", "LATENCY HELP",
        "PUBSUB CHANNELS", "PUBSUB NUMSUB a b", "PUBSUB NUMPAT", "PUBSUB SHARDCHANNELS", "PUBSUB SHARDNUMSUB a", "PUBSUB HELP", "PUBLISH a b", "SPUBLISH a b",
        "SCAN 0", "HSCAN h 0", "SSCAN set 0", "ZSCAN z 0", "KEYS *", "RANDOMKEY", "TYPE s", "TTL t", "EXPIRETIME t", "DUMP s", "DUMP nosuch",
        "GET s", "GET nosuch", "MGET s", "GETDEL nosuch", "INCRBYFLOAT s 1.5", "LCS s s", "LCS s s IDX", "LCS s s LEN", "SETBIT bits 1 1", "BITFIELD bits GET u8 0", "BITFIELD bits OVERFLOW FAIL INCRBY u2 0 3",
        "HGETALL h", "HGETALL nosuch", "HMGET h a nosuch", "HKEYS h", "HRANDFIELD h", "HRANDFIELD h 2", "HRANDFIELD h 2 WITHVALUES", "HRANDFIELD nosuch", "HINCRBYFLOAT h a 1.5",
        "LRANGE l 0 -1", "LPOS l a", "LPOS l nosuch", "LPOS l a COUNT 1", "LPOP nosuch", "LPOP nosuch 2", "LPOP l 1", "LMPOP 1 l LEFT", "LMPOP 1 nosuch LEFT", "LMOVE nosuch l LEFT LEFT", "BLPOP nosuch 0.01", "BLMPOP 0.01 1 nosuch LEFT",
        "SMEMBERS set", "SMISMEMBER set a z", "SISMEMBER set a", "SINTER set set", "SRANDMEMBER set", "SRANDMEMBER set 1", "SRANDMEMBER nosuch", "SPOP set", "SPOP set 1", "SPOP nosuch", "SPOP nosuch 1", "SINTERCARD 1 set",
        "ZSCORE z a", "ZSCORE z c", "ZSCORE z nosuch", "ZMSCORE z a nosuch", "ZINCRBY z 1 a", "ZADD z INCR 1 a", "ZADD z NX INCR 1 a", "ZRANGE z 0 -1", "ZRANGE z 0 -1 WITHSCORES", "ZRANGEBYSCORE z -inf +inf WITHSCORES",
        "ZRANDMEMBER z", "ZRANDMEMBER z 2", "ZRANDMEMBER z 2 WITHSCORES", "ZPOPMIN z", "ZPOPMIN z 1", "ZPOPMAX nosuch", "ZMPOP 1 z MIN", "ZMPOP 1 nosuch MIN", "BZPOPMIN nosuch 0.01", "ZADD z 1 a 2 b", "ZRANK z a", "ZRANK z nosuch",
        "ZUNION 1 z WITHSCORES", "ZINTER 1 z WITHSCORES", "ZDIFF 1 z WITHSCORES", "BZPOPMAX z 1", "BZMPOP 1 1 z MAX", "SORT l", "SORT_RO l",
        "WAIT 0 1", "MULTI", "GET s", "HGETALL h", "EXEC", "MULTI", "NOSUCH", "EXEC", "WATCH s", "UNWATCH", "DEBUG OBJECT nosuch", "DEBUG HELP", "EVAL x 0", "NOSUCH", "GET", "SUBSCRIBE",
        "HELLO 2", "HELLO 3", "HELLO 4", "RESET",
    ];

    /// <summary>The intended ones.</summary>
    private static readonly Dictionary<string, string> Differences = new()
    {
        ["MEMORY STATS"] = "Redis shows the hash tables of its databases; here keys lie in tables of slots, whose bytes are theirs",
        ["FUNCTION STATS"] = "Redis has an engine, Lua, without libraries; here there is none",
    };

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_reply_is_built_of_the_types_that_redis_uses(int protocol)
    {
        using var redis = await RedisServer.StartAsync();
        await using var trefoil = await EmbeddedServer.StartAsync();
        using var judge = new RawConnection(redis.Port);
        using var judged = new RawConnection(trefoil.Port);
        var different = new List<string>();
        foreach (var command in Commands.Prepend($"HELLO {protocol}"))
        {
            var words = command.Split(' ').Select(word => word is [>= 'a' and <= 'z'] || word.StartsWith("nosuch", StringComparison.Ordinal) ? "{t}" + word : word).ToArray();
            var (expected, actual) = (Shape(judge.Call(words)), Shape(judged.Call(words)));
            if (words[^1] == "HELP")
            {
                (expected, actual) = (expected[..3], actual[..3]); // Lines of text, ours.
            }

            if (expected != actual && !Differences.ContainsKey(command))
            {
                different.Add($"{command}: {expected} expected, {actual} seen");
            }
        }

        Assert.True(different.Count == 0, string.Join('\n', different));
    }

    private static string Shape(byte[] bytes)
    {
        var reader = new RespReplyReader();
        reader.Feed(bytes);
        return reader.TryRead(out var reply) ? Shape(reply) : $"no RESP: {reader.Failure}";
    }

    /// <summary>The type; of an aggregate also the different shapes inside, however often; of an error its first word; of a simple string the whole.</summary>
    private static string Shape(RespReply reply) => reply.Kind switch
    {
        '-' or '!' => $"{reply.Kind}{reply.Text!.Split(' ')[0]}",
        '+' => $"+{reply.Text}",
        '*' or '~' or '%' or '>' => $"{reply.Kind}({string.Join(' ', reply.Items!.Select(Shape).Distinct().Order(StringComparer.Ordinal))})",
        _ => $"{reply.Kind}",
    };
}
