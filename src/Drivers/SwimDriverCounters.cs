namespace Trefoil.Drivers;

/// <summary>What the driver saw that the core never learns of. All counts only grow.</summary>
public sealed record SwimDriverCounters
{
    /// <summary>Packets and stream messages whose seal was missing, wrong or superfluous: another secret, or garbage.</summary>
    public long BadSeals { get; init; }

    /// <summary>Packets longer than SWIM ever sends, and streams that announced more than they may.</summary>
    public long Oversized { get; init; }

    /// <summary>Packets dropped because the core's inbox was full.</summary>
    public long InboxFull { get; init; }

    /// <summary>Packets the kernel did not take.</summary>
    public long SendFailures { get; init; }

    /// <summary>Packets dropped because a host name was not resolved (yet).</summary>
    public long Unresolved { get; init; }

    /// <summary>Streams of others that were cut short, or too slow.</summary>
    public long BrokenStreams { get; init; }
}

/// <summary>The counters as the driver's threads change them.</summary>
internal sealed class SwimDriverTally
{
    private long _badSeals;
    private long _oversized;
    private long _inboxFull;
    private long _sendFailures;
    private long _unresolved;
    private long _brokenStreams;

    public void BadSeal() => Interlocked.Increment(ref _badSeals);

    public void Oversized() => Interlocked.Increment(ref _oversized);

    public void InboxFull() => Interlocked.Increment(ref _inboxFull);

    public void SendFailure() => Interlocked.Increment(ref _sendFailures);

    public void Unresolved() => Interlocked.Increment(ref _unresolved);

    public void BrokenStream() => Interlocked.Increment(ref _brokenStreams);

    public SwimDriverCounters Read() => new()
    {
        BadSeals = Interlocked.Read(ref _badSeals),
        Oversized = Interlocked.Read(ref _oversized),
        InboxFull = Interlocked.Read(ref _inboxFull),
        SendFailures = Interlocked.Read(ref _sendFailures),
        Unresolved = Interlocked.Read(ref _unresolved),
        BrokenStreams = Interlocked.Read(ref _brokenStreams),
    };
}
