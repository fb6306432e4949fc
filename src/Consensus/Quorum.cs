namespace Trefoil.Consensus;

/// <summary>The outcome of a vote so far.</summary>
internal enum VoteResult
{
    /// <summary>Still open: it depends on who has not answered.</summary>
    Pending,

    /// <summary>No answer can win it any more.</summary>
    Lost,

    /// <summary>A quorum granted it.</summary>
    Won,
}

/// <summary>One majority: the algebra that a joint quorum is built from.</summary>
internal static class Majority
{
    /// <summary>The highest index that a majority has acknowledged; without voters, no limit.</summary>
    /// <param name="voters">Whose word counts.</param>
    /// <param name="acknowledged">What each has acknowledged; 0 if nothing.</param>
    /// <remarks>
    /// With no voters every index is committed: this makes the empty majority the neutral element of <see cref="Joint"/>, so
    /// that a configuration that is not joint needs no case of its own.
    /// </remarks>
    public static ulong Committed(IReadOnlyList<ulong> voters, Func<ulong, ulong> acknowledged)
    {
        var count = voters.Count;
        if (count == 0)
        {
            return ulong.MaxValue;
        }

        Span<ulong> sorted = count <= Configuration.MaxMembers ? stackalloc ulong[count] : new ulong[count];
        for (var i = 0; i < count; i++)
        {
            sorted[i] = acknowledged(voters[i]);
        }

        sorted.Sort();
        return sorted[count - ((count / 2) + 1)];
    }

    /// <summary>Whether the answers so far decide the vote; without voters it is won.</summary>
    /// <param name="voters">Whose word counts.</param>
    /// <param name="answer">True granted, false refused, null not heard.</param>
    public static VoteResult Tally(IReadOnlyList<ulong> voters, Func<ulong, bool?> answer)
    {
        var (granted, refused) = (0, 0);
        for (var i = 0; i < voters.Count; i++)
        {
            var said = answer(voters[i]);
            granted += said == true ? 1 : 0;
            refused += said == false ? 1 : 0;
        }

        var needed = (voters.Count / 2) + 1;
        return voters.Count == 0 || granted >= needed ? VoteResult.Won
            : voters.Count - refused < needed ? VoteResult.Lost
            : VoteResult.Pending;
    }
}

/// <summary>Two majorities that must agree; one of them may be empty (paper, 6).</summary>
internal static class Joint
{
    /// <summary>The lower of the two: an index is committed when both majorities have it.</summary>
    public static ulong Committed(IReadOnlyList<ulong> incoming, IReadOnlyList<ulong> outgoing, Func<ulong, ulong> acknowledged) =>
        Math.Min(Majority.Committed(incoming, acknowledged), Majority.Committed(outgoing, acknowledged));

    /// <summary>Won when both are won, lost when either is lost.</summary>
    public static VoteResult Tally(IReadOnlyList<ulong> incoming, IReadOnlyList<ulong> outgoing, Func<ulong, bool?> answer)
    {
        var (first, second) = (Majority.Tally(incoming, answer), Majority.Tally(outgoing, answer));
        return first == second ? first
            : first == VoteResult.Lost || second == VoteResult.Lost ? VoteResult.Lost
            : VoteResult.Pending;
    }
}
