using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Unit.Sharding;

/// <summary>A machine with short ways to say commands: nodes are called by small numbers.</summary>
internal sealed class Cluster
{
    public static readonly ClusterId Id = new(7, 7);

    private ulong _sequence;

    public TopologyMachine Machine { get; } = new();

    public Topology Topology => Machine.Topology;

    public static NodeId Member(int number) => new((ulong)number, (ulong)number);

    public static NodeRecord Record(int number, ulong epoch = 0) => new()
    {
        Id = Member(number),
        Endpoints = new NodeEndpoints("127.0.0.1", RespPort: 7000 + number),
        ConfigEpoch = epoch,
        ShardId = Member(number),
    };

    /// <summary>Nodes 1..<paramref name="nodes"/>, no slots.</summary>
    public static Cluster Of(int nodes)
    {
        var cluster = new Cluster();
        cluster.Do(id => new TopologyCommand.FoundCluster(id, Id, "test", Record(1)));
        for (var number = 2; number <= nodes; number++)
        {
            cluster.Join(number);
        }

        return cluster;
    }

    public RequestId NextRequest() => new(Member(1), ++_sequence);

    public CommandResult Do(Func<RequestId, TopologyCommand> build) => Apply(build(NextRequest()));

    public CommandResult Apply(TopologyCommand command) => Machine.Apply(Topology.Version + 1, command);

    public CommandResult Join(int number, ulong epoch = 0, params SlotRange[] claims) =>
        Do(id => new TopologyCommand.AddNode(id, Record(number, epoch), claims));

    public CommandResult Assign(int number, params SlotRange[] ranges) =>
        Do(id => new TopologyCommand.AssignSlots(id, Member(number), ranges));

    public CommandResult Unassign(params SlotRange[] ranges) =>
        Do(id => new TopologyCommand.RemoveSlots(id, Member(1), ranges));

    public CommandResult Remove(int number, long nowMs = 0) =>
        Do(id => new TopologyCommand.RemoveNode(id, Member(number), nowMs));

    public static CommandResult Refused(string error) => new CommandResult.Refused(error);
}
