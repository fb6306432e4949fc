using System.Text;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.KeyValue.Persistence;

/// <summary>A store kept on a disk that forgets, and what it held after every record: the judge of recovery.</summary>
/// <remarks>No thread runs: the test is the log's thread (<see cref="Pump"/>).</remarks>
internal sealed class KeyBook
{
    private const int Slots = 3;

    private KeyBook(MemoryDisk disk, Keyspace keys, KeyStorage storage)
    {
        (Disk, Keys, Storage) = (disk, keys, storage);
        storage.Log.Wanted = Pump;
    }

    public MemoryDisk Disk { get; }

    public Keyspace Keys { get; }

    public KeyStorage Storage { get; }

    public KeyLog Log => Storage.Log;

    public static KeyStorageResult TryOpen(MemoryDisk disk, out Keyspace keys, SyncPolicy policy, long segmentBytes = 600, bool appendOnly = true)
    {
        keys = new Keyspace();
        var options = new KeyStorageOptions { Sync = policy, SegmentBytes = segmentBytes, AppendOnly = appendOnly };
        return KeyStorage.Open(disk, options, keys, new Prng(1), TimeProvider.System);
    }

    public static KeyBook Open(MemoryDisk disk, SyncPolicy policy = SyncPolicy.EverySecond, long segmentBytes = 600, bool appendOnly = true)
    {
        var opened = TryOpen(disk, out var keys, policy, segmentBytes, appendOnly);
        return new KeyBook(disk, keys, Assert.IsType<KeyStorageResult.Opened>(opened).Storage);
    }

    /// <summary>What the log's thread does, until nothing is left.</summary>
    public void Pump()
    {
        while (Log.IsWritten && Log.Begin(syncIsDue: true) is { } task)
        {
            task.Run();
            Log.End(task);
        }
    }

    /// <summary>One command of one to three effects on a few keys of a few slots, or an eviction; now and then all keys go.</summary>
    public void Change(Prng random)
    {
        if (random.Below(40) == 0)
        {
            Keys.Clear();
            return;
        }

        if (random.Below(20) == 0)
        {
            Keys.EvictOne(random.Below(2) == 0 ? EvictionPolicy.AllKeysLru : EvictionPolicy.VolatileTtl, 5);
            return;
        }

        var tag = (char)('a' + random.Below(Slots));
        var table = Keys.Table(HashSlot.Of([(byte)tag]));
        lock (table)
        {
            Log.Enter();
            for (var effects = 1 + random.Below(3); effects > 0; effects--)
            {
                Effect(table, Key(random, tag), Key(random, tag), random);
            }

            Log.Exit();
        }
    }

    /// <summary>Everything in the store, in a fixed order.</summary>
    public static string ContentsOf(Keyspace keys)
    {
        var lines = new List<string>();
        keys.VisitAll(long.MinValue, entry =>
        {
            var text = new StringBuilder().Append(Encoding.Latin1.GetString(entry.Key)).Append('@').Append(entry.ExpireAtMs).Append(" = ");
            if (entry.Hash is { } hash)
            {
                foreach (var field in hash)
                {
                    text.Append(Encoding.Latin1.GetString(field.Field)).Append(':').Append(Encoding.Latin1.GetString(field.Value)).Append(' ');
                }
            }
            else
            {
                text.Append(Encoding.Latin1.GetString(entry.Text(new byte[20])));
            }

            lines.Add(text.ToString());
        });
        lines.Sort(StringComparer.Ordinal);
        return string.Join('\n', lines);
    }

    private static byte[] Key(Prng random, char tag) => Encoding.ASCII.GetBytes($"{{{tag}}}{random.Below(4)}");

    private static void Effect(SlotTable table, byte[] key, byte[] other, Prng random)
    {
        const long Never = long.MinValue;
        var value = Encoding.ASCII.GetBytes(new string((char)('a' + random.Below(26)), (int)random.Below(30)));
        var expiry = random.Below(3) == 0 ? 1_000_000 + (long)random.Below(1000) : KeyedValue.NoExpiry;
        var entry = table.Find(key, Never);
        switch (random.Below(10))
        {
            case 0 or 1:
                table.SetString(key, value, expiry);
                break;
            case 2:
                table.SetInteger(key, (long)random.Below(1000), expiry);
                break;
            case 3:
                table.Increment(key, (long)random.Below(10), Never, out _);
                break;
            case 4 when !entry.Exists || entry.IsString:
                table.WriteRange(key, (int)random.Below(20), value, Never);
                break;
            case 5 when !entry.Exists || entry.Hash is not null:
                table.SetField(key, entry.Hash, value.AsSpan(0, Math.Min(1, value.Length)), value);
                break;
            case 6 when entry.Hash is { } hash:
                table.RemoveField(hash, value.AsSpan(0, Math.Min(1, value.Length)));
                break;
            case 7:
                table.SetExpiry(key, expiry, Never);
                break;
            case 8 when !key.AsSpan().SequenceEqual(other):
                table.Rename(key, other, Never);
                break;
            case 9 when !key.AsSpan().SequenceEqual(other):
                table.Copy(key, other, Never);
                break;
            default:
                table.Remove(key, Never);
                break;
        }
    }
}
