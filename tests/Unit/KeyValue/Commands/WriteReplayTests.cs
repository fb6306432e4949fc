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
    /// <summary>Every key gone at once has a record of its own, MIGRATE needs somewhere to go, and there are no functions: tested elsewhere.</summary>
    private static readonly string[] TestedElsewhere = ["flushall", "flushdb", "function|flush", "function|restore", "migrate", "swapdb"];

    [Fact]
    public void Every_command_that_writes_is_tried()
    {
        var tried = WriteSamples.All.Select(sample => sample.Split(' ')[0]).Concat(TestedElsewhere).ToHashSet();
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
            var words = WriteSamples.Draw(random, payload);
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
