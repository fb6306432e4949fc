using Trefoil.Assertions.Model;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Records;

/// <summary>What all records of one assertion come to: everything a lens needs to know of a candidate. Immutable.</summary>
/// <remarks>Lists are in the order of agents; sums are of integers: equal records give an equal state on every node.</remarks>
public sealed class ClaimState
{
    public required AssertionId Id { get; init; }

    public required Assertion Assertion { get; init; }

    /// <summary>First acceptance by any node as known now; orders everything, ties broken by <see cref="Id"/>.</summary>
    public required HybridTime Ingested { get; init; }

    /// <summary>Who signed, ordered: the author perhaps, and co-signers.</summary>
    public IReadOnlyList<AgentKey> Signers { get; init; } = [];

    /// <summary>The last vote of each agent, ordered by agent.</summary>
    public IReadOnlyList<Record.Vote> Votes { get; init; } = [];

    /// <summary>Retractions that count, ordered by agent: the author's, an administrator's.</summary>
    public IReadOnlyList<Record.Retraction> Retractions { get; init; } = [];

    /// <summary>The last step of its review; null if there was none.</summary>
    public Record.LifecycleEvent? Event { get; init; }

    public bool IsRetracted => Retractions.Count > 0;

    /// <summary>True if the named author signed; the anonymous agent never does.</summary>
    public bool IsSigned => Signers.Contains(Assertion.Agent);

    /// <summary>The last event's state, else the stated one, else Proposed.</summary>
    public Lifecycle Lifecycle => Event?.State ?? Assertion.EffectiveLifecycle;

    /// <summary>Sum of the votes, in parts per million.</summary>
    public long VoteSumPpm
    {
        get
        {
            long sum = 0;
            foreach (var vote in Votes)
            {
                sum += vote.ValuePpm;
            }

            return sum;
        }
    }

    /// <summary>The total order of claims: by ingest time, then id.</summary>
    public static int Compare(ClaimState left, ClaimState right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return left.Ingested != right.Ingested ? left.Ingested.CompareTo(right.Ingested) : left.Id.CompareTo(right.Id);
    }

    /// <summary>The state as it was known at an instant; null if the claim was not known yet.</summary>
    /// <remarks>
    /// Votes and reviews keep their last value only: one that was replaced after the instant counts as not given at it, not
    /// as its earlier value. Signatures have no time and stay.
    /// </remarks>
    public ClaimState? AsOf(long ms) => Ingested.PhysicalMs > ms ? null : new ClaimState
    {
        Id = Id,
        Assertion = Assertion,
        Ingested = Ingested,
        Signers = Signers,
        Votes = Until(Votes, vote => vote.At.PhysicalMs <= ms),
        Retractions = Until(Retractions, retraction => retraction.At.PhysicalMs <= ms),
        Event = Event?.At.PhysicalMs <= ms ? Event : null,
    };

    /// <summary>Folds records of one assertion, in any order and each key once; null while there is no body.</summary>
    public static ClaimState? Of(IReadOnlyList<Record> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        Record.Claim? claim = null;
        Record.LifecycleEvent? lifecycle = null;
        var redacted = false;
        List<AgentKey>? signers = null;
        List<Record.Vote>? votes = null;
        List<Record.Retraction>? retractions = null;
        foreach (var record in records)
        {
            switch (record)
            {
                case Record.Claim found: claim = found; break;
                case Record.Signature signature: (signers ??= []).Add(signature.Agent); break;
                case Record.Vote vote: (votes ??= []).Add(vote); break;
                case Record.Retraction retraction: (retractions ??= []).Add(retraction); break;
                case Record.LifecycleEvent step: lifecycle = step; break;
                case Record.Redaction: redacted = true; break;
            }
        }

        if (redacted || claim is null || claim.Body.IsEmpty || AssertionCodec.TryDecode(claim.Body, out var assertion) is not null)
        {
            return null;
        }

        signers?.Sort();
        votes?.Sort((a, b) => a.Agent.CompareTo(b.Agent));
        retractions?.RemoveAll(retraction => retraction.Agent != assertion!.Agent && retraction.Agent != AgentKey.Administrator);
        retractions?.Sort((a, b) => a.Agent.CompareTo(b.Agent));
        return new ClaimState
        {
            Id = claim.Id,
            Assertion = assertion!,
            Ingested = claim.Ingested,
            Signers = signers ?? [],
            Votes = votes ?? [],
            Retractions = retractions ?? [],
            Event = lifecycle,
        };
    }

    private static IReadOnlyList<T> Until<T>(IReadOnlyList<T> list, Predicate<T> known)
    {
        foreach (var item in list)
        {
            if (!known(item))
            {
                return [.. list.Where(item => known(item))];
            }
        }

        return list;
    }
}
