using Trefoil.Membership;
using Trefoil.Primitives;

namespace Trefoil.Unit.Membership;

/// <summary>N cores on virtual time: a minute of protocol takes milliseconds, and a seed replays exactly.</summary>
/// <remarks>Packets can be lost and delayed; streams fail at once when the process is down, and hang when the network is.</remarks>
internal sealed class SwimNetwork(SwimConfig config, ulong seed)
{
    public static readonly ClusterId Cluster = new(7, 7);

    private readonly Prng _random = new(seed);
    private readonly SortedDictionary<int, Node> _nodes = [];
    private readonly Dictionary<HostPort, int> _indexes = [];
    private readonly PriorityQueue<(Node To, uint Boot, SwimInput Input), (TimeSpan At, long Serial)> _wire = new();
    private readonly Dictionary<ulong, (Node Asker, uint Boot, ulong Exchange)> _streams = [];
    private readonly List<SwimEffect> _effects = [];
    private long _serial;
    private ulong _lastStream;

    public TimeSpan Now { get; private set; }

    /// <summary>Probability that a packet is lost.</summary>
    public double Loss { get; set; }

    /// <summary>Longest one-way delay; the shortest is a tenth of it.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>True when nothing gets from the one to the other.</summary>
    public Func<int, int, bool> Cut { get; set; } = (_, _) => false;

    public IEnumerable<Node> Running => _nodes.Values.Where(node => node.Up);

    /// <summary>What every node was told, in order.</summary>
    public List<(TimeSpan At, int Node, SwimEvent Event)> Events { get; } = [];

    public Node this[int index] => _nodes[index];

    public static HostPort AddressOf(int index) => new($"10.0.{index / 250}.{(index % 250) + 1}", 7000);

    public static NodeId IdOf(int index) => new(0x1000, (ulong)index + 1);

    /// <summary>Starts nodes 0..count−1 that join through the first.</summary>
    public static SwimNetwork Of(int count, SwimConfig config, ulong seed)
    {
        var network = new SwimNetwork(config, seed);
        for (var i = 0; i < count; i++)
        {
            network.Start(i, 0);
        }

        return network;
    }

    /// <summary>Starts a node, or restarts it with the next boot epoch and no memory.</summary>
    public Node Start(int index, params int[] seeds)
    {
        var boot = _nodes.TryGetValue(index, out var old) ? old.Boot + 1 : 1;
        var core = new Swim(config, IdOf(index), AddressOf(index), "test", Cluster, boot, new Prng(_random.Next()));
        core.Join([.. seeds.Select(AddressOf)]);
        _indexes[core.Self.Address] = index;
        return _nodes[index] = new Node(index, core, boot);
    }

    public void Crash(int index) => _nodes[index].Up = false;

    /// <summary>Runs until <paramref name="condition"/> holds and returns how long that took; fails after <paramref name="limit"/>.</summary>
    public TimeSpan RunUntil(string phase, Func<bool> condition, TimeSpan limit)
    {
        var start = Now;
        while (!condition())
        {
            if (Now - start > limit)
            {
                throw new TimeoutException($"{phase}: not so after {limit}. {Describe()}");
            }

            RunFor(TimeSpan.FromMilliseconds(50));
        }

        return Now - start;
    }

    public void RunFor(TimeSpan duration)
    {
        var end = Now + duration;
        while (true)
        {
            var next = Running.Select(node => node.Core.Deadline).Append(TimeSpan.MaxValue).Min();
            if (_wire.TryPeek(out _, out var arrival) && arrival.At < next)
            {
                next = arrival.At;
            }

            if (next > end)
            {
                Now = end;
                return;
            }

            Now = next > Now ? next : Now;
            Deliver();
            foreach (var node in Running.Where(node => node.Core.Deadline <= Now).ToList())
            {
                node.Core.Tick(Now, _effects);
                Perform(node);
            }
        }
    }

    /// <summary>Everyone running believes exactly everyone running to be alive.</summary>
    public bool Agrees() => Running.All(node => node.Alive.SequenceEqual(Running.Select(other => other.Core.Self.Id)));

    private void Deliver()
    {
        while (_wire.TryPeek(out var packet, out var arrival) && arrival.At <= Now)
        {
            _wire.Dequeue();
            if (packet.To.Up && packet.To.Boot == packet.Boot)
            {
                packet.To.Core.Handle(Now, packet.Input);
            }
        }
    }

    private void Perform(Node node)
    {
        foreach (var effect in _effects)
        {
            switch (effect)
            {
                case SwimEffect.SendPacket packet when Reach(node, packet.To) is { } to && !_random.Chance(Loss):
                    Schedule(to, new SwimInput.PacketReceived(node.Core.Self.Address, packet.Bytes));
                    break;
                case SwimEffect.OpenStream open when Find(open.To) is { Up: true } to:
                    if (Reach(node, open.To) is not null)
                    {
                        _streams[++_lastStream] = (node, node.Boot, open.Exchange);
                        Schedule(to, new SwimInput.StreamRequested(_lastStream, node.Core.Self.Address, open.Bytes));
                    }

                    break;
                case SwimEffect.OpenStream refused:
                    Schedule(node, new SwimInput.StreamFailed(refused.Exchange));
                    break;
                case SwimEffect.AnswerStream answer when _streams.Remove(answer.Stream, out var asker):
                    Schedule(asker.Asker, new SwimInput.StreamAnswered(asker.Exchange, answer.Bytes));
                    break;
                case SwimEffect.CloseStream close when _streams.Remove(close.Stream, out var asker):
                    Schedule(asker.Asker, new SwimInput.StreamFailed(asker.Exchange));
                    break;
                case SwimEffect.Raise raise:
                    Events.Add((Now, node.Index, raise.Event));
                    break;
            }
        }

        _effects.Clear();
    }

    private void Schedule(Node to, SwimInput input) =>
        _wire.Enqueue((to, to.Boot, input), (Now + _random.Between(Delay / 10, Delay), _serial++));

    private Node? Find(HostPort address) => _indexes.TryGetValue(address, out var index) ? _nodes[index] : null;

    private Node? Reach(Node from, HostPort address) =>
        Find(address) is { Up: true } to && !Cut(from.Index, to.Index) ? to : null;

    private string Describe() => string.Join("; ", Running.Select(node =>
        $"{node.Index}: {string.Join(' ', node.Core.Members.Select(member => $"{member.Id.Low - 1}={member.State}@{member.Incarnation}"))}"));

    /// <summary>One run of one process.</summary>
    internal sealed class Node(int index, Swim core, uint boot)
    {
        public int Index { get; } = index;

        public Swim Core { get; } = core;

        public uint Boot { get; } = boot;

        public bool Up { get; set; } = true;

        public IEnumerable<NodeId> Alive => Core.Members.Where(member => member.State == MemberState.Alive).Select(member => member.Id);

        public MemberState? StateOf(int other) => Core.Members.FirstOrDefault(member => member.Id == IdOf(other))?.State;
    }
}
