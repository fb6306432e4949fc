namespace Trefoil.Consensus;

/// <summary>What happens to one member. Persisted: append-only.</summary>
public enum MemberChangeKind : byte
{
    /// <summary>Becomes a voter, whether it was a learner or nothing.</summary>
    AddVoter = 0,

    /// <summary>Becomes a learner, whether it was a voter or nothing.</summary>
    AddLearner = 1,

    /// <summary>Leaves the group.</summary>
    Remove = 2,
}

/// <summary>One step of a change.</summary>
public readonly record struct MemberChange(MemberChangeKind Kind, ulong Id);

/// <summary>Whether a change goes through a joint configuration. Persisted: append-only.</summary>
public enum ConfigurationTransition : byte
{
    /// <summary>Directly if there is one member change, else joint and left by itself.</summary>
    Auto = 0,

    /// <summary>Always joint, left by itself.</summary>
    JointImplicit = 1,

    /// <summary>Always joint, left only when <see cref="ConfigurationChange.LeaveJoint"/> is proposed.</summary>
    JointExplicit = 2,
}

/// <summary>A proposed change of the group; applied in order when its entry commits.</summary>
public sealed record ConfigurationChange(IReadOnlyList<MemberChange> Changes, ConfigurationTransition Transition = ConfigurationTransition.Auto)
{
    /// <summary>Ends a joint configuration.</summary>
    public static ConfigurationChange LeaveJoint { get; } = new([]);

    /// <summary>Adds or promotes a voter.</summary>
    public static ConfigurationChange AddVoter(ulong id) => new([new(MemberChangeKind.AddVoter, id)]);

    /// <summary>Adds a learner or demotes a voter.</summary>
    public static ConfigurationChange AddLearner(ulong id) => new([new(MemberChangeKind.AddLearner, id)]);

    /// <summary>Removes a member.</summary>
    public static ConfigurationChange Remove(ulong id) => new([new(MemberChangeKind.Remove, id)]);

    internal bool LeavesJoint => Changes.Count == 0 && Transition == ConfigurationTransition.Auto;

    internal bool EntersJoint => Transition != ConfigurationTransition.Auto || Changes.Count > 1;
}
