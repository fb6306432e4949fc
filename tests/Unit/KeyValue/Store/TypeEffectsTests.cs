using System.Globalization;
using System.Text;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.KeyValue.Store;

/// <summary>What the log says of lists, sets and sorted sets, applied to an empty store, gives the same contents.</summary>
public sealed class TypeEffectsTests
{
    private const int Slot = 7;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_store_replayed_from_its_log_equals_the_one_that_wrote_it(ulong seed)
    {
        var disk = new MemoryDisk();
        var space = new Keyspace();
        var wal = Open(disk, (_, _) => { });
        space.Log = new KeyLog(wal, 1);
        var random = new Prng(seed);
        for (var step = 0; step < 8000; step++)
        {
            Mutate(space.Table(Slot), random);
        }

        wal.Commit(sync: true);
        var replayed = new Keyspace();
        Open(disk, (lsn, record) => Assert.True(replayed.Apply(lsn, record)));
        Assert.Equal(Contents(space), Contents(replayed));
        Assert.Equal(space.Count, replayed.Count);
        Assert.Equal(space.Table(Slot).LastLsn, replayed.Table(Slot).LastLsn);
        Assert.InRange(replayed.Bytes, space.Bytes * 0.8, space.Bytes * 1.2);
        foreach (var key in space.Table(Slot).Keys(int.MaxValue))
        {
            space.Table(Slot).Remove(key, 0);
        }

        Assert.Equal(0, space.Bytes);
    }

    private delegate void Recorded(ulong lsn, ReadOnlySpan<byte> record);

    private static Wal Open(MemoryDisk disk, Recorded recorded)
    {
        var result = Wal.Open(disk, "wal/kv", new WalOptions(), (step, lsn, record) =>
        {
            Assert.Equal(WalStep.Record, step);
            recorded(lsn, record);
        });
        return Assert.IsType<WalOpenResult.Opened>(result).Wal;
    }

    private static void Mutate(SlotTable table, Prng random)
    {
        var grows = random.Below(3) > 0;
        if (random.Below(50) == 0)
        {
            MoveValue(table, random);
            return;
        }

        switch (random.Below(3))
        {
            case 0:
                MutateList(table, random, grows);
                break;
            case 1:
                var key = Bytes($"set:{random.Below(4)}");
                var set = table.Find(key, 0).Set;
                var member = Bytes(random.Below(2) == 0 ? $"{random.Below(700)}" : $"m{random.Below(300)}");
                if (grows)
                {
                    table.AddMember(key, ref set, member);
                }
                else if (set is not null)
                {
                    table.RemoveMember(set, member);
                }

                break;
            default:
                MutateSortedSet(table, random, grows);
                break;
        }
    }

    private static void MoveValue(SlotTable table, Prng random)
    {
        var kind = new[] { "list", "set", "sorted" }[random.Below(3)];
        var (from, to) = (random.Below(3), random.Below(2));
        to += to >= from ? 1 : 0;
        if (random.Below(2) == 0)
        {
            table.Rename(Bytes($"{kind}:{from}"), Bytes($"{kind}:{to}"), 0);
        }
        else
        {
            table.Copy(Bytes($"{kind}:{from}"), Bytes($"{kind}:{to}"), 0);
        }
    }

    private static void MutateList(SlotTable table, Prng random, bool grows)
    {
        var key = Bytes($"list:{random.Below(4)}");
        var list = table.Find(key, 0).List;
        var element = new byte[random.Below(random.Below(20) == 0 ? 5000 : 60)];
        element.AsSpan().Fill((byte)random.Below(256));
        if (list is null || random.Below(2) == 0)
        {
            table.Push(key, list, element, atHead: random.Below(2) == 0);
            return;
        }

        var at = random.Below(list.Count);
        if (grows)
        {
            table.InsertElement(list, at, element);
        }
        else if (random.Below(2) == 0)
        {
            table.SetElement(list, at, element);
        }
        else
        {
            table.RemoveElements(list, at, Math.Min(list.Count - at, random.Below(10)));
        }
    }

    private static void MutateSortedSet(SlotTable table, Prng random, bool grows)
    {
        var key = Bytes($"sorted:{random.Below(3)}");
        var set = table.Find(key, 0).SortedSet;
        var member = Bytes($"m{random.Below(600)}");
        if (grows)
        {
            table.SetScore(key, ref set, member, random.Below(4) == 0 ? random.Fraction() : random.Below(30));
        }
        else if (set is not null && random.Below(10) == 0)
        {
            var rank = random.Below(set.Count);
            table.RemoveRanks(set, rank, Math.Min(set.Count - rank, random.Below(20)));
        }
        else if (set is not null)
        {
            table.RemoveScore(set, member);
        }
    }

    /// <summary>Everything that a reader could see, as text.</summary>
    private static List<string> Contents(Keyspace space)
    {
        var contents = new List<string>();
        foreach (var key in space.Table(Slot).Keys(int.MaxValue))
        {
            var entry = space.Table(Slot).Find(key, 0);
            var parts = new List<string>();
            if (entry.List is { } list)
            {
                foreach (var element in list)
                {
                    parts.Add(Convert.ToHexString(element));
                }
            }

            var members = new List<string>();
            if (entry.Set is { } set)
            {
                foreach (var member in set)
                {
                    members.Add(Encoding.ASCII.GetString(member));
                }
            }

            foreach (var member in entry.SortedSet is { } sorted ? sorted.GetEnumerator() : default)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{member.Score:R}={Encoding.ASCII.GetString(member.Member)}"));
            }

            contents.Add($"{Encoding.ASCII.GetString(key)} {entry.Type} {string.Join(',', parts.Concat(members.Order(StringComparer.Ordinal)))}");
        }

        contents.Sort(StringComparer.Ordinal);
        return contents;
    }

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);
}
