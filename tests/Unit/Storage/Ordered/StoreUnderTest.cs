using System.Text;
using Trefoil.Primitives;
using Trefoil.Storage.Ordered;
using Xunit;

namespace Trefoil.Unit.Storage.Ordered;

/// <summary>A store of one kind, with what its tests do to it. Both kinds pass the same tests.</summary>
internal abstract class StoreUnderTest : IDisposable
{
    public static readonly TheoryData<string> Kinds = ["memory", "rocksdb"];

    public abstract IOrderedStore Store { get; }

    public static StoreUnderTest Open(string kind) => kind switch
    {
        "memory" => new InMemory(),
        "rocksdb" => new InRocks(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>The process dies; <see cref="Store"/> is what comes up again.</summary>
    public abstract void Crash();

    /// <summary>The process ends as it should, and starts again.</summary>
    public abstract void Reopen();

    public abstract void Dispose();

    public string? Get(string key) => Get(Store, key);

    public static string? Get(IOrderedReader reader, string key)
    {
        var value = new ByteWriter();
        var found = reader.TryGet(Encoding.Latin1.GetBytes(key), value);
        Assert.Equal(found, reader.Contains(Encoding.Latin1.GetBytes(key)));
        return found ? Encoding.Latin1.GetString(value.Written) : null;
    }

    public void Put(params string[] pairs)
    {
        var batch = new OrderedBatch();
        foreach (var pair in pairs)
        {
            var parts = pair.Split('=');
            batch.Put(Encoding.Latin1.GetBytes(parts[0]), Encoding.Latin1.GetBytes(parts[1]));
        }

        Store.Write(batch);
    }

    /// <summary>The pairs of a scan as "key=value", separated by blanks.</summary>
    public string Scan(string from = "", string to = "", bool reverse = false) => Scan(Store, from, to, reverse);

    public static string Scan(IOrderedReader reader, string from = "", string to = "", bool reverse = false)
    {
        using var cursor = reader.Scan(Encoding.Latin1.GetBytes(from), Encoding.Latin1.GetBytes(to), reverse);
        return Rest(cursor);
    }

    public static string Rest(OrderedCursor cursor)
    {
        var pairs = new List<string>();
        while (cursor.MoveNext())
        {
            pairs.Add($"{Encoding.Latin1.GetString(cursor.Key)}={Encoding.Latin1.GetString(cursor.Value)}");
        }

        return string.Join(' ', pairs);
    }

    private sealed class InMemory : StoreUnderTest
    {
        private readonly MemoryOrderedStore _store = new();

        public override IOrderedStore Store => _store;

        public override void Crash() => _store.Crash();

        public override void Reopen()
        {
            _store.Flush();
            _store.Dispose();
        }

        public override void Dispose() => _store.Dispose();
    }

    private sealed class InRocks : StoreUnderTest
    {
        private readonly RocksDirectory _directory = new();

        private IOrderedStore _store;

        public InRocks() => _store = _directory.Open();

        public override IOrderedStore Store => _store;

        public override void Crash() => _store = _directory.Crash(Store);

        public override void Reopen()
        {
            _store.Dispose();
            _store = _directory.Open();
        }

        public override void Dispose()
        {
            _store.Dispose();
            _directory.Dispose();
        }
    }
}
