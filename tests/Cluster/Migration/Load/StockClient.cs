using System.Globalization;

namespace Trefoil.Cluster.Migration.Load;

/// <summary>One client of a stock: reads any key, writes its own share, and knows what it wrote.</summary>
internal sealed class StockClient(MovingClient client, Stock stock, Random random, int number, int clients)
{
    /// <summary>Half of it reads, a third writes, the rest names two keys of a slot.</summary>
    public void Round()
    {
        var slot = stock.First + random.Next(stock.Slots);
        var (key, other) = (random.Next(stock.PerSlot), random.Next(stock.PerSlot));
        switch (random.Next(6))
        {
            case 0 or 1:
                Write(slot, key - (key % clients) + number);
                break;
            case 2:
                ReadTwo(slot, key, other);
                break;
            default:
                Read(slot, key);
                break;
        }
    }

    private void Write(int slot, int key)
    {
        if (key >= stock.PerSlot)
        {
            return;
        }

        var version = stock.VersionOf(slot, key) + 1;
        if (client.Call(slot, "SET", SlotKeys.Of(slot, Text(key)), stock.Value(slot, key, version)) is { Text: "OK" })
        {
            stock.Wrote(slot, key, version);
        }
    }

    private void Read(int slot, int key)
    {
        var atLeast = stock.VersionOf(slot, key);
        if (client.Call(slot, "GET", SlotKeys.Of(slot, Text(key))) is { } reply && stock.Problem(slot, key, reply.Text, atLeast) is { } problem)
        {
            client.Tally.Failed(problem);
        }
    }

    private void ReadTwo(int slot, int key, int other)
    {
        var atLeast = (stock.VersionOf(slot, key), stock.VersionOf(slot, other));
        if (client.Call(slot, "MGET", SlotKeys.Of(slot, Text(key)), SlotKeys.Of(slot, Text(other))) is { Items: [var first, var second] }
            && (stock.Problem(slot, key, first.Text, atLeast.Item1) ?? stock.Problem(slot, other, second.Text, atLeast.Item2)) is { } problem)
        {
            client.Tally.Failed(problem);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
