namespace Trefoil.KeyValue.Store;

/// <summary>The keys of this node, by slot.</summary>
public sealed class Keyspace
{
    private readonly SlotTable[] _tables = Build();

    /// <summary>The table of <paramref name="slot"/> (0..16383); also the slot's lock.</summary>
    public SlotTable Table(int slot) => _tables[slot];

    private static SlotTable[] Build()
    {
        var tables = new SlotTable[16384];
        for (var i = 0; i < tables.Length; i++)
        {
            tables[i] = new SlotTable();
        }

        return tables;
    }
}

/// <summary>The keys of one slot; the object is the slot's lock.</summary>
public sealed class SlotTable;
