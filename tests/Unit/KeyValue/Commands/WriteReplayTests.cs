using Trefoil.KeyValue.Commands;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Storage;
using Trefoil.Unit.KeyValue.Server;
using Xunit;

namespace Trefoil.Unit.KeyValue.Commands;

/// <summary>Every command that changes keys records what it changed: the log, applied to an empty store, gives the same keys, values and expiries.</summary>
public sealed class WriteReplayTests
{
    /// <summary>A way to use each command; <c>s h l e z</c> are keys of each type, <c>v</c> a word, <c>n</c> a number, <c>future</c> a point in time.</summary>
    private static readonly string[] Samples =
    [
        "append s v", "blmove l l right left 1", "blmpop 1 1 l left", "blpop l l 1", "brpop l 1", "brpoplpush l l 1", "bzmpop 1 1 z min",
        "bzpopmax z 1", "bzpopmin z z 1", "bitfield s set u8 #n n incrby i16 9 n", "bitop xor s s s", "bitop not s s", "copy s s replace", "copy h h replace", "copy z z replace",
        "copy l l", "decr s", "decrby s n", "del s", "del l", "expire s 90000", "expireat z future nx", "expire e 90000", "getdel s", "getex s persist",
        "getex s ex 90000", "getset s v", "hdel h v", "hincrby h n n", "hincrbyfloat h n 0.5", "hmset h v v", "hset h v v n n", "hsetnx h v v", "incr s",
        "incrby s n", "incrbyfloat s 1.25", "linsert l before v v", "lmove l l left right", "lmpop 2 l l left count 2", "lpop l", "lpush l v n v",
        "lpushx l v", "lrem l 1 v", "lset l 0 v", "ltrim l 0 6", "move s 1", "mset s v s n", "msetnx s v s v", "persist s", "pexpire s 90000000",
        "pexpireat h futurems", "psetex s 90000000 v", "rename s s", "rename l l", "rename h h", "renamenx z z", "restore s 0 payload replace",
        "restore-asking s 90000000 payload replace", "rpop l 2", "rpoplpush l l", "rpush l v v n", "rpushx l v", "sadd e v n", "sadd e n",
        "sdiffstore e e e", "set s v", "set s n ex 90000", "setbit s n 1", "setex s 90000 v", "setnx s v", "setrange s n v", "sinterstore e e e",
        "smove e e v", "sort l alpha store l", "sort e by nosort store l", "spop e", "spop e 2", "srem e v", "sunionstore e e e", "touch s", "unlink z",
        "zadd z n v n n", "zadd z incr n v", "zdiffstore z 2 z z", "zincrby z n v", "zinterstore z 2 z e", "zmpop 1 z max count 2", "zpopmax z",
        "zpopmin z 2", "zrangestore z z 0 5", "zrem z v", "zremrangebylex z [a [c", "zremrangebyrank z 0 1", "zremrangebyscore z 2 4",
        "zunionstore z 2 z e weights 2 3",
    ];

    /// <summary>Every key gone at once has a record of its own, MIGRATE needs somewhere to go, and there are no functions: tested elsewhere.</summary>
    private static readonly string[] TestedElsewhere = ["flushall", "flushdb", "function|flush", "function|restore", "migrate", "swapdb"];

    [Fact]
    public void Every_command_that_writes_is_tried()
    {
        var tried = Samples.Select(sample => sample.Split(' ')[0]).Concat(TestedElsewhere).ToHashSet();
        var missing = CommandTable.Build(AllCommands.Bindings).All.Where(spec => spec.Has(CommandFlags.Write) && !tried.Contains(spec.Name));
        Assert.Empty(missing.Select(spec => spec.Name));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_store_replayed_from_the_log_of_its_commands_is_equal(ulong seed)
    {
        var disk = new MemoryDisk();
        var keys = new Keyspace();
        var wal = Open(disk, (_, _) => { });
        keys.Log = new KeyLog(wal, 1);
        using var session = new RespSession(keys);
        session.Call("SET", "{t}payload", "restored");
        var payload = session.Call("DUMP", "{t}payload").Split("\r\n", 2)[1][..^2];
        var random = new Prng(seed);
        var errors = 0;
        const int Commands = 6000;
        for (var i = 0; i < Commands; i++)
        {
            var words = Samples[random.Below(Samples.Length)].Split(' ').Select((word, at) => at == 0 ? word : Word(word, payload, random));
            errors += Run(session, [.. words]) ? 0 : 1;
        }

        Assert.True(errors < Commands / 3, $"{errors} of {Commands} commands were refused");
        wal.Commit(sync: true);
        var replayed = new Keyspace();
        Open(disk, (lsn, record) => Assert.True(replayed.Apply(lsn, record)));
        using var other = new RespSession(replayed);
        Assert.Equal(Contents(session), Contents(other));
    }

    /// <summary>The log has what was taken as what it was, a move as one record, whoever asked for it and when.</summary>
    [Fact]
    public void Pops_that_were_served_later_are_in_the_log()
    {
        var disk = new MemoryDisk();
        var keys = new Keyspace();
        var wal = Open(disk, (_, _) => { });
        keys.Log = new KeyLog(wal, 1);
        using var session = new RespSession(keys);
        using var mover = session.Another();
        using var popper = session.Another();
        Assert.Equal("", mover.Call("BLMOVE", "{t}l0", "{t}l1", "LEFT", "RIGHT", "0"));
        Assert.Equal("", popper.Call("BZMPOP", "0", "1", "{t}z0", "MAX", "COUNT", "2"));
        session.Call("RPUSH", "{t}l0", "a", "b");
        session.Call("MULTI");
        session.Call("ZADD", "{t}z0", "1", "a", "2", "b");
        session.Call("ZADD", "{t}z0", "3", "c");
        session.Call("EXEC");
        Assert.Equal("*1\r\n$1\r\na\r\n", session.Call("ZRANGE", "{t}z0", "0", "-1"));
        wal.Commit(sync: true);
        var replayed = new Keyspace();
        var records = 0;
        Open(disk, (lsn, record) => records += replayed.Apply(lsn, record) ? 1 : 0);
        Assert.Equal(4, records);
        using var other = new RespSession(replayed);
        Assert.Equal(Contents(session), Contents(other));
    }

    /// <summary>Runs a command, one that may wait in a transaction, where it does not; false if it was refused.</summary>
    private static bool Run(RespSession session, string[] words)
    {
        if (!words[0].StartsWith('b') || words[0].StartsWith("bit", StringComparison.Ordinal))
        {
            return !session.Call(words).StartsWith('-');
        }

        session.Call("MULTI");
        session.Call(words);
        return !session.Call("EXEC").Contains('-', StringComparison.Ordinal);
    }

    private delegate void Recorded(ulong lsn, ReadOnlySpan<byte> record);

    private static Wal Open(MemoryDisk disk, Recorded recorded)
    {
        var result = Wal.Open(disk, "wal/kv", new WalOptions(), (_, lsn, record) => recorded(lsn, record));
        return Assert.IsType<WalOpenResult.Opened>(result).Wal;
    }

    private static string Word(string word, string payload, Prng random) => word switch
    {
        "s" or "h" or "l" or "e" or "z" => $"{{t}}{(random.Below(30) == 0 ? "shlez"[random.Below(5)] : word[0])}{random.Below(3)}",
        "v" => new[] { "a", "b", "c", "12", "", new string('x', 70) }[random.Below(6)],
        "n" => $"{random.Below(12)}",
        "#n" => $"#{random.Below(12)}",
        "payload" => payload,
        "future" => "4000000000",
        "futurems" => "4000000000000",
        _ => word,
    };

    private static List<string> Contents(RespSession session)
    {
        var contents = new List<string>();
        foreach (var key in "shlez".SelectMany(type => Enumerable.Range(0, 3).Select(i => $"{{t}}{type}{i}")).Append("{t}payload"))
        {
            // Of a set or large hash no order is promised, but the same changes give the same one.
            contents.Add($"{key} {session.Call("TYPE", key)} {session.Call("PEXPIRETIME", key)} {session.Call("DUMP", key)}");
        }

        return contents;
    }
}
