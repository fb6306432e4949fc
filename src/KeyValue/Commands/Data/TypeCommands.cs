namespace Trefoil.KeyValue.Commands.Data;

/// <summary>The handlers of lists, sets and sorted sets: name → handler. Blocking forms and SORT are not among them.</summary>
internal static class TypeCommands
{
    public static IEnumerable<CommandBinding> Bindings => [.. Lists, .. Sets, .. SortedSets, .. SortedSetRange];

    private static CommandBinding[] Lists =>
    [
        new("lindex", ListReads.LIndex),
        new("linsert", ListWrites.LInsert),
        new("llen", ListReads.LLen),
        new("lmove", ListPops.LMove),
        new("lmpop", ListPops.LMPop),
        new("lpop", ListPops.LPop),
        new("lpos", ListReads.LPos),
        new("lpush", ListWrites.LPush),
        new("lpushx", ListWrites.LPushX),
        new("lrange", ListReads.LRange),
        new("lrem", ListWrites.LRem),
        new("lset", ListWrites.LSet),
        new("ltrim", ListWrites.LTrim),
        new("rpop", ListPops.RPop),
        new("rpoplpush", ListPops.RPopLPush),
        new("rpush", ListWrites.RPush),
        new("rpushx", ListWrites.RPushX),
    ];

    private static CommandBinding[] Sets =>
    [
        new("sadd", SetWrites.SAdd),
        new("scard", SetReads.SCard),
        new("sdiff", SetAlgebra.SDiff),
        new("sdiffstore", SetAlgebra.SDiffStore),
        new("sinter", SetAlgebra.SInter),
        new("sintercard", SetAlgebra.SInterCard),
        new("sinterstore", SetAlgebra.SInterStore),
        new("sismember", SetReads.SIsMember),
        new("smembers", SetReads.SMembers),
        new("smismember", SetReads.SMIsMember),
        new("smove", SetWrites.SMove),
        new("spop", SetRandom.SPop),
        new("srandmember", SetRandom.SRandMember),
        new("srem", SetWrites.SRem),
        new("sscan", SetReads.SScan),
        new("sunion", SetAlgebra.SUnion),
        new("sunionstore", SetAlgebra.SUnionStore),
    ];

    private static CommandBinding[] SortedSets =>
    [
        new("zadd", SortedSetAdd.ZAdd),
        new("zcard", SortedSetReads.ZCard),
        new("zcount", SortedSetReads.ZCount),
        new("zdiff", SortedSetAlgebra.ZDiff),
        new("zdiffstore", SortedSetAlgebra.ZDiffStore),
        new("zincrby", SortedSetAdd.ZIncrBy),
        new("zinter", SortedSetAlgebra.ZInter),
        new("zintercard", SortedSetAlgebra.ZInterCard),
        new("zinterstore", SortedSetAlgebra.ZInterStore),
        new("zlexcount", SortedSetReads.ZLexCount),
        new("zmpop", SortedSetPops.ZMPop),
        new("zmscore", SortedSetReads.ZMScore),
        new("zpopmax", SortedSetPops.ZPopMax),
        new("zpopmin", SortedSetPops.ZPopMin),
        new("zrandmember", SortedSetPops.ZRandMember),
        new("zrank", SortedSetReads.ZRank),
        new("zrem", SortedSetAdd.ZRem),
        new("zrevrank", SortedSetReads.ZRevRank),
        new("zscan", SortedSetReads.ZScan),
        new("zscore", SortedSetReads.ZScore),
        new("zunion", SortedSetAlgebra.ZUnion),
        new("zunionstore", SortedSetAlgebra.ZUnionStore),
    ];

    private static CommandBinding[] SortedSetRange =>
    [
        new("zrange", SortedSetRanges.ZRange),
        new("zrangebylex", SortedSetRanges.ZRangeByLex),
        new("zrangebyscore", SortedSetRanges.ZRangeByScore),
        new("zrangestore", SortedSetRanges.ZRangeStore),
        new("zremrangebylex", SortedSetRanges.ZRemRangeByLex),
        new("zremrangebyrank", SortedSetRanges.ZRemRangeByRank),
        new("zremrangebyscore", SortedSetRanges.ZRemRangeByScore),
        new("zrevrange", SortedSetRanges.ZRevRange),
        new("zrevrangebylex", SortedSetRanges.ZRevRangeByLex),
        new("zrevrangebyscore", SortedSetRanges.ZRevRangeByScore),
    ];
}
