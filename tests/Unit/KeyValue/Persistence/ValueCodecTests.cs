using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Trefoil.Unit.KeyValue.Server;
using Trefoil.Wire.Rdb;
using Xunit;

namespace Trefoil.Unit.KeyValue.Persistence;

public sealed class ValueCodecTests
{
    private const long Now = 1_000_000;

    [Fact]
    public void Strings_come_back_with_their_expiry() => Prop.ForAll<byte[], int>((bytes, ttl) =>
    {
        var table = new Keyspace().Table(0);
        var expireAtMs = ttl > 0 ? Now + ttl : KeyedValue.NoExpiry;
        table.SetString("k"u8, bytes ?? [], expireAtMs);
        var copy = Copy(table);
        return copy.ExpireAtMs == expireAtMs && copy.Text(new byte[20]).SequenceEqual(bytes ?? []);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Integers_come_back_as_integers() => Prop.ForAll<long>(value =>
    {
        var table = new Keyspace().Table(0);
        table.SetInteger("k"u8, value, KeyedValue.NoExpiry);
        var copy = Copy(table);
        return copy.IsInteger && copy.Integer == value;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Hashes_come_back() => Prop.ForAll<Dictionary<string, string>>(fields =>
    {
        var table = new Keyspace().Table(0);
        foreach (var (field, value) in fields.Append(new("always", "one")))
        {
            table.SetField("k"u8, table.Find("k"u8, Now).Hash, Encoding.UTF8.GetBytes(field), Encoding.UTF8.GetBytes(value ?? ""));
        }

        var before = table.Find("k"u8, Now).Hash!;
        var after = Copy(table).Hash!;
        var same = before.Count == after.Count;
        foreach (var field in before)
        {
            same &= after.TryGet(field.Field, out var value) && value.SequenceEqual(field.Value);
        }

        return same;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Lists_sets_and_sorted_sets_come_back() => Prop.ForAll<string[], byte>((elements, kind) =>
    {
        var distinct = (elements ?? []).Append("always").Select(element => element ?? "").Distinct(StringComparer.Ordinal).ToArray();
        using var writer = new RdbWriter();
        writer.Byte((kind % 3) switch { 0 => RdbType.List, 1 => RdbType.Set, _ => RdbType.SortedSet });
        writer.Count((ulong)distinct.Length);
        foreach (var element in distinct)
        {
            writer.String(Encoding.UTF8.GetBytes(element));
            if (kind % 3 == 2)
            {
                writer.Double(element.Length);
            }
        }

        var table = new Keyspace().Table(0);
        table.Restore(ValueCodec.Read(writer.Written, "k"u8, KeyedValue.NoExpiry)!, default);
        var (before, after) = (table.Find("k"u8, Now), Copy(table));
        return before.Type == after.Type && Elements(before).SequenceEqual(Elements(after))
            && Elements(after).Order(StringComparer.Ordinal).SequenceEqual(distinct.Order(StringComparer.Ordinal));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("020201410141", "a set with a member twice")]
    [InlineData("0100", "an empty list")]
    [InlineData("0402014101420141014300", "a hash with a field twice")]
    [InlineData("0400", "an empty hash")]
    [InlineData("0001410042", "bytes behind the value")]
    [InlineData("13011000", "a stream")]
    [InlineData("", "nothing")]
    public void What_is_no_value_is_refused(string hex, string why)
    {
        Assert.True(ValueCodec.Read(Convert.FromHexString(hex), "k"u8, KeyedValue.NoExpiry) is null, why);
    }

    [Fact]
    public void A_restored_key_replaces_the_old_one_and_the_accounts_agree()
    {
        using var session = new RespSession();
        session.Call("HSET", "h", "f", new string('v', 1000));
        var payload = Encoding.Latin1.GetString(Bulk(session, "DUMP", "h"));
        session.Call("SET", "other{h}", "x", "PX", "100000");
        Assert.Equal("+OK\r\n", session.Call("RESTORE", "other{h}", "0", payload, "REPLACE"));
        Assert.Equal(":-1\r\n", session.Call("TTL", "other{h}"));
        Assert.Equal(0, session.Server.Store.ExpiringCount);
        session.Call("DEL", "h");
        session.Call("DEL", "other{h}");
        Assert.Equal(0, session.Server.Store.Bytes);
    }

    private static byte[] Bulk(RespSession session, params string[] words)
    {
        var reply = Encoding.Latin1.GetBytes(session.Call(words));
        return reply[(Array.IndexOf(reply, (byte)'\n') + 1)..^2];
    }

    private static List<string> Elements(KeyEntry entry)
    {
        var found = new List<string>();
        switch (entry.Type)
        {
            case EntryType.List:
                foreach (var element in entry.List!)
                {
                    found.Add(Encoding.UTF8.GetString(element));
                }

                break;
            case EntryType.Set:
                foreach (var member in entry.Set!)
                {
                    found.Add(Encoding.UTF8.GetString(member));
                }

                break;
            default:
                foreach (var member in entry.SortedSet!)
                {
                    Assert.Equal(member.Score, Encoding.UTF8.GetString(member.Member).Length);
                    found.Add(Encoding.UTF8.GetString(member.Member));
                }

                break;
        }

        return found;
    }

    private static KeyEntry Copy(SlotTable table)
    {
        using var writer = new RdbWriter();
        var entry = table.Find("k"u8, Now);
        ValueCodec.WritePayload(writer, entry);
        Assert.True(DumpPayload.TryOpen(writer.Written, out var value));
        var copy = new Keyspace().Table(0);
        copy.Restore(ValueCodec.Read(value, "k"u8, entry.ExpireAtMs)!, value);
        return copy.Find("k"u8, Now);
    }
}
