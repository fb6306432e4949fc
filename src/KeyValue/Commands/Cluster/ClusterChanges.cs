using System.Globalization;
using System.Text;
using Trefoil.KeyValue.Server;
using Trefoil.Sharding;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Cluster;

/// <summary>CLUSTER: what it changes. Each is one proposal; OK means that this node shows it (correctness.md, 5).</summary>
internal static class ClusterChanges
{
    private static readonly TimeSpan MaxEmptying = TimeSpan.FromSeconds(5);

    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("cluster|addslots", context => Change(context, SlotArguments.Singles(context), assign: true)),
        new("cluster|addslotsrange", context => Change(context, SlotArguments.Ranges(context), assign: true)),
        new("cluster|delslots", context => Change(context, SlotArguments.Singles(context), assign: false)),
        new("cluster|delslotsrange", context => Change(context, SlotArguments.Ranges(context), assign: false)),
        new("cluster|flushslots", FlushSlots),
        new("cluster|setslot", SetSlotCommand.Run),
        new("trefoil.giveslot", SetSlotCommand.LetGo),
        new("cluster|set-config-epoch", SetConfigEpoch),
        new("cluster|bumpepoch", BumpEpoch),
        new("cluster|meet", Meet),
        new("cluster|forget", Forget),
        new("cluster|reset", Reset),
    ];

    private static void Change(CommandContext context, List<SlotRange>? ranges, bool assign)
    {
        if (ranges is null)
        {
            return;
        }

        var self = context.Cluster.Self;
        Propose(context, request => assign
            ? new TopologyCommand.AssignSlots(request, self, ranges)
            : new TopologyCommand.RemoveSlots(request, self, ranges));
    }

    private static void FlushSlots(CommandContext context)
    {
        if (context.Store.TotalCount > 0)
        {
            context.Reply.Error("ERR DB must be empty to perform CLUSTER FLUSHSLOTS."u8);
            return;
        }

        var self = context.Cluster.Self;
        var mine = context.Cluster.Topology.RangesOf(self).ToList();
        if (mine.Count == 0)
        {
            context.Reply.Ok();
        }
        else
        {
            Propose(context, request => new TopologyCommand.RemoveSlots(request, self, mine));
        }
    }

    private static void SetConfigEpoch(CommandContext context)
    {
        if (!RespNumber.TryParse(context[2], out var epoch))
        {
            context.Reply.Error("ERR value is not an integer or out of range"u8);
        }
        else if (epoch < 0)
        {
            context.Reply.Error($"ERR Invalid config epoch specified: {epoch.ToString(CultureInfo.InvariantCulture)}");
        }
        else
        {
            var self = context.Cluster.Self;
            Propose(context, request => new TopologyCommand.SetConfigEpoch(request, self, (ulong)epoch));
        }
    }

    private static void BumpEpoch(CommandContext context)
    {
        var self = context.Cluster.Self;
        context.Defer(AnswerAsync(context.Cluster.ProposeAsync(request => new TopologyCommand.BumpEpoch(request, self), CancellationToken.None),
            done => string.Create(CultureInfo.InvariantCulture, $"{(done.Changed ? "BUMPED" : "STILL")} {done.Value}")));
    }

    private static void Meet(CommandContext context)
    {
        var host = Encoding.Latin1.GetString(context[2]);
        if (context.Count > 5)
        {
            context.WrongArity();
        }
        else if (!RespNumber.TryParse(context[3], out var port))
        {
            context.Reply.Error([.. "ERR Invalid TCP base port specified: "u8, .. context[3]]);
        }
        else if (context.Count == 5 && !RespNumber.TryParse(context[4], out _))
        {
            context.Reply.Error([.. "ERR Invalid TCP bus port specified: "u8, .. context[4]]);
        }
        else if (port is < 1 or > 65535 || host.Length is 0 or > NodeEndpoints.MaxHostBytes)
        {
            context.Reply.Error([.. "ERR Invalid node address specified: "u8, .. context[2], .. ":"u8, .. context[3]]);
        }
        else
        {
            context.Defer(AnswerAsync(context.Cluster.MeetAsync(host, (int)port, CancellationToken.None)));
        }
    }

    private static void Forget(CommandContext context)
    {
        var text = Encoding.Latin1.GetString(context[2]);
        var topology = context.Cluster.Topology;
        var id = topology.FindByRespId(text)?.Id ?? topology.Removed.FirstOrDefault(removed => NodeRecord.RespIdOf(removed.Id) == text).Id;
        if (id.IsNone)
        {
            context.Reply.Error(Encoding.Latin1.GetBytes($"ERR Unknown node {text}"));
        }
        else if (id == context.Cluster.Self)
        {
            context.Reply.Error("ERR I tried hard but I can't forget myself..."u8);
        }
        else if (id == context.Server.View.Primary)
        {
            context.Reply.Error("ERR Can't forget my master!"u8);
        }
        else if (topology.SlotCountOf(id) > 0 && topology.Nodes.Any(node => node.PrimaryId == id))
        {
            // Forgetting is for the whole cluster here: the slots would have no owner, and the copies nobody who knows what they are.
            context.Reply.Error("ERR The node owns slots and has replicas: let one of them take over first, with CLUSTER FAILOVER [FORCE]"u8);
        }
        else
        {
            context.Defer(AnswerAsync(context.Cluster.ForgetAsync(id, CancellationToken.None)));
        }
    }

    private static void Reset(CommandContext context)
    {
        var hard = context.Count == 3 && context.Is(2, "HARD"u8);
        if (context.Count > 3 || (context.Count == 3 && !hard && !context.Is(2, "SOFT"u8)))
        {
            context.SyntaxError();
        }
        else if (context.Store.TotalCount > 0 && !context.Server.HoldsCopy)
        {
            context.Reply.Error("ERR CLUSTER RESET can't be called with master nodes containing keys"u8);
        }
        else
        {
            context.Defer(ResetAsync(context.Server, hard));
        }
    }

    /// <summary>As in Redis a replica gives up its copy: a lone node without keys can be taken in by another cluster.</summary>
    private static async ValueTask<Action<RespWriter>> ResetAsync(KeyValueServer server, bool hard)
    {
        var holdsCopy = server.HoldsCopy;
        if (await server.Cluster.ResetAsync(hard, CancellationToken.None) is CommandResult.Refused refused)
        {
            return reply => reply.Error(refused.Error);
        }

        if (holdsCopy && !await EmptyAsync(server))
        {
            return reply => reply.Error("ERR The node was reset, but still holds a copy of its primary's keys: send FLUSHALL"u8);
        }

        return reply => reply.Ok();
    }

    /// <summary>Removes all keys once this node records changes of its own again; false if it does not in time.</summary>
    private static async ValueTask<bool> EmptyAsync(KeyValueServer server)
    {
        await Task.Yield(); // Others wait for their answers where this one came.
        for (var began = server.Time.GetTimestamp(); ;)
        {
            var changed = server.Gate.Changed;
            if (!server.Store.IsFollowing)
            {
                server.Store.Clear();
                server.HoldsCopy = false;
                return true;
            }

            var left = MaxEmptying - server.Time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || server.Stopping.IsCancellationRequested)
            {
                return false;
            }

            try
            {
                await changed.WaitAsync(left, server.Time, server.Stopping);
            }
            catch (Exception stop) when (stop is TimeoutException or OperationCanceledException)
            {
                // Said above, the next time round.
            }
        }
    }

    public static void Propose(CommandContext context, Func<RequestId, TopologyCommand> build) =>
        context.Defer(AnswerAsync(context.Cluster.ProposeAsync(build, CancellationToken.None)));

    public static async ValueTask<Action<RespWriter>> AnswerAsync(ValueTask<CommandResult> change, Func<CommandResult.Done, string>? text = null) =>
        await change switch
        {
            CommandResult.Refused refused => reply => reply.Error(refused.Error),
            CommandResult.Done done when text is not null => reply => reply.Simple(text(done)),
            _ => reply => reply.Ok(),
        };
}
