namespace Trefoil.Drivers;

/// <summary>The limits of one SWIM driver, and its secret.</summary>
public sealed record SwimDriverConfig
{
    /// <summary>The cluster's secret; empty for none. All members must have the same.</summary>
    public string Secret { get; init; } = "";

    /// <summary>Packets waiting for the core; further ones are dropped and counted, which SWIM takes for loss.</summary>
    public int InboxPackets { get; init => field = Positive(value); } = 4096;

    /// <summary>Commands waiting for the core; at the limit <see cref="SwimDriver.Post"/> says false.</summary>
    public int InboxCommands { get; init => field = Positive(value); } = 65536;

    /// <summary>Streams served at once; further connections wait in the listener's backlog.</summary>
    public int MaxServedStreams { get; init => field = Positive(value); } = 16;

    private static int Positive(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
        return value;
    }
}
