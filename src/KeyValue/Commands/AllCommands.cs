using Trefoil.KeyValue.Commands.Cluster;
using Trefoil.KeyValue.Commands.Data;
using Trefoil.KeyValue.Commands.Server;
using Trefoil.KeyValue.Commands.Session;
using Trefoil.KeyValue.Commands.Transactions;
using Trefoil.KeyValue.Migration;

namespace Trefoil.KeyValue.Commands;

/// <summary>Every handler this server has.</summary>
internal static class AllCommands
{
    public static IEnumerable<CommandBinding> Bindings =>
    [
        .. ConnectionCommands.Bindings,
        .. ClientCommands.Bindings,
        .. TransactionCommands.Bindings,
        .. ServerCommands.Bindings,
        .. SaveCommands.Bindings,
        .. ShutdownCommand.Bindings,
        .. SlowLogCommands.Bindings,
        .. LatencyCommands.Bindings,
        .. MemoryCommands.Bindings,
        .. AccessCommands.Bindings,
        .. CommandCommands.Bindings,
        .. ClusterCommands.Bindings,
        .. DataCommands.Bindings,
        .. MigrateCommand.Bindings,
        .. TypeCommands.Bindings,
        .. BlockingPops.Bindings,
        .. PubSubCommands.Bindings,
        .. BitCommands.Bindings,
        .. ObjectCommands.Bindings,
        .. WaitCommands.Bindings,
    ];
}
