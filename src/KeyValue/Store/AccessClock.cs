using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Store;

/// <summary>What 24 bits beside each key say about its use: the second of the last access, or how often it was used (Redis' LRU and LFU fields).</summary>
/// <remarks>
/// While recency is kept: seconds, modulo 2²⁴ (194 days). While frequency is kept: 16 bits of minutes of the last change, 8 bits of a counter
/// that grows with the logarithm of the accesses and falls by one every <see cref="DecayMinutes"/> (Morris 1978, as used by Redis). After a
/// change from one to the other what stands beside keys means the wrong thing until they are used again, as in Redis.
/// Read under any slot's lock, advanced by the server's tick: a value that is a moment old does no harm.
/// </remarks>
internal sealed class AccessClock
{
    /// <summary>Where a new key's counter starts: a key must get the chance to be used a second time.</summary>
    public const int InitialFrequency = 5;

    private const uint Mask = 0xFFFFFF;
    private const long MaxSeconds = Mask;
    private uint _seconds;
    private uint _minutes;
    private uint _random = 0x9E3779B9;

    /// <summary>Whether frequency is kept instead of recency.</summary>
    public bool CountsAccesses { get; set; }

    /// <summary>Whether evictions go by it: then snapshots keep it.</summary>
    public bool IsUsed { get; set; }

    /// <summary>How many accesses it takes: with 10 the counter's end, 255, means a million (lfu-log-factor).</summary>
    public int LogFactor { get; set; } = 10;

    /// <summary>Minutes without an access that take one from the counter; 0: it never falls (lfu-decay-time).</summary>
    public int DecayMinutes { get; set; } = 1;

    /// <summary>What a key that is made now begins with.</summary>
    public uint Initial => CountsAccesses ? (_minutes << 8) | InitialFrequency : _seconds;

    /// <summary>The time, in unix milliseconds.</summary>
    public void Advance(long nowMs)
    {
        _seconds = (uint)(nowMs / 1000) & Mask;
        _minutes = (uint)(nowMs / 60_000) & 0xFFFF;
    }

    /// <summary>The time that another one has.</summary>
    public void AdvanceTo(AccessClock other) => (_seconds, _minutes) = (other._seconds, other._minutes);

    /// <summary>Notes an access to the entry of a key.</summary>
    public void Touch(object entry)
    {
        var before = KeyedValue.ClockOf(entry);
        var after = CountsAccesses ? Count(before) : _seconds;
        if (before != after)
        {
            KeyedValue.SetClock(entry, after);
        }
    }

    /// <summary>Seconds since the last access; only while recency is kept.</summary>
    public long IdleSeconds(uint clock) => _seconds >= clock ? _seconds - clock : _seconds + (MaxSeconds - clock);

    /// <summary>The counter (0..255) as time has left it; only while frequency is kept.</summary>
    public int Frequency(uint clock)
    {
        var then = clock >> 8;
        var counter = (int)(clock & 0xFF);
        var elapsed = _minutes >= then ? _minutes - then : 0xFFFF - then + _minutes;
        return DecayMinutes == 0 ? counter : (int)Math.Max(0, counter - (elapsed / DecayMinutes));
    }

    /// <summary>The clock of a key last used so many seconds ago.</summary>
    public uint IdleSince(long seconds)
    {
        var then = _seconds - seconds;
        return (uint)(then < 0 ? (_seconds + (MaxSeconds / 2)) % MaxSeconds : then);
    }

    /// <summary>The clock of a key with this counter (0..255) now.</summary>
    public uint WithFrequency(int counter) => (_minutes << 8) | (uint)counter;

    private uint Count(uint clock)
    {
        var counter = Frequency(clock);
        var above = Math.Max(0, counter - InitialFrequency);
        if (counter < 255 && Draw() < 1.0 / ((above * (double)LogFactor) + 1))
        {
            counter++;
        }

        return (_minutes << 8) | (uint)counter;
    }

    /// <summary>0 to 1. Xorshift (Marsaglia 2003); several slots may draw at once and then draw the same, which is no worse.</summary>
    private double Draw()
    {
        var next = _random;
        next ^= next << 13;
        next ^= next >> 17;
        next ^= next << 5;
        _random = next;
        return next * (1.0 / uint.MaxValue);
    }
}
