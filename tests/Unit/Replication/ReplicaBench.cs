using System.Text;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Sharding;

namespace Trefoil.Unit.Replication;

/// <summary>A few nodes of one shard on a table: a test hands out the views, and says what arrives. Effects that are not messages are kept.</summary>
internal sealed class ReplicaBench
{
    private readonly Queue<(int To, ReplicaInput Input)> _wire = new();
    private uint _boots;
    private ulong _value;

    public ReplicaBench(int nodes, ReplicationConfig? config = null)
    {
        Config = config ?? new ReplicationConfig();
        for (var i = 0; i < nodes; i++)
        {
            Logs.Add(new ModelLog());
            Effects.Add([]);
            Nodes.Add(null!);
            Boot(i);
        }

        View = new ShardView(new NodeId(7, 7), Id(0), 1, true, 1, [Id(0)], ReplicationMode.Quorum, [.. Enumerable.Range(0, nodes).Select(Id)]);
        Wanted = ReplicationMode.Quorum;
    }

    public static readonly ClusterId Cluster = new(3, 4);

    public ReplicationConfig Config { get; }

    public List<ModelLog> Logs { get; } = [];

    public List<ReplicaNode> Nodes { get; } = [];

    /// <summary>Per node: what it asked of the world, messages aside, since the last <see cref="Take{T}"/>.</summary>
    public List<List<ReplicaEffect>> Effects { get; } = [];

    public ShardView View { get; private set; }

    public ReplicationMode Wanted { get; set; }

    public ulong Version { get; private set; } = 1;

    public TimeSpan Now { get; private set; }

    /// <summary>What does not arrive: sender, receiver, message.</summary>
    public Func<int, int, ReplicaMessage, bool> Loses { get; set; } = (_, _, _) => false;

    /// <summary>Every message and effect, as text.</summary>
    public StringBuilder Story { get; } = new();

    public static NodeId Id(int node) => new(0xE, (ulong)node + 1);

    /// <summary>A new process over the same log.</summary>
    public void Boot(int node, ReplicaInput.ShardChanged? knows = null)
    {
        _boots++;
        Nodes[node] = new ReplicaNode(Id(node), Config with { Incarnation = _boots }, Logs[node], Now);
        Effects[node].Clear();
        Hand(node, knows ?? new ReplicaInput.ShardChanged(Cluster, null, ReplicationMode.Quorum, 0));
    }

    /// <summary>Commits a change of the shard's record; everybody sees it unless <paramref name="to"/> names who does.</summary>
    public void Commit(Func<ShardView, ShardView> change, params int[] to)
    {
        Version++;
        var epoch = View.Epoch;
        View = change(View) with { ConfigVersion = Version };
        if (View.IsElecting && View.Epoch == epoch)
        {
            View = View with { Epoch = Version };
        }

        Show(to);
    }

    public void Show(params int[] to)
    {
        foreach (var node in to.Length > 0 ? to : [.. Enumerable.Range(0, Nodes.Count)])
        {
            Hand(node, Shown);
        }
    }

    public ReplicaInput.ShardChanged Shown => new(Cluster, View, Wanted, Version);

    /// <summary>An election, and its end, with this set.</summary>
    public void Elect(int winner, params int[] set)
    {
        Commit(view => view with { IsElecting = true, Epoch = Version });
        Commit(view => view with { IsElecting = false, Primary = Id(winner), ReplicaSet = [.. set.Select(Id)] });
        Settle();
    }

    public void SetReplicaSet(params int[] set) => Commit(view => view with { ReplicaSet = [.. set.Select(Id)] });

    public void Hand(int node, ReplicaInput input)
    {
        var effects = new List<ReplicaEffect>();
        Nodes[node].Handle(Now, input, effects);
        Perform(node, effects);
    }

    public ulong Write(int node, int slot = 1, int padding = 0)
    {
        var lsn = Logs[node].Write(slot, ++_value, padding);
        Hand(node, new ReplicaInput.Appended());
        return lsn;
    }

    /// <summary>Delivers everything until nobody has anything to say at this moment.</summary>
    public void Settle()
    {
        for (var round = 0; round < 1000; round++)
        {
            for (var node = 0; node < Nodes.Count; node++)
            {
                var effects = new List<ReplicaEffect>();
                Nodes[node].Tick(Now, effects);
                Perform(node, effects);
            }

            if (_wire.Count == 0)
            {
                return;
            }

            while (_wire.TryDequeue(out var sent))
            {
                Hand(sent.To, sent.Input);
            }
        }

        throw new InvalidOperationException("They talk for ever.");
    }

    /// <summary>Lets time pass in steps of 20 ms; slow work ends at once.</summary>
    public void Pass(double milliseconds, bool jobs = true)
    {
        for (var end = Now + TimeSpan.FromMilliseconds(milliseconds); Now < end;)
        {
            Now += TimeSpan.FromMilliseconds(20);
            if (jobs)
            {
                FinishJobs();
            }

            Settle();
        }
    }

    public void FinishJobs()
    {
        for (var node = 0; node < Nodes.Count; node++)
        {
            while (Logs[node].Jobs > 0)
            {
                Hand(node, Logs[node].FinishJob());
            }
        }
    }

    /// <summary>The effects of one kind that a node asked for since the last time.</summary>
    public List<T> Take<T>(int node)
        where T : ReplicaEffect
    {
        var taken = Effects[node].OfType<T>().ToList();
        Effects[node].RemoveAll(effect => effect is T);
        return taken;
    }

    public ulong Acked(int node) => Nodes[node].Status().AckedLsn;

    private void Perform(int node, List<ReplicaEffect> effects)
    {
        foreach (var effect in effects)
        {
            if (effect is not ReplicaEffect.Send send)
            {
                Effects[node].Add(effect);
                Tell(node, effect);
                continue;
            }

            var to = (int)send.To.Low - 1;
            var isLost = Loses(node, to, send.Message);
            Tell(node, send, isLost);
            if (!isLost)
            {
                var writer = new ByteWriter();
                ReplicaCodec.Write(writer, send.Message);
                _wire.Enqueue((to, new ReplicaInput.Peer(Id(node), ReplicaCodec.Read(writer.ToArray())!)));
            }
        }
    }

    private void Tell(int node, ReplicaEffect effect, bool isLost = false)
    {
        var text = effect switch
        {
            ReplicaEffect.Send { Message: ReplicaMessage.Heartbeat } => null,
            ReplicaEffect.Send send => $"→ n{send.To.Low - 1} {Of(send.Message)}{(isLost ? "   (lost)" : "")}",
            ReplicaEffect.Note note => $"# {note.Event}: {note.Detail}",
            ReplicaEffect.Propose propose => $"! propose set of {propose.Set.Count}, {propose.Mode}, after {propose.ConfigVersion}",
            ReplicaEffect.Acked acked => $"! acknowledged {acked.Lsn}",
            ReplicaEffect.Serve serve => serve.On ? $"! serve in epoch {serve.Epoch}" : "! serve no longer",
            _ => $"! {effect.GetType().Name}",
        };
        if (text is not null)
        {
            Story.Append($"{Now.TotalMilliseconds,6:0} n{node} {text}\n");
        }
    }

    private static string Of(ReplicaMessage message) => message switch
    {
        ReplicaMessage.Hello m => $"hello at {m.LastLsn}, epochs [{string.Join(' ', m.History.Entries.Select(entry => $"{entry.Epoch}@{entry.FirstLsn}"))}]",
        ReplicaMessage.Records m => $"records from {m.From}, {m.Bytes.Length} bytes",
        ReplicaMessage.Ack m => $"ack next {m.Next}, durable {m.DurableLsn}",
        ReplicaMessage.SnapshotPart m => $"part at {m.Offset} of {m.Length}",
        ReplicaMessage.SnapshotAck m => $"have {m.Offset}",
        ReplicaMessage.Refused m => $"refused, my epoch is {m.Epoch}",
        _ => message.GetType().Name,
    };
}
