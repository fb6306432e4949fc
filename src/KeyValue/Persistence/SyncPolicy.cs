namespace Trefoil.KeyValue.Persistence;

/// <summary>When records of the log become durable (<c>appendfsync</c>). Under each a record is with the kernel before its reply leaves.</summary>
public enum SyncPolicy
{
    /// <summary>Before the reply: an acknowledged write survives a power cut.</summary>
    Always,

    /// <summary>Once a second: a power cut loses a second or so, a crash of the process nothing.</summary>
    EverySecond,

    /// <summary>When the kernel likes: a power cut may lose half a minute, a crash of the process nothing.</summary>
    No,
}
