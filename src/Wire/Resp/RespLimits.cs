namespace Trefoil.Wire.Resp;

/// <summary>How much one client may make a server hold; defaults are Redis 7's.</summary>
public sealed record RespLimits
{
    /// <summary>A line without an end (inline command, length of an array or bulk) beyond this many bytes is a protocol error.</summary>
    public const int MaxLine = 64 * 1024;

    /// <summary>Elements of one command; more is a protocol error.</summary>
    public const int MaxArguments = 1024 * 1024;

    /// <summary>Depth of nested replies; deeper ones are refused.</summary>
    public const int MaxNesting = 64;

    /// <summary>Bytes of one argument (<c>proto-max-bulk-len</c>); more is a protocol error.</summary>
    public long MaxBulk { get; init; } = 512L * 1024 * 1024;

    /// <summary>Bytes of an unfinished command (<c>client-query-buffer-limit</c>); beyond it the connection is closed.</summary>
    public long MaxQueryBuffer { get; init; } = 1024L * 1024 * 1024;

    /// <summary>Elements of a command before AUTH, when a password is set.</summary>
    public const int MaxArgumentsUnauthenticated = 10;

    /// <summary>Bytes of an argument before AUTH, when a password is set.</summary>
    public const int MaxBulkUnauthenticated = 16384;
}
