using Trefoil.ControlPlane;
using Trefoil.KeyValue.Connections;
using Trefoil.Membership;
using Trefoil.Migration;
using Trefoil.Replication;
using Trefoil.Sharding;
using Trefoil.Storage;

namespace Trefoil.Simulator.Planting;

/// <summary>Stands between the cores of one simulation and their world, where a mistake would show: this one makes none.</summary>
/// <remarks>
/// Production code is never changed: a planting imitates, from outside, what a core with the mistake in it would be seen to do. It may keep state, which
/// lives as long as the simulation. Hooks are asked before oracles look, as a mistake in the code would be.
/// </remarks>
internal class Sabotage
{
    /// <summary>What a process writes to.</summary>
    public virtual IDisk Disk(SimulatedNode node, IDisk disk) => disk;

    /// <summary>What its key-value engine writes to.</summary>
    public virtual IDisk KeyDisk(SimulatedNode node, IDisk disk) => disk;

    /// <summary>What a process finds of its control plane when it starts.</summary>
    public virtual ControlRestore Restored(SimulatedNode node, ControlRestore restore) => restore;

    /// <summary>What the control core is told; null: it is not.</summary>
    public virtual ControlInput? Told(SimulatedNode node, ControlInput input) => input;

    /// <summary>What the control core wants done, in order; entries may be replaced, removed, added.</summary>
    public virtual void Wanted(SimulatedNode node, List<ControlEffect> effects)
    {
    }

    /// <summary>A control message on its way out; null: it is not sent.</summary>
    public virtual ControlMessage? Sent(SimulatedNode node, ControlMessage message) => message;

    /// <summary>As for the control core.</summary>
    public virtual SwimInput? Told(SimulatedNode node, SwimInput input) => input;

    public virtual void Wanted(SimulatedNode node, List<SwimEffect> effects)
    {
    }

    public virtual ReplicaInput? Told(SimulatedNode node, ReplicaInput input) => input;

    public virtual void Wanted(SimulatedNode node, List<ReplicaEffect> effects)
    {
    }

    public virtual MigrationInput? Told(SimulatedNode node, MigrationInput input) => input;

    public virtual void Wanted(SimulatedNode node, List<MigrationEffect> effects)
    {
    }

    /// <summary>The log that the replica core ships or fills.</summary>
    public virtual IReplicatedLog Log(SimulatedNode node, IReplicatedLog log) => log;

    /// <summary>The slots that the migration core moves.</summary>
    public virtual IMigratingSlots Slots(SimulatedNode node, IMigratingSlots slots) => slots;

    /// <summary>The topology by which commands are routed here.</summary>
    public virtual Topology Routes(SimulatedNode node, Topology topology) => topology;

    /// <summary>What the gate of commands takes for the time when it asks whether a lease still holds.</summary>
    public virtual TimeSpan LeaseClock(SimulatedNode node, TimeSpan now) => now;

    /// <summary>How many bytes of replies leave a connection; <see cref="Connection.Deposed"/>: none ever will.</summary>
    public virtual int Sendable(SimulatedNode node, Connection client, int bytes) => bytes;

    /// <summary>Replaces each effect; null removes it.</summary>
    protected static void Replace<T>(List<T> effects, Func<T, T?> with)
        where T : class
    {
        for (var i = 0; i < effects.Count; i++)
        {
            if (with(effects[i]) is { } effect)
            {
                effects[i] = effect;
            }
            else
            {
                effects.RemoveAt(i--);
            }
        }
    }
}
