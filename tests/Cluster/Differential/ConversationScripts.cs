namespace Trefoil.Cluster.Differential;

/// <summary>Conversations that chance would not find: who says what, in order. The words are split at blanks; <c>\q</c> is a value full of quotes.</summary>
internal static class ConversationScripts
{
    /// <summary>Monitors see what ran, quoted, without passwords and administration.</summary>
    public static readonly string[] Monitoring =
    [
        "0 MONITOR", "1 SET {t}a \\q", "1 MULTI", "1 SET {t}a 1", "1 PING", "1 exec", "1 AUTH secret", "1 HELLO 2 AUTH default secret SETNAME me", "1 CLIENT GETNAME",
        "1 CONFIG GET nope", "1 NOPE", "1 GET", "1 CLIENT LIST TYPE master", "1 BLPOP {t}none 1000", "2 CLIENT UNBLOCK @1 ERROR", "2 MULTI", "2 MONITOR", "2 EXEC",
        "2 MULTI", "2 GET", "2 EXEC", "2 MULTI", "2 DISCARD", "2 SUBSCRIBE c", "1 PUBLISH c m", "2 RESET", "3 MONITOR", "3 MONITOR", "3 GET {t}a", "3 SET {t}a 1", "3 PING",
        "3 PUBLISH c m", "3 DBSIZE", "3 SUBSCRIBE c", "3 MULTI", "3 PING", "3 EXEC", "0 RESET", "1 PING", "3 QUIT", "1 SPUBLISH c m", "1 SELECT 0",
    ];

    /// <summary>Writes wait, in order, until the pause is over.</summary>
    public static readonly string[] Pausing =
    [
        "0 CLIENT PAUSE x", "0 CLIENT PAUSE -1", "0 CLIENT PAUSE 100 READ", "0 CLIENT PAUSE 100 WRITE now", "0 CLIENT PAUSE 0", "0 SET {t}a 0", "0 CLIENT UNPAUSE",
        "0 CLIENT PAUSE 9223372036854775807", "0 SET {t}a 1", "2 MULTI", "2 SET {t}a x", "0 CLIENT PAUSE 100000 write", "1 GET {t}a", "1 SET {t}a 2", "2 GET {t}a", "2 EXEC",
        "3 MULTI", "3 GET {t}a", "3 EXEC", "3 PUBLISH c m", "4 LPUSH {t}l v", "0 CLIENT PAUSE 1 WRITE", "0 GET {t}a", "0 CLIENT UNPAUSE", "0 CLIENT UNPAUSE", "0 GET {t}a",
    ];

    /// <summary>Tracking, waiting for replicas, and the words around them.</summary>
    public static readonly string[] Odds =
    [
        "0 CLIENT TRACKING off", "0 CLIENT TRACKING what", "0 CLIENT TRACKING OFF BCAST", "0 CLIENT TRACKING OFF REDIRECT x", "0 CLIENT TRACKING OFF REDIRECT 99999",
        "0 CLIENT TRACKING OFF PREFIX", "0 CLIENT TRACKING ON OPTIN OPTOUT", "0 CLIENT TRACKING ON BCAST OPTIN", "0 CLIENT TRACKING ON PREFIX a", "0 CLIENT TRACKING ON what",
        "0 CLIENT CACHING YES", "0 CLIENT CACHING", "0 CLIENT GETREDIR", "0 CLIENT TRACKINGINFO", "0 WAIT 0 0", "0 WAIT x y", "0 WAIT 1 x", "0 WAIT 1 -1",
        "0 WAIT 1 1.5", "0 WAIT -5 0", "0 WAIT 1", "0 WAIT 1 0", "1 CLIENT UNBLOCK @0", "0 WAIT 1 0", "1 CLIENT UNBLOCK @0 ERROR", "0 WAIT 1 9223372036854775807", "1 CLIENT UNBLOCK @0 timeout",
        "0 MULTI", "0 WAIT 1 0", "0 EXEC", "0 CLIENT UNBLOCK x what", "0 CLIENT UNBLOCK 1 ERROR x", "0 CLIENT UNBLOCK", "0 CLIENT UNPAUSE x", "0 MONITOR x", "0 CLIENT UNBLOCK @1",
        "0 SUBSCRIBE c", "0 CLIENT REPLY OFF", "1 CLIENT KILL TYPE master", "1 PUBLISH c m", "0 UNSUBSCRIBE", "0 CLIENT REPLY OFF", "0 SUBSCRIBE d", "1 PUBLISH d m", "0 PING", "0 RESET", "0 PING",
        "1 EXPIRE {t}none 1", "2 BLPOP {t}e 0", "1 RPUSH {t}e a b", "1 LRANGE {t}e 0 -1", "2 BLMOVE {t}e {t}e LEFT RIGHT 0", "2 BRPOPLPUSH {t}e {t}e 0", "1 LRANGE {t}e 0 -1", "2 BLMPOP 0 1 {t}e LEFT COUNT 9",
        "2 CLIENT REPLY SKIP", "2 BLPOP {t}r 0", "1 RPUSH {t}r x", "2 PING", "2 CLIENT REPLY OFF", "2 BLPOP {t}r 0", "1 RPUSH {t}r x", "2 PING", "2 CLIENT REPLY ON", "1 LLEN {t}r",
        "2 BZPOPMIN {t}z {t}z 0", "3 BZPOPMAX {t}z 0", "1 ZADD {t}z 1.5 a", "1 ZADD {t}z nan a", "1 ZADD {t}z -inf b 3 c", "2 PING", "3 PING",
    ];

    public static (int Client, string[] Words) Parse(string line)
    {
        var words = line.Split(' ');
        return (words[0][0] - '0', words[1..].Select(word => word == "\\q" ? "a\"b\\c\n\r\t\a\b\u0001\u00ff 'd'" : word).ToArray());
    }
}
