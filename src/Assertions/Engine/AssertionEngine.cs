using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;
using Trefoil.Assertions.Store;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Engine;

/// <summary>What can be done with assertions: what becomes of a post, and every way of asking. HTTP calls it, and so does the simulator.</summary>
/// <remarks>
/// Synchronous, without a clock, a task or a lock: readings of clocks come in, records to store go out. Reads work on one
/// <see cref="AssertionReader"/>, so that the parts of an answer fit each other.
/// </remarks>
public static partial class AssertionEngine
{
    /// <summary>The records that a post comes to, added to <paramref name="records"/>: the claim first, then its signature if it has one.</summary>
    public static void Post(PostedAssertion posted, HybridTime at, List<Record> records)
    {
        ArgumentNullException.ThrowIfNull(posted);
        ArgumentNullException.ThrowIfNull(records);
        records.Add(new Record.Claim(posted.Id, at, posted.Canonical));
        if (!posted.Signature.IsEmpty)
        {
            records.Add(new Record.Signature(posted.Id, posted.Assertion.Agent, posted.Signature));
        }
    }

    /// <summary>What is known of an assertion; or the refusal, if nothing is or its content is gone.</summary>
    public static Invalid? Find(AssertionReader reader, AssertionId id, out ClaimState? state)
    {
        ArgumentNullException.ThrowIfNull(reader);
        state = reader.State(id);
        return state is not null ? null
            : reader.Contains(id) ? new Invalid(RefusalCodes.Redacted, "/id", $"the content of {id} was removed, for ever")
            : new Invalid(RefusalCodes.UnknownAssertion, "/id", $"no assertion {id} is known here");
    }

    /// <summary>Whether a vote can be taken.</summary>
    public static Invalid? Check(AssertionReader reader, PostedVote vote)
    {
        ArgumentNullException.ThrowIfNull(vote);
        return Find(reader, vote.Id, out _);
    }

    /// <summary>Whether a step of the review can be taken.</summary>
    public static Invalid? Check(AssertionReader reader, PostedStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Find(reader, step.Id, out _);
    }

    /// <summary>Whether a retraction can be taken: by the author. One by anybody else would be kept and never count.</summary>
    public static Invalid? Check(AssertionReader reader, PostedRetraction retraction)
    {
        ArgumentNullException.ThrowIfNull(retraction);
        return Find(reader, retraction.Id, out var state) ?? (state!.Assertion.Agent == retraction.Agent
            ? null
            : new Invalid(RefusalCodes.NotTheAuthor, "/agent", $"{retraction.Id} was asserted by {Name(state.Assertion.Agent)}, not by {Name(retraction.Agent)}"));
    }

    /// <summary>The record of a vote that was checked.</summary>
    public static Record RecordOf(PostedVote vote, HybridTime at)
    {
        ArgumentNullException.ThrowIfNull(vote);
        return new Record.Vote(vote.Id, vote.Agent, vote.ValuePpm, at);
    }

    /// <summary>The record of a retraction that was checked.</summary>
    public static Record RecordOf(PostedRetraction retraction, HybridTime at)
    {
        ArgumentNullException.ThrowIfNull(retraction);
        return new Record.Retraction(retraction.Id, retraction.Agent, at);
    }

    /// <summary>The record of a step that was checked.</summary>
    public static Record RecordOf(PostedStep step, HybridTime at)
    {
        ArgumentNullException.ThrowIfNull(step);
        return new Record.LifecycleEvent(step.Id, step.State, at, step.Agent);
    }

    private static string Name(AgentKey agent) => agent.IsAnonymous ? "the anonymous agent" : agent.ToString();
}
