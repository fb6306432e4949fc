using Trefoil.Primitives;

namespace Trefoil.Unit.KeyValue.Commands;

/// <summary>Calls of every command that changes keys, on few keys of each type.</summary>
internal static class WriteSamples
{
    /// <summary>A way to use each command; <c>s h l e z</c> are keys of each type, <c>v</c> a word, <c>n</c> a number, <c>future</c> a point in time.</summary>
    public static readonly string[] All =
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

    /// <summary>One call, its keys in the slot of <paramref name="tag"/>; <paramref name="payload"/> is something to restore.</summary>
    public static string[] Draw(Prng random, string payload, string tag = "t") =>
        [.. All[random.Below(All.Length)].Split(' ').Select((word, at) => at == 0 ? word : Word(word, payload, random, tag))];

    private static string Word(string word, string payload, Prng random, string tag) => word switch
    {
        "s" or "h" or "l" or "e" or "z" => $"{{{tag}}}{(random.Below(30) == 0 ? "shlez"[random.Below(5)] : word[0])}{random.Below(3)}",
        "v" => new[] { "a", "b", "c", "12", "", new string('x', 70) }[random.Below(6)],
        "n" => $"{random.Below(12)}",
        "#n" => $"#{random.Below(12)}",
        "payload" => payload,
        "future" => "4000000000",
        "futurems" => "4000000000000",
        _ => word,
    };
}
