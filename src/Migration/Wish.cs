namespace Trefoil.Migration;

/// <summary>What one end of a migration wants committed now: proposed again and again until the topology shows an outcome, or it wants something else.</summary>
/// <remarks>A proposal cannot be taken back. All of them may be committed later in any order; the rules let at most one kind of them take effect.</remarks>
internal sealed class Wish
{
    private TimeSpan _nextAt;
    private TimeSpan _since;

    /// <summary>The proposal as it was last made; null: nothing is wanted.</summary>
    public MigrationProposal? Proposal { get; private set; }

    /// <summary>Of the last time.</summary>
    public ulong Token { get; private set; }

    /// <summary>When to propose again.</summary>
    public TimeSpan NextAt => Proposal is null ? TimeSpan.MaxValue : _nextAt;

    /// <summary>Nothing is wanted any more.</summary>
    public void Drop() => Proposal = null;

    /// <summary>This is wanted; true if it is to be proposed now.</summary>
    public bool Is(MigrationProposal wanted, TimeSpan now)
    {
        if (Proposal is { } before && before.GetType() == wanted.GetType())
        {
            return now >= _nextAt;
        }

        (Proposal, _since) = (wanted, now);
        return true;
    }

    /// <summary>It was proposed.</summary>
    public void Proposed(ulong token, TimeSpan now, TimeSpan retry) => (Token, _nextAt) = (token, now + retry);

    /// <summary>It had no effect: the pause grows with the time for which it has been wanted, up to the usual retry.</summary>
    public void Refused(TimeSpan now, TimeSpan pause, TimeSpan retry)
    {
        var grown = pause + ((now - _since) / 4);
        _nextAt = now + (grown < retry ? grown : retry);
    }
}
