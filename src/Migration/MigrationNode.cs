using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Migration;

/// <summary>One node's part in the migrations of its shard: source of some, target of others, and whoever cleans up after them.</summary>
/// <remarks>
/// <para>A pure, synchronous core with one owner. <see cref="Handle"/> takes inputs, <see cref="Tick"/> lets time pass and does what the inputs made
/// possible; both append effects to be performed in list order. Call Tick after each batch of inputs. <c>now</c> is the time since start and never
/// goes backwards. The slots are called directly: what may be said next depends on what they hold.</para>
/// <para>The topology drives everything. What is kept here belongs to one attempt of one migration and to one epoch of this node's shard, and is
/// forgotten with either; nothing else ends a freeze, least of all a clock.</para>
/// </remarks>
public sealed partial class MigrationNode
{
    private readonly MigrationConfig _config;
    private readonly IMigratingSlots _slots;
    private readonly TokenBucket _bucket;
    private List<Export> _exports = [];
    private List<Import> _imports = [];
    private List<Cleaning> _cleanings = [];
    private Topology _topology = Topology.Empty;
    private ShardRecord? _shard;
    private (ulong Epoch, ulong Lsn) _heldBy;
    private ulong _serving;
    private ulong _epoch;
    private ulong _token;
    private TimeSpan _now;
    private TimeSpan _wakeAt = TimeSpan.MaxValue;

    /// <summary>Starts as an end of nothing, until it serves an epoch that the topology shows.</summary>
    public MigrationNode(NodeId self, MigrationConfig config, IMigratingSlots slots, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(slots);
        (Self, _config, _slots, _now) = (self, config, slots, now);
        _bucket = new TokenBucket(config.Burst, now);
    }

    /// <summary>Who this is.</summary>
    public NodeId Self { get; }

    /// <summary>When <see cref="Tick"/> next has something to do; in the past if it has more to do at once.</summary>
    public TimeSpan Deadline => IsActive ? _wakeAt : TimeSpan.MaxValue;

    /// <summary>This node serves the epoch that the topology shows, and everything kept here belongs to it.</summary>
    private bool IsActive => _epoch != 0 && _serving == _epoch;

    private ulong Held => _heldBy.Epoch == _epoch ? _heldBy.Lsn : 0;

    /// <summary>Takes one input. Call <see cref="Tick"/> after each batch of them.</summary>
    public void Handle(TimeSpan now, MigrationInput input, List<MigrationEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(effects);
        Advance(now);
        switch (input)
        {
            case MigrationInput.TopologyChanged changed:
                Show(changed.Topology, effects);
                break;
            case MigrationInput.Serving serving:
                _serving = serving.Epoch;
                Settle(effects);
                break;
            case MigrationInput.Held held:
                _heldBy = (held.Epoch, held.Lsn);
                break;
            case MigrationInput.Peer peer when IsActive:
                HandlePeer(peer.From, peer.Message);
                break;
            case MigrationInput.Refused refused:
                TakeRefusal(refused, effects);
                break;
            case MigrationInput.Settings settings:
                _bucket.Set(settings.BytesPerSecond, _now);
                break;
        }

        _wakeAt = _now;
    }

    /// <summary>Lets time pass to <paramref name="now"/> and does what can be done: a bounded amount, <see cref="Deadline"/> says if there is more.</summary>
    public void Tick(TimeSpan now, List<MigrationEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(effects);
        Advance(now);
        if (!IsActive || _exports.Count + _imports.Count + _cleanings.Count == 0)
        {
            _wakeAt = TimeSpan.MaxValue;
            return;
        }

        _wakeAt = _now + _config.Housekeeping;
        StepImports(effects);
        StepExports(effects);
        StepCleanings(effects);
    }

    /// <summary>Where each migration of this node stands.</summary>
    public MigrationStatus Status() => IsActive && _exports.Count + _imports.Count + _cleanings.Count > 0
        ? new MigrationStatus([.. _exports.Select(StatusOf), .. _imports.Select(StatusOf), .. _cleanings.Select(StatusOf)])
        : MigrationStatus.Empty;

    private void Show(Topology topology, List<MigrationEffect> effects)
    {
        if (topology.ClusterId == _topology.ClusterId && topology.Version < _topology.Version)
        {
            return;
        }

        if (topology.ClusterId != _topology.ClusterId)
        {
            Forget(effects);
        }

        _topology = topology;
        _shard = topology.ShardOf(Self);
        Settle(effects);
    }

    /// <summary>Makes what is kept here agree with the topology: first what has ended, then, if this node serves, what has begun.</summary>
    private void Settle(List<MigrationEffect> effects)
    {
        var leads = _shard is { IsElecting: false } shard && shard.Primary == Self ? shard.Epoch : 0;
        if (_epoch != leads)
        {
            Forget(effects);
        }

        if (leads != 0 && _serving == leads)
        {
            _epoch = leads;
        }

        var (exports, imports, cleanings) = (new List<Export>(), new List<Import>(), new List<Cleaning>());
        foreach (var record in _topology.Migrations)
        {
            var export = _exports.Find(each => each.Record.Id == record.Id);
            var import = _imports.Find(each => each.Record.Id == record.Id);
            if (_cleanings.Find(each => each.Record.Id == record.Id) is { } cleaning)
            {
                if (!record.IsClean)
                {
                    cleanings.Add(cleaning);
                }
            }
            else if (record.State != MigrationState.Running)
            {
                End(record, export, import, cleanings, effects);
            }
            else if (_shard is not null && record.Source == _shard.Id && (export is not null || IsActive))
            {
                exports.Add(Follow(export ?? new Export(record, _now), record, effects));
            }
            else if (_shard is not null && record.Target == _shard.Id && (import is not null || IsActive))
            {
                imports.Add(Follow(import ?? new Import(record), record));
            }
        }

        // A record that is not shown any more, or is no longer of this shard, has ended too.
        _exports.Where(export => _topology.FindMigration(export.Record.Id) is null).ToList().ForEach(export => EndAttempt(export, effects));
        _imports.Where(import => _topology.FindMigration(import.Record.Id) is null).ToList().ForEach(EndAttempt);
        (_exports, _imports, _cleanings) = (exports, imports, cleanings);
    }

    /// <summary>Completed or aborted: commands go on, at whoever owns the slots now, and the other end cleans up.</summary>
    private void End(MigrationRecord record, Export? export, Import? import, List<Cleaning> cleanings, List<MigrationEffect> effects)
    {
        if (export is not null)
        {
            EndAttempt(export, effects);
        }

        if (import is not null)
        {
            EndAttempt(import);
        }

        if (export is not null || import is not null)
        {
            var isDone = record.State == MigrationState.Completed;
            Note(isDone ? MigrationEvent.Completed : MigrationEvent.Aborted, record, record.Message, effects);
        }

        if (_epoch == 0 || record.Cleaner.IsNone || record.Cleaner != _shard!.Id)
        {
            return;
        }

        // In the first attempt nobody but this process could import anything: what it never took in is not its to remove.
        var isUntouched = record.State == MigrationState.Aborted && record.Attempt == 1 && record.TargetEpoch == _epoch && import is not { MayHoldKeys: true };
        cleanings.Add(new Cleaning(record, record.Cleaner == record.Source ? MigrationRole.Export : MigrationRole.Import, !isUntouched)
        {
            LongestFreeze = export?.LongestFreeze ?? default,
        });
    }

    /// <summary>The epoch is over, or the cluster: every attempt of it is void, which is what makes it right to let go of frozen slots.</summary>
    private void Forget(List<MigrationEffect> effects)
    {
        _exports.ForEach(export => EndAttempt(export, effects));
        _imports.ForEach(EndAttempt);
        (_exports, _imports, _cleanings, _epoch) = ([], [], [], 0);
    }

    private void HandlePeer(NodeId from, MigrationMessage message)
    {
        if (_topology.FindMigration(message.Migration) is not { State: MigrationState.Running } record || record.Attempt != message.Attempt
            || !_topology.IsCurrent(record))
        {
            return;
        }

        if (message is MigrationMessage.Ack ack)
        {
            if (_exports.Find(each => each.Record.Id == record.Id) is { } export && from == _topology.FindShard(record.Target)!.Primary)
            {
                TakeAck(export, ack);
            }
        }
        else if (_imports.Find(each => each.Record.Id == record.Id) is { Running: not null } import && from == _topology.FindShard(record.Source)!.Primary)
        {
            Receive(import, import.Running, message);
        }
    }

    private void StepCleanings(List<MigrationEffect> effects)
    {
        foreach (var cleaning in _cleanings)
        {
            if (!cleaning.IsDone)
            {
                cleaning.ClearedLsn = _slots.Clear([cleaning.Next(_config.ClearSlots)]);
                _wakeAt = _now;
                if (cleaning.IsDone)
                {
                    Note(MigrationEvent.Cleared, cleaning.Record, $"{cleaning.Record.SlotCount} slots at {cleaning.ClearedLsn}", effects);
                }
            }
            else if (Held >= cleaning.ClearedLsn)
            {
                Want(cleaning.Wish, new MigrationProposal.Clean(cleaning.Record.Id, _epoch), cleaning.Record, effects);
            }
        }
    }

    private void Advance(TimeSpan now) => _now = now > _now ? now : _now;

    private void WakeBy(TimeSpan at) => _wakeAt = at < _wakeAt ? at : _wakeAt;
}
