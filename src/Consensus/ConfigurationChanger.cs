namespace Trefoil.Consensus;

/// <summary>The next configuration, or why there is none. Exactly one is set.</summary>
internal readonly record struct ChangeOutcome(Configuration? Configuration, string? Error);

/// <summary>Computes configurations from configurations: pure, so that every member arrives at the same one.</summary>
/// <remarks>
/// A simple change moves at most one voter, so that the majorities before and after overlap; anything more goes through a
/// joint configuration (paper, 6). The refusals are worded as in etcd, whose public cases this passes.
/// </remarks>
internal static class ConfigurationChanger
{
    /// <summary>What <paramref name="change"/> makes of <paramref name="current"/>.</summary>
    public static ChangeOutcome Apply(Configuration current, ConfigurationChange change) =>
        change.LeavesJoint ? LeaveJoint(current)
        : change.EntersJoint ? EnterJoint(current, change.Changes, change.Transition != ConfigurationTransition.JointExplicit)
        : Simple(current, change.Changes);

    public static ChangeOutcome Simple(Configuration current, IReadOnlyList<MemberChange> changes)
    {
        if (current.IsJoint)
        {
            return Refuse("can't apply simple config change in joint config");
        }

        var draft = new Draft(current);
        draft.Apply(changes);
        return draft.Incoming.Count == 0 ? Refuse("removed all voters")
            : Difference(current.Incoming, draft.Incoming) > 1 ? Refuse("more than one voter changed without entering joint config")
            : new ChangeOutcome(draft.Build(autoLeave: false), null);
    }

    public static ChangeOutcome EnterJoint(Configuration current, IReadOnlyList<MemberChange> changes, bool autoLeave)
    {
        if (current.IsJoint)
        {
            return Refuse("config is already joint");
        }

        if (current.Incoming.Count == 0)
        {
            return Refuse("can't make a zero-voter config joint");
        }

        var draft = new Draft(current);
        draft.Outgoing.UnionWith(current.Incoming);
        draft.Apply(changes);
        return draft.Incoming.Count == 0 ? Refuse("removed all voters") : new ChangeOutcome(draft.Build(autoLeave), null);
    }

    public static ChangeOutcome LeaveJoint(Configuration current)
    {
        if (!current.IsJoint)
        {
            return Refuse("can't leave a non-joint config");
        }

        var draft = new Draft(current);
        draft.Learners.UnionWith(draft.LearnersNext);
        draft.LearnersNext.Clear();
        draft.Outgoing.Clear();
        return new ChangeOutcome(draft.Build(autoLeave: false), null);
    }

    private static int Difference(IReadOnlyList<ulong> before, SortedSet<ulong> after) =>
        before.Count(id => !after.Contains(id)) + after.Count(id => !before.Contains(id));

    private static ChangeOutcome Refuse(string error) => new(null, error);

    private sealed class Draft(Configuration from)
    {
        public SortedSet<ulong> Incoming { get; } = [.. from.Incoming];

        public SortedSet<ulong> Outgoing { get; } = [.. from.Outgoing];

        public SortedSet<ulong> Learners { get; } = [.. from.Learners];

        public SortedSet<ulong> LearnersNext { get; } = [.. from.LearnersNext];

        public void Apply(IReadOnlyList<MemberChange> changes)
        {
            foreach (var (kind, id) in changes)
            {
                if (id == 0)
                {
                    continue; // etcd's way of voiding a step in place
                }

                Forget(id);
                if (kind == MemberChangeKind.AddVoter)
                {
                    Incoming.Add(id);
                }
                else if (kind == MemberChangeKind.AddLearner)
                {
                    // An outgoing voter still counts in the old majority, so it cannot be a learner yet.
                    (Outgoing.Contains(id) ? LearnersNext : Learners).Add(id);
                }
            }
        }

        public Configuration Build(bool autoLeave) => new()
        {
            Incoming = [.. Incoming],
            Outgoing = [.. Outgoing],
            Learners = [.. Learners],
            LearnersNext = [.. LearnersNext],
            AutoLeave = autoLeave,
        };

        private void Forget(ulong id)
        {
            Incoming.Remove(id);
            Learners.Remove(id);
            LearnersNext.Remove(id);
        }
    }
}
