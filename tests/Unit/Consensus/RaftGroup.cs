using System.Text;
using Trefoil.Consensus;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Consensus;

/// <summary>Some peers on a network without delay, whose links can be cut: for tests that tell a story.</summary>
public sealed class RaftGroup
{
    private readonly SortedDictionary<ulong, RaftPeer> _peers = [];
    private readonly HashSet<(ulong From, ulong To)> _cut = [];
    private readonly Queue<RaftMessage> _wire = new();
    private readonly Configuration? _bootstrap;
    private readonly Func<RaftConfig, RaftConfig> _tune;
    private readonly Prng _random = new(seed: 1);

    public RaftGroup(ulong[] voters, Func<RaftConfig, RaftConfig>? tune = null)
    {
        _bootstrap = Configuration.Of(voters);
        _tune = tune ?? (config => config);
        foreach (var id in voters)
        {
            Add(id, _bootstrap);
        }
    }

    public TimeSpan Now { get; set; }

    public IEnumerable<RaftPeer> Peers => _peers.Values;

    public RaftPeer this[ulong id] => _peers[id];

    /// <summary>Everything delivered since the start: (message) in order.</summary>
    public List<RaftMessage> Delivered { get; } = [];

    /// <summary>What is performed and delivered, as it happens.</summary>
    public Action<RaftPeer, Ready>? OnReady { get; set; }

    public Action<RaftMessage, bool>? OnMessage { get; set; }

    /// <summary>The one leader of the highest term.</summary>
    public RaftPeer Leader => Peers.Where(peer => !peer.IsDown && peer.Node.Role == Role.Leader).MaxBy(peer => peer.Node.Term)
        ?? throw new InvalidOperationException("no leader");

    /// <summary>A group of three whose leader is 1.</summary>
    public static RaftGroup LedByOne(params ulong[] voters)
    {
        var group = new RaftGroup(voters.Length == 0 ? [1, 2, 3] : voters);
        group.Elect(1);
        return group;
    }

    /// <summary>A group whose members start in a term with logs of these terms.</summary>
    public static RaftGroup FromLogs(params (ulong Id, ulong Term, ulong[] Terms)[] members)
    {
        var group = new RaftGroup([.. members.Select(member => member.Id)]);
        foreach (var (id, term, terms) in members)
        {
            var log = terms.Select((t, i) => new Entry((ulong)i + 1, t, EntryKind.Command, Encoding.UTF8.GetBytes($"{i + 1}/{t}")));
            group._peers[id] = new RaftPeer(new RaftConfig { Id = id }, group._random.Fork(), group._bootstrap, group.Now, term, [.. log]);
        }

        return group;
    }

    /// <summary>A node without history that waits to be added.</summary>
    public RaftPeer Join(ulong id) => Add(id, null);

    public void Elect(ulong id)
    {
        // Past every lease, so that nobody defends an old leader.
        Now += TimeSpan.FromMilliseconds(300);
        this[id].Node.Campaign(Now);
        Settle();
        Assert.Equal(Role.Leader, this[id].Node.Role);
    }

    public ProposeResult Propose(ulong id, string text) => this[id].Node.Propose(Encoding.UTF8.GetBytes(text));

    /// <summary>Performs and delivers until nothing moves.</summary>
    public void Settle()
    {
        for (var rounds = 0; rounds < 10_000; rounds++)
        {
            PerformAll();
            if (!_wire.TryDequeue(out var message))
            {
                return;
            }

            Deliver(message);
        }

        Assert.Fail("messages without end");
    }

    /// <summary>Lets time pass, deadline by deadline, delivering everything at once.</summary>
    public void Run(int milliseconds)
    {
        var end = Now + TimeSpan.FromMilliseconds(milliseconds);
        while (true)
        {
            Settle();
            var next = Peers.Where(peer => !peer.IsDown).Select(peer => peer.Node.Deadline).Append(end).Min();
            Now = next > Now ? next : Now;
            if (Now >= end)
            {
                Now = end;
                return;
            }

            foreach (var peer in Peers.Where(peer => !peer.IsDown && peer.Node.Deadline <= Now))
            {
                peer.Node.Tick(Now);
            }
        }
    }

    /// <summary>Lets time pass for one node alone.</summary>
    public void Tick(ulong id, int milliseconds)
    {
        Now += TimeSpan.FromMilliseconds(milliseconds);
        this[id].Node.Tick(Now);
    }

    public void Cut(ulong a, ulong b) => _cut.UnionWith([(a, b), (b, a)]);

    public void CutOneWay(ulong from, ulong to) => _cut.Add((from, to));

    public void Isolate(ulong id)
    {
        foreach (var other in _peers.Keys.Where(other => other != id))
        {
            Cut(id, other);
        }
    }

    public void Heal() => _cut.Clear();

    /// <summary>Hands a message to its receiver at once, as if it had come from the wire.</summary>
    public void Inject(RaftMessage message) => this[message.To].Node.Step(Now, message);

    /// <summary>Everything on the wire, without delivering it.</summary>
    public List<RaftMessage> TakeWire()
    {
        PerformAll();
        List<RaftMessage> messages = [.. _wire];
        _wire.Clear();
        return messages;
    }

    private void PerformAll()
    {
        foreach (var peer in Peers.Where(peer => !peer.IsDown))
        {
            peer.Perform(_wire.Enqueue, observe: OnReady);
        }
    }

    private void Deliver(RaftMessage message)
    {
        var arrives = !_cut.Contains((message.From, message.To)) && _peers.TryGetValue(message.To, out var to) && !to.IsDown;
        OnMessage?.Invoke(message, arrives);
        if (arrives)
        {
            Delivered.Add(message);
            Inject(message);
        }
    }

    private RaftPeer Add(ulong id, Configuration? bootstrap)
    {
        var peer = new RaftPeer(_tune(new RaftConfig { Id = id }), _random.Fork(), bootstrap, Now);
        _peers.Add(id, peer);
        return peer;
    }
}
