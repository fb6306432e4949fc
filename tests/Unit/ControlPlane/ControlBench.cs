using Trefoil.ControlPlane;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Unit.ControlPlane;

/// <summary>Control nodes on virtual time with a network that works, except where a test cuts it. No disk: effects are kept.</summary>
internal sealed class ControlBench(ControlConfig? config = null)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);
    private readonly List<Member> _nodes = [];
    private readonly Queue<(int To, ControlInput Input)> _wire = new();
    private ulong _lastToken;

    public TimeSpan Now { get; private set; }

    /// <summary>True when nothing gets from the one to the other.</summary>
    public Func<int, int, bool> Cut { get; set; } = (_, _) => false;

    public Member this[int index] => _nodes[index];

    public static HostPort AddressOf(int index) => new($"10.0.0.{index + 1}", 7002);

    /// <summary>Node ids grow with the index.</summary>
    public static NodeId IdOf(int index) => new(0x1000, (ulong)index + 1);

    /// <summary>Founds a node of its own, or (not <paramref name="bootstrap"/>) one that waits.</summary>
    public Member Start(bool bootstrap = true)
    {
        var index = _nodes.Count;
        var identity = new Identity(IdOf(index), 1, "test", ClusterId.None, 0, null);
        var endpoints = new NodeEndpoints(AddressOf(index).Host, RespPort: 7000, RpcPort: 7002, SwimPort: 7003);
        var core = new ControlNode(
            (config ?? new ControlConfig()) with { Bootstrap = bootstrap }, new ControlRestore(identity, null, null), endpoints, "",
            new Prng((ulong)index + 7), Now);
        _nodes.Add(new Member(index, core));
        Run(TimeSpan.FromMilliseconds(50));
        return _nodes[index];
    }

    /// <summary>A cluster of this many, grown one by one, every member alive to every other.</summary>
    public static ControlBench Of(int nodes, ControlConfig? config = null)
    {
        var bench = new ControlBench(config);
        for (var i = 0; i < nodes; i++)
        {
            bench.Start();
        }

        for (var i = 1; i < nodes; i++)
        {
            bench.Await(bench.Meet(i, 0), i);
        }

        bench.Run(TimeSpan.FromSeconds(5));
        return bench;
    }

    public ulong Meet(int node, int other)
    {
        var identity = _nodes[other].Core.Identity;
        var peer = new MeetPeer(identity.Node, identity.Cluster, identity.ClusterName, 1, 0, AddressOf(other));
        return Ask(node, token => new ControlInput.Meet(token, peer));
    }

    public ulong Propose(int node, Func<RequestId, TopologyCommand> build) =>
        Ask(node, token => new ControlInput.Propose(token, build));

    /// <summary>Runs until the answer is there, at most 30 virtual seconds.</summary>
    public CommandResult Await(ulong token, int node)
    {
        for (var end = Now + TimeSpan.FromSeconds(30); Now < end && !_nodes[node].Answers.ContainsKey(token);)
        {
            Run(Step);
        }

        return _nodes[node].Answers[token];
    }

    public void Deliver(int to, int from, ClusterId cluster, ControlMessage message) =>
        Handle(to, new ControlInput.Peer(new PeerIdentity(IdOf(from), cluster, AddressOf(from)), message));

    public void Handle(int node, ControlInput input)
    {
        var effects = new List<ControlEffect>();
        _nodes[node].Core.Handle(Now, input, effects);
        _nodes[node].Core.Tick(Now, effects);
        Perform(_nodes[node], effects);
    }

    public void Run(TimeSpan duration)
    {
        for (var end = Now + duration; Now < end; Now += Step)
        {
            for (var left = _wire.Count; left > 0; left--)
            {
                var (to, input) = _wire.Dequeue();
                Handle(to, input);
            }

            foreach (var node in _nodes.Where(node => node.Core.Deadline <= Now).ToList())
            {
                var effects = new List<ControlEffect>();
                node.Core.Tick(Now, effects);
                Perform(node, effects);
            }
        }
    }

    private ulong Ask(int node, Func<ulong, ControlInput> build)
    {
        var token = ++_lastToken;
        Handle(node, build(token));
        return token;
    }

    private void Perform(Member node, List<ControlEffect> effects)
    {
        foreach (var effect in effects)
        {
            node.Performed.Add(effect);
            switch (effect)
            {
                case ControlEffect.Send send when _nodes.Find(n => AddressOf(n.Index) == send.To) is { } to && !Cut(node.Index, to.Index):
                    var writer = new ByteWriter();
                    ControlCodec.Write(writer, send.Message);
                    var from = new PeerIdentity(node.Core.Identity.Node, send.Cluster, AddressOf(node.Index));
                    _wire.Enqueue((to.Index, new ControlInput.Peer(from, ControlCodec.Read(writer.Written)!)));
                    break;
                case ControlEffect.Fence { On: true }:
                    _wire.Enqueue((node.Index, new ControlInput.Fenced(node.Keys)));
                    break;
                case ControlEffect.Answer answer:
                    node.Answers.Add(answer.Token, answer.Result);
                    break;
                case ControlEffect.Rebase rebase:
                    TellHealth(node, rebase);
                    break;
                case ControlEffect.Lease lease:
                    node.Lease = (lease.Epoch, lease.Until);
                    break;
                case ControlEffect.Publish { Topology: var topology } when topology.ShardOf(node.Core.Identity.Node) is { IsElecting: true } shard && !node.IsSilent:
                    _wire.Enqueue((node.Index, new ControlInput.LogFenced(topology.ClusterId, shard.Epoch, node.Position)));
                    break;
            }
        }
    }

    /// <summary>SWIM's part: who joins through seeds is soon alive to all, and they to it.</summary>
    private void TellHealth(Member node, ControlEffect.Rebase rebase)
    {
        foreach (var seed in rebase.Seeds)
        {
            var other = _nodes.Find(n => AddressOf(n.Index).Host == seed.Host)!;
            _wire.Enqueue((other.Index, new ControlInput.Health(rebase.Self, PeerHealth.Alive)));
            _wire.Enqueue((node.Index, new ControlInput.Health(other.Core.Identity.Node, PeerHealth.Alive)));
        }
    }

    internal sealed class Member(int index, ControlNode core)
    {
        public int Index { get; } = index;

        public ControlNode Core { get; } = core;

        public long Keys { get; set; }

        /// <summary>Where its log ends, as it tells when it is fenced.</summary>
        public LogPosition Position { get; set; } = new(0, 0, IsUsable: true);

        /// <summary>It says nothing of its log.</summary>
        public bool IsSilent { get; set; }

        /// <summary>The lease it was given last.</summary>
        public (ulong Epoch, TimeSpan Until) Lease { get; set; }

        public List<ControlEffect> Performed { get; } = [];

        public Dictionary<ulong, CommandResult> Answers { get; } = [];

        public IEnumerable<ControlMessage> Sent => Performed.OfType<ControlEffect.Send>().Select(send => send.Message);
    }
}
