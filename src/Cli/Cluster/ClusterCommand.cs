using System.CommandLine;
using Trefoil.Cli.Cluster.Verbs;
using Trefoil.Cli.Recover;

namespace Trefoil.Cli.Cluster;

/// <summary><c>trefoil cluster</c>: its subcommands and their options.</summary>
internal static class ClusterCommand
{
    public static Command Build(TimeProvider time, Terminal terminal)
    {
        var common = new ClusterOptions(time, terminal);
        return new Command("cluster", "Look at a running cluster and change it, through any of its nodes. A password is taken from REDISCLI_AUTH.")
        {
            common.Looking("status", "Show the shards, what they hold, and the migrations that run.", LookVerbs.StatusAsync),
            common.Looking("nodes", "Show every node: its role, health, slots, keys, memory, zone and version.", LookVerbs.NodesAsync),
            common.Looking("slots", "Show who owns which slots.", LookVerbs.SlotsAsync),
            common.Looking("check", "Look for what is wrong, or will be when a node dies. Exits 1 if there is an error; warnings alone are success.", LookVerbs.CheckAsync),
            Create(common),
            Add(common),
            Remove(common),
            MoveCommands.Reshard(common),
            MoveCommands.Rebalance(common),
            MoveCommands.Drain(common),
            Failover(common),
            Meet(common),
            Forget(common),
            RecoverCommand.Build(),
        };
    }

    private static Command Create(ClusterOptions common)
    {
        var nodes = ClusterOptions.Addresses("nodes", "Lone, empty nodes.");
        var replicas = new Option<int>("--replicas") { Description = "Replicas per primary: of N nodes N/(R+1) own slots, the rest are their replicas, in other zones if possible.", HelpName = "R", DefaultValueFactory = _ => 0 };
        return common.Changing("create", "Make one cluster of lone, empty nodes. Returns when all slots are owned and every replica can take over.", [nodes, replicas],
            (parsed, session, cancellation) => CreateVerb.RunAsync(session, parsed.GetRequiredValue(nodes), parsed.GetValue(replicas), cancellation), hasSeed: false);
    }

    private static Command Add(ClusterOptions common)
    {
        var address = ClusterOptions.Address("host:port", "The new node, which runs, is alone and empty.");
        var replicaOf = new Option<string?>("--replica-of") { Description = "Make it a replica of this primary; 'auto': of the one that has most need of one. Default: a primary without slots.", HelpName = "NODE" };
        return common.Changing("add", "Add a node and wait until every node knows it; as a replica, until it can take over.", [address, replicaOf],
            (parsed, session, cancellation) => AddVerb.RunAsync(session, parsed.GetRequiredValue(address), parsed.GetValue(replicaOf), cancellation));
    }

    private static Command Remove(ClusterOptions common)
    {
        var node = ClusterOptions.Node();
        return common.Changing("remove", "Take out a node that owns no slots, and reset it. Its replicas get other primaries.", [node],
            (parsed, session, cancellation) => LeaveVerbs.RemoveAsync(session, parsed.GetRequiredValue(node), cancellation));
    }

    private static Command Forget(ClusterOptions common)
    {
        var (node, yes) = (ClusterOptions.Node(), ClusterOptions.Yes());
        return common.Changing("forget", "Strike off a node that is gone for good. If it owns slots they are left without owner, and what only it held is lost.", [node, yes],
            (parsed, session, cancellation) => LeaveVerbs.ForgetAsync(session with { Yes = parsed.GetValue(yes) }, parsed.GetRequiredValue(node), cancellation));
    }

    private static Command Failover(ClusterOptions common)
    {
        var (node, yes) = (ClusterOptions.Node("The replica that takes over; or a primary, which gives up its place to its best replica."), ClusterOptions.Yes());
        var force = new Option<bool>("--force") { Description = "Without the primary's help, for one that is stuck: what it acknowledged and the replica does not hold is lost." };
        return common.Changing("failover", "Let a replica take over from its primary; nothing is lost and clients wait for tenths of a second.", [node, force, yes],
            (parsed, session, cancellation) => FailoverVerb.RunAsync(session with { Yes = parsed.GetValue(yes) }, parsed.GetRequiredValue(node), parsed.GetValue(force), cancellation));
    }

    private static Command Meet(ClusterOptions common)
    {
        var address = ClusterOptions.Address("host:port", "A node of the other cluster.");
        return common.Changing("meet", "Join two clusters, whatever they hold. To add an empty node, 'add' looks before and waits longer.", [address],
            (parsed, session, cancellation) => AddVerb.MeetOnlyAsync(session, parsed.GetRequiredValue(address), cancellation));
    }
}
