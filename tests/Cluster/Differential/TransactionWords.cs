namespace Trefoil.Cluster.Differential;

/// <summary>Random transactions: what opens, fills, breaks and ends them, in any order.</summary>
internal static class TransactionWords
{
    /// <summary>
    /// What answers by chance or by the clock is no part: inside an EXEC its reply cannot be told from the others. Nor is the count of references,
    /// which in Redis include the queue's.
    /// </summary>
    public static string[] Draw(Words words)
    {
        string[] command;
        do
        {
            command = DrawAny(words);
        }
        while (command[0] is "HRANDFIELD" or "TTL" or "PTTL" or "EXPIRETIME" or "PEXPIRETIME" || command.Contains("REFCOUNT"));

        return command;
    }

    private static string[] DrawAny(Words words) => words.Below(30) switch
    {
        < 4 => ["MULTI"],
        < 8 => ["EXEC"],
        8 => ["DISCARD"],
        9 or 10 => ["WATCH", words.Key(words.StringKey), words.Key(words.HashKey)],
        11 => ["UNWATCH"],
        12 => words.Below(3) == 0 ? ["EXEC", "now"] : ["PING"],
        13 => words.Below(4) == 0 ? ["SET", words.Key(words.StringKey)] : ["DBSIZE"],
        14 => words.Below(4) == 0 ? ["NOPE"] : ["ECHO", words.Value()],
        15 => words.Below(4) == 0 ? ["FLUSHALL"] : ["TYPE", words.Key(words.HashKey)],
        < 22 => CommandFamilies.Strings(words),
        < 26 => CommandFamilies.Hashes(words),
        26 => DataFamilies.Bits(words),
        27 => words.Chance(0.5) ? DataFamilies.Bitfields(words) : TypeFamilies.Lists(words),
        28 => words.Chance(0.5) ? TypeFamilies.SortedRanges(words) : DataFamilies.Subsequences(words),
        _ => CommandFamilies.KeysAndExpiry(words),
    };
}
