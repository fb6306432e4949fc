using Trefoil.ControlPlane;
using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Simulator.Slots;

/// <summary>A machine's part in migrations: the core, its slots, and the gate that commands on them meet. Wired as its driver wires it.</summary>
internal sealed class SimulatedMigrations
{
    /// <summary>Tokens of its proposals: above those of the workload and of replication.</summary>
    public const ulong FirstToken = 1UL << 61;

    private readonly SimulatedNode _node;
    private readonly Simulation _world;
    private readonly Prng _random;
    private readonly List<MigrationEffect> _effects = [];
    private readonly Dictionary<ulong, ulong> _proposals = [];
    private MigrationNode? _core;
    private NodeId _self;
    private ulong _lastToken = FirstToken;
    private TimeSpan _wakeAt;
    private bool _ticking;

    public SimulatedMigrations(SimulatedNode node, Simulation world, Prng random) => (_node, _world, _random) = (node, world, random);

    /// <summary>A command on this slot would run here, now.</summary>
    public bool Executes(int slot) => _node.Keys.Answers && _node.Keys.Server.View.Owns(slot) && !_node.Keys.Store.Table(slot).IsHeld && !_node.Keys.Store.Table(slot).IsFenced;

    public void Start()
    {
        (_wakeAt, _ticking) = (TimeSpan.MaxValue, false);
        _effects.Clear();
        _proposals.Clear();
        Create();
    }

    /// <summary>A topology; under another id this node is another one, and its core begins anew.</summary>
    public void Show(Topology topology)
    {
        if (_self != _node.Identity.Node)
        {
            _node.Keys.Slots.Forget();
            Create();
        }

        Post(new MigrationInput.TopologyChanged(topology));
    }

    private void Create()
    {
        _self = _node.Identity.Node;
        _core = new MigrationNode(_self, _world.Plan.Migration, _world.Sabotage.Slots(_node, _node.Keys.Slots), _node.Clock.Now);
        Post(new MigrationInput.Settings(_world.Plan.CopyRate));
    }

    public void Post(MigrationInput input)
    {
        if (!_node.Up || _node.PostponedWhilePaused(() => Post(input)))
        {
            return;
        }

        if (_world.Sabotage.Told(_node, input) is { } told && !_node.Keys.Guarded(() => _core!.Handle(_node.Clock.Now, told, _effects)))
        {
            return;
        }

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
        if (!_node.Keys.Guarded(() => _core!.Tick(_node.Clock.Now, _effects)))
        {
            return;
        }

        Perform();
        if (!_node.Up)
        {
            return;
        }

        _node.Keys.Server.Moves.Publish(_core!.Status(), _node.Clock.Now);
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
        _world.Sabotage.Wanted(_node, _effects);
        MigrationEffect[] effects = [.. _effects];
        _effects.Clear();
        var life = _node.Life;
        foreach (var effect in effects)
        {
            Perform(effect);
            _world.Steps.Reached(_node, effect);
            if (life != _node.Life)
            {
                return;
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
        _world.Network.Send(_world.Now, _node.Index, to.Index, bytes, whole =>
        {
            if (to.Up && to.Replica.Cluster == cluster && to.Replica.Topology.Find(self) is not null)
            {
                to.Migrations.Post(new MigrationInput.Peer(self, MigrationCodec.Read(whole) ?? throw new OracleViolation($"unreadable: {send.Message}")));
            }
        }, channel: Channel.Bulk);
    }
}
