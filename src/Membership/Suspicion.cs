using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>How long a suspicion lasts (Lifeguard, section IV-B), as pure arithmetic that a table can test.</summary>
public static class SuspicionTimeout
{
    /// <summary>The least a suspicion lasts with <paramref name="members"/> live members: α · max(1, log10 n) intervals.</summary>
    public static TimeSpan Min(SwimConfig config, int members)
    {
        ArgumentNullException.ThrowIfNull(config);
        return config.ProbeInterval * (config.SuspicionMultiplier * Math.Max(1.0, Math.Log10(Math.Max(1, members))));
    }

    /// <summary>
    /// Confirmations that bring the timeout down to the least (memberlist: α − 2). When so many others do not exist,
    /// none is awaited and the least holds from the start.
    /// </summary>
    public static int ExpectedConfirmations(SwimConfig config, int members)
    {
        ArgumentNullException.ThrowIfNull(config);
        var expected = Math.Max(0, config.SuspicionMultiplier - 2);
        return members - 2 < expected ? 0 : expected;
    }

    /// <summary>
    /// What is left after <paramref name="elapsed"/>: max(min, max − ln(c+1)/ln(k+1) · (max−min)) − elapsed; never negative.
    /// </summary>
    /// <param name="confirmed">c: independent accusers beyond the first.</param>
    /// <param name="expected">k: how many bring it down to <paramref name="min"/>; 0 means at once.</param>
    /// <param name="elapsed">Time since the suspicion began.</param>
    /// <param name="min">What it lasts when confirmed.</param>
    /// <param name="max">What it lasts when nobody confirms.</param>
    public static TimeSpan Remaining(int confirmed, int expected, TimeSpan elapsed, TimeSpan min, TimeSpan max)
    {
        var share = expected < 1 ? 1.0 : Math.Log(confirmed + 1.0) / Math.Log(expected + 1.0);
        var total = max - ((max - min) * Math.Min(1.0, share));
        var remaining = (total > min ? total : min) - elapsed;
        return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
    }
}

/// <summary>One running suspicion: since when, and by whom.</summary>
internal sealed class Suspicion
{
    private readonly List<NodeId> _accusers;
    private readonly int _expected;
    private readonly TimeSpan _min;
    private readonly TimeSpan _max;
    private TimeSpan _start;

    public Suspicion(NodeId accuser, int expected, TimeSpan start, TimeSpan min, TimeSpan max)
    {
        _accusers = [accuser];
        (_expected, _start, _min, _max) = (expected, start, min, max);
        SetDeadline();
    }

    /// <summary>When the member is dead, unless it refutes. Confirmations bring it nearer.</summary>
    public TimeSpan Deadline { get; private set; }

    /// <summary>Counts one more accuser; false if it is not a new one, or enough have spoken (then it is no news to spread either).</summary>
    public bool Confirm(NodeId by)
    {
        if (_accusers.Count > _expected || _accusers.Contains(by))
        {
            return false;
        }

        _accusers.Add(by);
        SetDeadline();
        return true;
    }

    /// <summary>Takes out time during which this process did not run, and so could not have heard a refutation.</summary>
    public void Postpone(TimeSpan by)
    {
        _start += by;
        SetDeadline();
    }

    private void SetDeadline() =>
        Deadline = _start + SuspicionTimeout.Remaining(_accusers.Count - 1, _expected, TimeSpan.Zero, _min, _max);
}
