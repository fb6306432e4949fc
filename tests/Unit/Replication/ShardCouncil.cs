using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Sharding;

namespace Trefoil.Unit.Replication;

/// <summary>The control plane as replication sees it: one record that is compared and set, leases, elections that fence first.</summary>
internal sealed class ShardCouncil
{
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Lease = TimeSpan.FromMilliseconds(1500);
    private readonly ShardWorld _world;
    private readonly SortedDictionary<NodeId, (ulong Epoch, ulong Lsn, bool Consistent)> _answers = [];
    private readonly SortedDictionary<(int, ulong), string?> _outcomes = [];
    private NodeId _candidate;
    private TimeSpan _leaseEnd;
    private TimeSpan _since;
    private ReplicationMode _wanted;
    private ulong _version = 10;

    public ShardCouncil(ShardWorld world)
    {
        _world = world;
        _wanted = world.Plan.Mode;
        NodeId[] members = [.. world.Members.Select(member => member.Id)];
        Record = new ShardView(new NodeId(9, 9), members[0], 10, true, 10, members[..1], _wanted, members);
    }

    /// <summary>What is committed.</summary>
    public ShardView Record { get; private set; }

    public void Start()
    {
        Commit(Record);
        _world.After(Round, Tick);
    }

    public void ChangeMode(ReplicationMode mode)
    {
        _wanted = mode;
        Commit(Record);
    }

    public void Propose(ShardMember from, ReplicaEffect.Propose propose) => Submit(from, propose.Token, () =>
    {
        if (propose.ConfigVersion != Record.ConfigVersion || Record.IsElecting)
        {
            return "ERR another change was first";
        }

        Commit(Record with { ConfigVersion = _version + 1, ReplicaSet = propose.Set, Mode = propose.Mode });
        return null;
    });

    public void Propose(ShardMember from, ReplicaEffect.ProposeHandOver propose) => Submit(from, propose.Token, () =>
    {
        if (propose.Epoch != Record.Epoch || Record.IsElecting)
        {
            return "ERR another epoch was first";
        }

        Elect(propose.To);
        return null;
    });

    /// <summary>As the control plane does: a request that arrives twice acts once, and is answered the same.</summary>
    private void Submit(ShardMember from, ulong token, Func<string?> apply) => _world.Transmit(from.Index, -1, () =>
    {
        if (!_outcomes.TryGetValue((from.Index, token), out var outcome))
        {
            _outcomes[(from.Index, token)] = outcome = apply();
        }

        if (outcome is { } error)
        {
            var life = from.Life;
            _world.Transmit(-1, from.Index, () =>
            {
                if (from.Life == life)
                {
                    from.Post(new ReplicaInput.ProposalRefused(token, error));
                }
            });
        }
    });

    private void Commit(ShardView record)
    {
        _version++;
        if (record.Epoch != Record.Epoch)
        {
            (_since, _leaseEnd) = (_world.Now, Later(_leaseEnd, _world.Now + (record.IsElecting ? default : 2 * Lease)));
            _answers.Clear();
        }

        Record = record;
        var set = string.Join(',', record.ReplicaSet.Select(id => _world.Find(id).Index));
        _world.Note(
            $"-- v{_version}: epoch {record.Epoch}{(record.IsElecting ? " electing" : "")}, n{_world.Find(record.Primary).Index}, {record.Mode} of {set}");
        _world.Oracle.CheckHeld();
        Publish();
    }

    private void Publish()
    {
        var view = new ReplicaInput.ShardChanged(ShardWorld.Cluster, Record, _wanted, _version);
        foreach (var member in _world.Members)
        {
            _world.Transmit(-1, member.Index, () =>
            {
                if (member.Up)
                {
                    member.Show(view);
                    AnswerFence(member);
                }
            });
        }
    }

    /// <summary>A member that shows the election, and whose core has taken it, says where it stands.</summary>
    private void AnswerFence(ShardMember member)
    {
        var status = member.Status();
        if (member.View?.Shard is not { IsElecting: true } shard || status.Version != member.View.Version || !status.Fenced)
        {
            return;
        }

        _world.Transmit(member.Index, -1, () =>
        {
            if (Record.IsElecting && Record.Epoch == shard.Epoch)
            {
                _answers[member.Id] = (status.LastEpoch, status.LastLsn, status.Consistent);
            }
        });
    }

    private void Tick()
    {
        _world.After(Round, Tick);
        Publish();
        foreach (var member in _world.Members.Where(member => member.Up))
        {
            RequestLease(member);
        }

        if (Record.IsElecting)
        {
            Decide();
        }
        else if (_world.Now > _leaseEnd)
        {
            Elect(NodeId.None);
        }
    }

    private void RequestLease(ShardMember member)
    {
        var status = member.Status();
        if (status.Role != ReplicaRole.Primary)
        {
            return;
        }

        var (sent, life) = (_world.Now, member.Life);
        _world.Transmit(member.Index, -1, () =>
        {
            if (Record.IsElecting || Record.Epoch != status.Epoch || Record.Primary != member.Id)
            {
                return;
            }

            if (!status.Begun)
            {
                Elect(NodeId.None);
                return;
            }

            _leaseEnd = Later(_leaseEnd, _world.Now + (Lease * 1.1));
            _world.Transmit(-1, member.Index, () =>
            {
                if (member.Life == life && member.Status().Epoch == status.Epoch)
                {
                    member.LeaseUntil = Later(member.LeaseUntil, sent + Lease);
                }
            });
        });
    }

    private void Elect(NodeId candidate)
    {
        _world.Count("election");
        _candidate = candidate;
        Commit(Record with { Epoch = _version + 1, ConfigVersion = _version + 1, IsElecting = true });
    }

    private void Decide()
    {
        var fenced = _answers.Where(answer => Record.ReplicaSet.Contains(answer.Key)).ToList();
        var needed = Math.Max(1, RequiredAcks.ToFence(Record.Mode, Record.ReplicaSet.Count));
        var all = fenced.Count == Record.ReplicaSet.Count;
        if (fenced.Count < needed || (!all && _world.Now - _since < TimeSpan.FromMilliseconds(500)))
        {
            return;
        }

        if (_world.Now < _leaseEnd && !_answers.ContainsKey(Record.Primary))
        {
            return;
        }

        var best = fenced.Max(answer => (answer.Value.Epoch, answer.Value.Lsn));
        var level = fenced.Where(answer => (answer.Value.Epoch, answer.Value.Lsn) == best && answer.Value.Consistent).Select(answer => answer.Key).ToList();
        if (level.Count == 0)
        {
            return;
        }

        var winner = level.OrderBy(id => id == _candidate ? 0 : id == Record.Primary ? 1 : 2).First();
        Commit(Record with { ConfigVersion = _version + 1, IsElecting = false, Primary = winner, ReplicaSet = level });
        _leaseEnd = Later(_leaseEnd, _world.Now + (2 * Lease));
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
