namespace Trefoil.Migration;

/// <summary>A rate limit that lets one thing through whenever it owes nothing, whatever its size, and makes the next wait for it.</summary>
internal sealed class TokenBucket(TimeSpan burst, TimeSpan now)
{
    private double _tokens;
    private TimeSpan _filledAt = now;

    /// <summary>Bytes per second; 0: no limit.</summary>
    public long Rate { get; private set; }

    /// <summary>Sets the rate; a debt made under another one is forgotten.</summary>
    public void Set(long rate, TimeSpan now)
    {
        if (rate != Rate)
        {
            (Rate, _tokens, _filledAt) = (Math.Max(0, rate), 0, now);
        }
    }

    /// <summary>May something leave now?</summary>
    public bool Allows(TimeSpan now)
    {
        if (Rate == 0)
        {
            return true;
        }

        _tokens = Math.Min(_tokens + (Rate * (now - _filledAt).TotalSeconds), Rate * burst.TotalSeconds);
        _filledAt = now;
        return _tokens >= 0;
    }

    /// <summary>This much has left.</summary>
    public void Take(long bytes) => _tokens -= Rate == 0 ? 0 : bytes;

    /// <summary>When <see cref="Allows"/> is true again; at least a tick of the clock after <paramref name="now"/> while it is not.</summary>
    public TimeSpan FreeAt(TimeSpan now) =>
        Rate == 0 || _tokens >= 0 ? now : _filledAt + TimeSpan.FromSeconds(-_tokens / Rate) + TimeSpan.FromMilliseconds(1);
}
