using System.Globalization;
using Trefoil.Sharding;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>CONFIG parameters about migrations of slots. The rate is the cluster's: setting it on any node commits it for all.</summary>
internal static class MigrationSettings
{
    private const string RateKey = "migration_rate";

    public static IEnumerable<ConfigParameter> All =>
    [
        ConfigParameter.Memory("slot-migration-rate", 0, long.MaxValue, _ => 0, (_, _) => { }) with
        {
            Get = server => RateOf(server.Cluster.Topology).ToString(CultureInfo.InvariantCulture),
            Commit = (server, value) => server.Cluster.ProposeAsync(
                request => new TopologyCommand.SetSetting(request, RateKey, MemoryText.TryParse(value)!.Value.ToString(CultureInfo.InvariantCulture)),
                CancellationToken.None),
        },
    ];

    /// <summary>Bytes per second that a source copies at most, over all its migrations; 0: no limit.</summary>
    public static long RateOf(Topology topology) =>
        long.TryParse(topology.SettingOf(RateKey), NumberStyles.None, CultureInfo.InvariantCulture, out var rate) ? rate : 0;
}
