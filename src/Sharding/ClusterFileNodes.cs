using System.Globalization;
using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>A node with its slots and the places in the file that later checks complain about.</summary>
internal sealed record PlacedNode(ClusterFileNode Node, IReadOnlyList<SlotRange> Slots, TomlTable Table);

/// <summary>Reads the [[nodes]] of a cluster file.</summary>
internal sealed class ClusterFileNodes(string clusterName, List<TomlError> errors)
{
    private static readonly string[] Keys =
    [
        "id", "address", "shards", "replica_shards", "tags", "slots", "hostname",
        "resp_port", "api_port", "gateway_port", "rpc_port", "swim_port",
    ];

    public List<PlacedNode> Read(TomlTable root)
    {
        var tables = root.Tables("nodes", errors) ?? [];
        if (tables.Count is 0 or > Topology.MaxNodes)
        {
            errors.Add(new TomlError(root.At, $"a cluster needs 1 to {Topology.MaxNodes} [[nodes]], each with id, address and shards"));
            return [];
        }

        var even = tables.All(table => table.Find("slots") is null);
        var nodes = tables.Select((table, i) => Node(table, even ? EvenShare(i, tables.Count) : Slots(table))).ToList();
        RefuseRepeated(nodes, "id", node => node.Node.Name);
        RefuseRepeated(nodes, "address", node => $"{node.Node.Record.Endpoints.Host}:{node.Node.Record.Endpoints.LineProtocolPort}");
        RefuseSharedSlots(nodes);
        return nodes;
    }

    private PlacedNode Node(TomlTable table, IReadOnlyList<SlotRange> slots)
    {
        table.RefuseUnknown(Keys, errors);
        var name = table.Text("id", errors) ?? "";
        if (name.Length == 0)
        {
            errors.Add(new TomlError(table.At, "a node needs an id: a name that no other node has"));
        }

        var tags = Tags(table);
        var id = ClusterFile.IdOf(clusterName, name);
        var record = new NodeRecord
        {
            Id = id,
            ShardId = id,
            Endpoints = Endpoints(table),
            Zone = tags.FirstOrDefault(tag => tag.Key == "zone").Value ?? "",
        };
        if (!TopologyCodec.Fits(record.Zone, NodeRecord.MaxZoneBytes))
        {
            errors.Add(new TomlError(table.At, $"the tag zone must have at most {NodeRecord.MaxZoneBytes} bytes"));
        }

        return new PlacedNode(
            new ClusterFileNode(name, record, Shards(table, "shards"), Shards(table, "replica_shards"), tags), slots, table);
    }

    private NodeEndpoints Endpoints(TomlTable table)
    {
        var address = table.Text("address", errors);
        if (address is null || !HostPort.TryParse(address, out var at) || !TopologyCodec.Fits(at.Host, NodeEndpoints.MaxHostBytes))
        {
            var where = table.Find("address")?.Value.At ?? table.At;
            errors.Add(new TomlError(where, "a node needs an address of the form \"host:port\": where it takes line protocol"));
            return new NodeEndpoints("");
        }

        return new NodeEndpoints(
            at.Host,
            table.Text("hostname", errors) ?? "",
            Port(table, "resp_port", 6379),
            Port(table, "api_port", 18180),
            Port(table, "gateway_port", 18181),
            Port(table, "rpc_port", 18182),
            Port(table, "swim_port", 18183),
            at.Port);
    }

    private int Port(TomlTable table, string key, int otherwise) => (int)(table.Integer(key, 0, 65535, errors) ?? otherwise);

    private List<Setting> Tags(TomlTable table)
    {
        var tags = table.Table("tags", errors);
        return tags is null ? [] : [.. tags.Entries.Select(entry => new Setting(entry.Key, tags.Text(entry.Key, errors) ?? ""))];
    }

    /// <summary>Numbers only; whether they are shards of this cluster is checked with all nodes at hand.</summary>
    private List<int> Shards(TomlTable table, string key) =>
        [.. (table.Integers(key, errors) ?? []).Where(shard => shard is >= 0 and < ClusterFile.MaxShards).Select(shard => (int)shard).Distinct().Order()];

    private List<SlotRange> Slots(TomlTable table)
    {
        var ranges = new List<SlotRange>();
        if (table.Texts("slots", errors) is null)
        {
            return ranges;
        }

        foreach (var item in ((TomlValue.Array)table["slots"]!).Items.Cast<TomlValue.Text>())
        {
            var parts = item.Value.Split('-');
            if (parts.Length <= 2 && TrySlot(parts[0], out var start) && TrySlot(parts[^1], out var end) && start <= end)
            {
                ranges.Add(new SlotRange(start, end));
            }
            else
            {
                errors.Add(new TomlError(item.At, $"'{item.Value}' is no range of slots: write \"0-5460\" or \"7\", from 0 to 16383"));
            }
        }

        return ranges;
    }

    private static bool TrySlot(string text, out int slot) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out slot) && slot < HashSlot.Count;

    /// <summary>The share that redis-cli --cluster create would give node <paramref name="index"/> of <paramref name="count"/>.</summary>
    private static SlotRange[] EvenShare(int index, int count)
    {
        var (start, end) = (Boundary(index, count), Boundary(index + 1, count) - 1);
        return start <= end ? [new SlotRange(start, end)] : [];
    }

    /// <summary>⌊i · 16384 / n + ½⌋ in whole numbers.</summary>
    private static int Boundary(int index, int count) => ((2 * index * HashSlot.Count) + count) / (2 * count);

    private void RefuseRepeated(List<PlacedNode> nodes, string key, Func<PlacedNode, string> valueOf)
    {
        foreach (var group in nodes.Where(node => node.Table.Find(key) is not null).GroupBy(valueOf))
        {
            foreach (var node in group.Skip(1))
            {
                errors.Add(new TomlError(node.Table.Find(key)!.Value.At, $"{key} '{group.Key}' is used by two nodes: give each its own"));
            }
        }
    }

    private void RefuseSharedSlots(List<PlacedNode> nodes)
    {
        var owners = new PlacedNode?[HashSlot.Count];
        foreach (var node in nodes)
        {
            foreach (var slot in node.Slots.SelectMany(range => Enumerable.Range(range.Start, range.Count)))
            {
                if (owners[slot] is { } other)
                {
                    var where = other == node ? "twice" : $"also in those of '{other.Node.Name}'";
                    errors.Add(new TomlError(node.Table.Find("slots")!.Value.At, $"slot {slot} is {where}: keep it in one place"));
                    break;
                }

                owners[slot] = node;
            }
        }
    }
}
