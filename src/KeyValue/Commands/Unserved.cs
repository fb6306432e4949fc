namespace Trefoil.KeyValue.Commands;

/// <summary>Groups of Redis' commands that this server leaves out, and what to do instead: the end of the error that such a command gets.</summary>
/// <remarks>
/// The error begins like that for any unknown command, because clients that can do without look for exactly that. Such commands are not in
/// COMMAND either, and void a transaction that would queue them.
/// </remarks>
internal static class Unserved
{
    /// <summary>Null for a command that is merely unknown.</summary>
    public static string? Reason(CommandSpec spec) => spec.Group switch
    {
        "stream" => "Trefoil has no streams. Keep entries in a list (RPUSH, BLPOP) or a sorted set (ZADD, ZRANGE)",
        "scripting" => "Trefoil runs no scripts and no functions. Send the commands in MULTI and EXEC, with WATCH if one depends on another's answer",
        "geo" => "Trefoil has no geospatial commands. Keep geohashes as scores of a sorted set (ZADD, ZRANGE BYSCORE)",
        "hyperloglog" => "Trefoil has no HyperLogLog. Count the members of a set (SADD, SCARD) or bits (SETBIT, BITCOUNT)",
        _ => null,
    };
}
