using System.Text;
using Trefoil.Consensus;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Consensus;

/// <summary>Six nodes, some of them a group, in bad weather: loss, duplication, reordering, partitions, crashes that lose what
/// was not synced, membership changes, compaction, transfers. Every step is checked; then the weather clears.</summary>
internal sealed class RaftStorm
{
    private const int PeerCount = 6;
    private readonly SortedDictionary<(TimeSpan At, ulong Sequence), RaftMessage> _wire = [];
    private readonly List<RaftPeer> _peers = [];
    private readonly HashSet<(ulong, ulong)> _cut = [];
    private readonly Dictionary<ulong, ulong> _readFloors = [];
    private readonly Prng _random;
    private readonly double _loss;
    private readonly double _duplication;
    private readonly double _crash;
    private TimeSpan _now;
    private ulong _sequence;
    private ulong _token;
    private bool _calm;

    public RaftStorm(ulong seed)
    {
        _random = new Prng(seed);
        (_loss, _duplication, _crash) = (_random.Fraction() * 0.2, _random.Fraction() * 0.2, _random.Fraction() * 0.02);
        var voters = Enumerable.Range(1, 1 + _random.Below(5)).Select(id => (ulong)id).ToArray();
        for (ulong id = 1; id <= PeerCount; id++)
        {
            var config = new RaftConfig
            {
                Id = id,
                SnapshotChunkBytes = 16,
                MaxInflightMessages = 4,
                MaxMessageBytes = 200,
                MaxUncommittedBytes = 4000,
            };
            var peer = new RaftPeer(config, _random.Fork(), id <= (ulong)voters.Length ? Configuration.Of(voters) : null, _now);
            peer.Persisted += Oracle.Persisted;
            peer.Applied += Oracle.Applied;
            _peers.Add(peer);
        }
    }

    public RaftOracle Oracle { get; } = new();

    public int Crashes { get; private set; }

    public int Changes { get; private set; }

    public int ReadsAnswered { get; private set; }

    public ulong Snapshots { get; private set; }

    public void Run(TimeSpan badWeather)
    {
        var nextAction = _now;
        while (_now < badWeather)
        {
            if (NextEvent() is { } at && at < nextAction)
            {
                Happen(at);
            }
            else
            {
                _now = nextAction;
                nextAction += _random.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(20));
                Act();
            }
        }

        Clear();
    }

    private void Clear()
    {
        _calm = true;
        _cut.Clear();
        foreach (var peer in _peers.Where(peer => peer.IsDown))
        {
            peer.Restart(_now);
            Perform(peer);
        }

        RunCalm(TimeSpan.FromSeconds(10));
        var leader = Leader();
        Assert.True(leader is not null, $"no leader:{Describe()}");
        Assert.Equal(ProposeStatus.Accepted, leader.Node.Propose("the last one"u8.ToArray()).Status);
        Perform(leader);
        RunCalm(TimeSpan.FromSeconds(5));
        leader = Leader();
        Assert.True(leader is not null, $"no leader:{Describe()}");
        foreach (var member in _peers.Where(peer => leader.Node.Configuration.IsMember(peer.Id)))
        {
            Assert.Equal(leader.Node.LastIndex, member.Node.AppliedIndex);
            Assert.Equal(leader.StateHash, member.StateHash);
            Assert.Equal(leader.Node.Configuration, member.Node.Configuration);
        }
    }

    private void RunCalm(TimeSpan duration)
    {
        for (var end = _now + duration; NextEvent() is { } at && at < end;)
        {
            Happen(at);
        }
    }

    private string Describe() => string.Concat(_peers.Select(peer =>
        $"\n{peer.Id} {peer.Node.Role} term={peer.Node.Term} leader={peer.Node.LeaderId} commit={peer.Node.CommitIndex} "
        + $"applied={peer.Node.AppliedIndex} log={peer.Node.FirstIndex}..{peer.Node.LastIndex} {peer.Node.Configuration}"));

    private RaftPeer? Leader() => _peers.Where(peer => !peer.IsDown && peer.Node.Role == Role.Leader).MaxBy(peer => peer.Node.Term);

    private TimeSpan? NextEvent()
    {
        var next = _wire.Count > 0 ? _wire.First().Key.At : TimeSpan.MaxValue;
        foreach (var peer in _peers.Where(peer => !peer.IsDown && peer.Node.Deadline < next))
        {
            next = peer.Node.Deadline;
        }

        return next == TimeSpan.MaxValue ? null : next;
    }

    private void Happen(TimeSpan at)
    {
        _now = at > _now ? at : _now;
        foreach (var peer in _peers.Where(peer => !peer.IsDown && peer.Node.Deadline <= _now))
        {
            peer.Node.Tick(_now);
            Perform(peer);
        }

        while (_wire.Count > 0 && _wire.First() is var (key, message) && key.At <= _now)
        {
            _wire.Remove(key);
            var peer = _peers[(int)message.To - 1];
            if (!peer.IsDown && !_cut.Contains((message.From, message.To)))
            {
                peer.Node.Step(_now, message);
                Perform(peer);
            }
        }
    }

    private void Perform(RaftPeer peer)
    {
        var crash = !_calm && _random.Chance(_crash) ? (CrashPoint)(1 + _random.Below(2)) : CrashPoint.Never;
        if (!peer.Perform(Send, crash))
        {
            Crashes++;
            return;
        }

        Oracle.Observe(peer);
        foreach (var read in peer.Reads)
        {
            ReadsAnswered += read.IsLost ? 0 : 1;
            Assert.True(read.IsLost || read.Index >= _readFloors[read.Token], "A read went back in time.");
        }

        peer.Reads.Clear();
        Snapshots += (ulong)peer.Installed.Count;
        Assert.All(peer.Installed, Oracle.Installed);
        peer.Installed.Clear();
    }

    private void Send(RaftMessage message)
    {
        if (!_calm && _random.Chance(_loss))
        {
            return;
        }

        Post(message);
        if (!_calm && _random.Chance(_duplication))
        {
            Post(message);
        }
    }

    private void Post(RaftMessage message)
    {
        var slow = !_calm && _random.Chance(0.02) ? 300 : 10;
        _wire.Add((_now + _random.Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(slow)), _sequence++), message);
    }

    private void Act()
    {
        var peer = _peers[_random.Below(PeerCount)];
        var node = peer.Node;
        switch (_random.Below(40))
        {
            case 0:
                Cut();
                return;
            case 1 or 2:
                _cut.Clear();
                return;
            case 3 when !peer.IsDown && _random.Chance(_crash * 10):
                peer.Crash();
                Crashes++;
                return;
            case 4 or 5 or 6 when peer.IsDown:
                peer.Restart(_now);
                break;
            case 7 when !peer.IsDown:
                peer.Compact((ulong)_random.Below(10));
                break;
            case 8 when Leader() is { } leader:
                peer = leader;
                Changes += leader.Node.ProposeConfiguration(RandomChange()).IsAccepted ? 1 : 0;
                break;
            case 9 when Leader() is { } leader && _random.Chance(0.3):
                (peer, _) = (leader, leader.Node.TransferLeadership(1 + (ulong)_random.Below(PeerCount)));
                break;
            case 10 when !peer.IsDown && _random.Chance(0.3):
                node.Campaign(_now);
                break;
            case 11 when !peer.IsDown:
                node.ReportUnreachable(1 + (ulong)_random.Below(PeerCount));
                break;
            case < 18 when !peer.IsDown && node.ReadIndex(++_token) == ReadIndexResult.Accepted:
                _readFloors[_token] = Oracle.Committed;
                break;
            default:
                node.Propose(Encoding.UTF8.GetBytes($"{peer.Id}:{_sequence}:{new string('x', _random.Below(60))}"));
                break;
        }

        if (!peer.IsDown)
        {
            Perform(peer);
        }
    }

    private void Cut()
    {
        var side = _random.Next();
        for (ulong a = 1; a <= PeerCount; a++)
        {
            for (ulong b = 1; b <= PeerCount; b++)
            {
                if ((side >> (int)a & 1) != (side >> (int)b & 1) && (_random.Chance(0.9) || (side & 1) == 0))
                {
                    _cut.Add((a, b));
                }
            }
        }
    }

    private ConfigurationChange RandomChange()
    {
        var steps = Enumerable.Range(0, 1 + _random.Below(3))
            .Select(_ => new MemberChange((MemberChangeKind)_random.Below(3), 1 + (ulong)_random.Below(PeerCount)))
            .ToArray();
        return new ConfigurationChange(steps, _random.Chance(0.3) ? ConfigurationTransition.JointImplicit : ConfigurationTransition.Auto);
    }
}
