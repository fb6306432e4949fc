using Trefoil.ControlPlane;
using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Sharding;

namespace Trefoil.Simulator.Slots;

/// <summary>A machine's part in migrations: the core, its slots, and the gate that commands on them meet. Wired as its driver wires it.</summary>
internal sealed class SimulatedMigrations
{
    /// <summary>Tokens of its proposals: above those of the workload and of replication.</summary>
    public const ulong FirstToken = 1UL << 61;

    private static readonly TimeSpan ParkLimit = TimeSpan.FromSeconds(3);

    private readonly SimulatedNode _node;
    private readonly Simulation _world;
    private readonly Prng _random;
    private readonly List<MigrationEffect> _effects = [];
    private readonly List<KeyCall> _parked = [];
    private readonly Dictionary<ulong, ulong> _proposals = [];
    private MigrationNode? _core;
    private ulong _lastToken = FirstToken;
    private TimeSpan _wakeAt;
    private bool _ticking;
    private ulong _lastLsn;

    public SimulatedMigrations(SimulatedNode node, Simulation world, Prng random)
    {
        (_node, _world, _random) = (node, world, random);
        Slots = new ModelSlots(node.Replica.Log, random.Fork());
        Slots.Released = Retry;
    }

    public ModelSlots Slots { get; }

    /// <summary>A command on this slot would run here, now.</summary>
    public bool Executes(int slot) =>
        _node.Replica.Answers && _node.Replica.Topology.Owns(_node.Identity.Node, slot) && !Slots.IsHeld(slot);

    public void Start()
    {
        (_wakeAt, _ticking) = (TimeSpan.MaxValue, false);
        _effects.Clear();
        _parked.Clear();
        _proposals.Clear();
        Slots.Restarted();
        IMigratingSlots slots = _world.Options.Sabotage.Slots?.Invoke(Slots, _world) ?? Slots;
        _core = new MigrationNode(_node.Identity.Node, _world.Plan.Migration, slots, _node.Clock.Now);
        Post(new MigrationInput.Settings(_world.Plan.CopyRate));
    }

    public void Post(MigrationInput input)
    {
        if (!_node.Up || _node.PostponedWhilePaused(() => Post(input)))
        {
            return;
        }

        input = _world.Options.Sabotage.MigrationInput is { } filter ? filter(input) : input;
        _core!.Handle(_node.Clock.Now, input, _effects);
        Perform();
        if (!_ticking && _node.Up)
        {
            _ticking = true;
            Wake(_random.Between(TimeSpan.Zero, TimeSpan.FromMicroseconds(300)));
        }
    }

    /// <summary>What became of a proposal: only a certain refusal is passed on.</summary>
    public void Answered(ControlEffect.Answer answer)
    {
        if (_proposals.Remove(answer.Token, out var token) && answer.Result is CommandResult.Refused { Error: not Refusals.OutcomeUnknown } refused)
        {
            Post(new MigrationInput.Refused(token, refused.Error));
        }
    }

    /// <summary>A client's call. It waits while the slot is held; elsewhere owned, it is sent there, and this client asks no more.</summary>
    public void Execute(KeyCall call)
    {
        if (!_node.Up || !_node.Replica.Answers || call.Cluster != _node.Replica.Cluster)
        {
            return;
        }

        if (Slots.IsHeld(call.Slot))
        {
            _world.Counts.Add(SimulationCounts.Progress.KeysParked);
            _parked.Add(call);
            return;
        }

        if (!_node.Replica.Topology.Owns(_node.Identity.Node, call.Slot))
        {
            return;
        }

        if (call.IsWrite && Slots.Write(call.Slot, call.Key, call.Unique) == 0)
        {
            throw new OracleViolation($"n{_node.Index} is open and does not record");
        }

        var register = Slots[call.Slot, call.Key];
        call.Executed(register.Value);
        _node.Replica.Hold(Math.Max(register.Lsn, 1), call.Answered);
        Post(new MigrationInput.Appended());
    }

    /// <summary>FLUSHALL at this node, unless a slot is held: then it waits, and this client does not.</summary>
    public void Flush()
    {
        if (_node.Up && _node.Replica.Answers && Slots.IsFree)
        {
            _world.Counts.Add(SimulationCounts.Progress.Flushed);
            Slots.Flush(slot => _node.Replica.Topology.Owns(_node.Identity.Node, slot));
            _node.Replica.Post(new ReplicaInput.Appended());
            Post(new MigrationInput.Appended());
        }
    }

    private void Retry()
    {
        KeyCall[] waiting = [.. _parked];
        _parked.Clear();
        foreach (var call in waiting.Where(call => _world.Now - call.At < ParkLimit))
        {
            Execute(call);
        }
    }

    private void Wake(TimeSpan delay)
    {
        var life = _node.Life;
        _world.Queue.At(_world.Now + delay, () =>
        {
            if (life == _node.Life && _node.Up)
            {
                Tick();
            }
        });
    }

    private void Tick()
    {
        if (_node.PostponedWhilePaused(Tick))
        {
            return;
        }

        _ticking = false;
        _core!.Tick(_node.Clock.Now, _effects);
        Perform();
        if (!_node.Up)
        {
            return;
        }

        var deadline = _node.Clock.WorldAt(_core.Deadline);
        if (deadline != TimeSpan.MaxValue && (deadline < _wakeAt || _wakeAt <= _world.Now))
        {
            _wakeAt = deadline > _world.Now ? deadline : _world.Now + TimeSpan.FromMicroseconds(100);
            Wake(_wakeAt - _world.Now);
        }
    }

    /// <summary>The process may end between any two.</summary>
    private void Perform()
    {
        if (_node.Replica.Log.LastLsn != _lastLsn)
        {
            _lastLsn = _node.Replica.Log.LastLsn;
            _world.Queue.At(_world.Now, () => _node.Replica.Post(new ReplicaInput.Appended()));
        }

        MigrationEffect[] effects = [.. _effects];
        _effects.Clear();
        var life = _node.Life;
        foreach (var each in effects)
        {
            if ((_world.Options.Sabotage.MigrationEffect is { } filter ? filter(each) : each) is { } effect)
            {
                Perform(effect);
                _world.Steps.Reached(_node, effect);
                if (life != _node.Life)
                {
                    return;
                }
            }
        }
    }

    private void Perform(MigrationEffect effect)
    {
        switch (effect)
        {
            case MigrationEffect.Send send:
                Send(send);
                break;
            case MigrationEffect.Propose propose:
                _proposals[++_lastToken] = propose.Token;
                var now = _node.Clock.WallMs;
                _world.Note("move", _node.Index, -1, propose.Token, $"propose {propose.Proposal}");
                _node.Post(new ControlInput.Propose(_lastToken, request => CommandFor(request, propose.Proposal, now)));
                break;
            case MigrationEffect.Note note:
                _world.Note("move", _node.Index, -1, (ulong)note.Event, $"{note.Event}: {note.Detail}");
                _world.Counts.Add(SimulationCounts.Progress.SlotsFrozen, note.Event == MigrationEvent.Frozen ? 1 : 0);
                _world.Counts.Add(SimulationCounts.Progress.SlotsCleared, note.Event == MigrationEvent.Cleared ? 1 : 0);
                break;
        }
    }

    private static TopologyCommand CommandFor(RequestId request, MigrationProposal proposal, long nowMs) => proposal switch
    {
        MigrationProposal.Restart restart => new TopologyCommand.RestartMigration(request, restart.Migration, restart.Attempt, restart.Reason, nowMs),
        MigrationProposal.Complete complete => new TopologyCommand.CompleteMigration(request, complete.Migration, complete.Attempt, nowMs),
        MigrationProposal.Abort abort => new TopologyCommand.AbortMigration(request, abort.Migration, abort.Reason, nowMs),
        MigrationProposal.Clean clean => new TopologyCommand.CleanMigration(request, clean.Migration, clean.Epoch),
        _ => throw new ArgumentException($"Nobody proposes {proposal}.", nameof(proposal)),
    };

    private void Send(MigrationEffect.Send send)
    {
        if (_node.Replica.Topology.Find(send.To) is not { } member || _world.NodeAt(member.Endpoints.Host) is not { } to)
        {
            return;
        }

        var writer = new ByteWriter();
        MigrationCodec.Write(writer, send.Message);
        var (bytes, cluster, self) = (writer.ToArray(), _node.Replica.Cluster, _node.Identity.Node);
        _world.Note("move", _node.Index, to.Index, Trace.HashOf(bytes), send.Message);
        _world.Network.Send(_world.Now, _node.Index, to.Index, () =>
        {
            if (to.Up && to.Replica.Cluster == cluster && to.Replica.Topology.Find(self) is not null)
            {
                to.Migrations.Post(new MigrationInput.Peer(self, MigrationCodec.Read(bytes) ?? throw new OracleViolation($"unreadable: {send.Message}")));
            }
        });
    }
}
