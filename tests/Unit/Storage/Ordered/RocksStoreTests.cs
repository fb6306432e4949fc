using Trefoil.Primitives;
using Trefoil.Storage.Ordered;
using Xunit;

namespace Trefoil.Unit.Storage.Ordered;

/// <summary>What only the store on disk can do wrong.</summary>
public class RocksStoreTests
{
    [Fact]
    public void A_missing_library_is_a_value_that_names_the_package_and_what_is_there_instead()
    {
        var refusal = RocksLibrary.Load("librocksdb.so.99.1");

        Assert.NotNull(refusal);
        Assert.Contains("'librocksdb.so.99.1' cannot be loaded", refusal, StringComparison.Ordinal);
        Assert.Matches(@"there is .*/librocksdb\.so\.7\.8.*, which is another version", refusal);
        Assert.Contains("apt-get install librocksdb7.8", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_is_in_use_is_refused()
    {
        using var directory = new RocksDirectory();
        using var store = directory.Open();

        var second = Assert.IsType<OrderedOpenResult.Refused>(RocksStore.Open(directory.Path));
        Assert.Contains(directory.Path, second.Refusal, StringComparison.Ordinal);
        Assert.Contains("lock", second.Refusal, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_directory_that_cannot_be_made_is_refused()
    {
        using var directory = new RocksDirectory();
        File.WriteAllText(directory.Path, "a file stands here");

        Assert.IsType<OrderedOpenResult.Refused>(RocksStore.Open(Path.Combine(directory.Path, "db")));
    }

    [Fact]
    public void Batches_that_outgrow_the_buffers_are_flushed_by_themselves_in_order()
    {
        using var directory = new RocksDirectory();
        var store = directory.Open(new RocksOptions { WriteBufferBytes = 64 << 10 });
        for (ulong lsn = 1; lsn <= 400; lsn++)
        {
            store.Write(Batch(lsn));
        }

        store = directory.Crash(store);
        using var recovered = store;
        var marker = recovered.AppliedLsn;

        Assert.InRange(marker, 100ul, 400ul);
        Assert.Equal(marker, recovered.FlushedLsn);
        for (ulong lsn = 1; lsn <= 400; lsn++)
        {
            Assert.Equal(lsn <= marker, recovered.Contains(Key(lsn, 0)));
            Assert.Equal(lsn <= marker, recovered.Contains(Key(lsn, 9)));
        }
    }

    [Fact]
    public void Cursors_and_snapshots_outlive_a_store_that_is_disposed()
    {
        using var directory = new RocksDirectory();
        var store = directory.Open();
        store.Write(Batch(1));
        var cursor = store.Scan(default, default);
        var snapshot = store.Snapshot();
        store.Dispose();

        Assert.True(cursor.MoveNext());
        Assert.Equal(Key(1, 0), cursor.Key.ToArray());
        cursor.Dispose();
        snapshot.Dispose();
        Assert.Throws<ObjectDisposedException>(() => store.Contains("a"u8));
        Assert.Throws<ObjectDisposedException>(() => cursor.MoveNext());
        Assert.Throws<ObjectDisposedException>(() => snapshot.Contains("a"u8));
        directory.Open().Dispose();
    }

    /// <summary>What is not noticed is in bytes that no read depends on: statistics of a file, padding, options that are given anew at each start.</summary>
    [Theory]
    [InlineData("*.sst", 150, 120)]
    [InlineData("MANIFEST-*", 60, 55)]
    public void A_flipped_byte_in_a_file_is_found_and_never_returned_as_data(string pattern, int flips, int atLeast)
    {
        using var directory = new RocksDirectory();
        using (var store = directory.Open())
        {
            for (ulong lsn = 1; lsn <= 20; lsn++)
            {
                store.Write(Batch(lsn));
            }

            store.Flush();
        }

        var files = Directory.GetFiles(directory.Path).ToDictionary(file => file, File.ReadAllBytes);
        var victim = Directory.GetFiles(directory.Path, pattern).Single();
        var random = new Prng(8);
        var found = 0;
        for (var flip = 0; flip < flips; flip++)
        {
            Directory.Delete(directory.Path, recursive: true); // each opening writes files of its own
            Directory.CreateDirectory(directory.Path);
            foreach (var (file, bytes) in files)
            {
                File.WriteAllBytes(file, bytes);
            }

            var bad = files[victim].ToArray();
            bad[random.Below(bad.Length)] ^= (byte)(1 << random.Below(8));
            File.WriteAllBytes(victim, bad);
            found += ReadsAllOrFails(directory) ? 0 : 1;
        }

        Assert.InRange(found, atLeast, flips);
    }

    /// <summary>True if everything came back as it was written, false if the damage was reported; anything else fails the test.</summary>
    private static bool ReadsAllOrFails(RocksDirectory directory)
    {
        var result = RocksStore.Open(directory.Path);
        if (result is not OrderedOpenResult.Opened(var store))
        {
            AssertSaysWhatToDo(Assert.IsType<OrderedOpenResult.Refused>(result).Refusal);
            return false;
        }

        try
        {
            using (store)
            {
                if (store.AppliedLsn < 20)
                {
                    return false; // whoever trimmed the log up to 20 sees that something is missing
                }

                ReadAll(store);
                return true;
            }
        }
        catch (OrderedStoreFailure failure)
        {
            Assert.True(failure.IsCorruption);
            AssertSaysWhatToDo(failure.Message);
            return false;
        }
    }

    private static void ReadAll(IOrderedStore store)
    {
        var value = new ByteWriter();
        using var cursor = store.Scan(default, default);
        for (ulong lsn = 1; lsn <= 20; lsn++)
        {
            for (var i = 0; i < 10; i++)
            {
                value.Clear();
                Assert.True(store.TryGet(Key(lsn, i), value));
                Assert.True(value.Written.SequenceEqual(Value(lsn, i)));
                Assert.True(cursor.MoveNext());
                Assert.True(cursor.Key.SequenceEqual(Key(lsn, i)) && cursor.Value.SequenceEqual(Value(lsn, i)));
            }
        }

        Assert.False(cursor.MoveNext());
    }

    private static void AssertSaysWhatToDo(string text)
    {
        Assert.Contains("Corruption", text, StringComparison.Ordinal);
        Assert.Contains("join again", text, StringComparison.Ordinal);
    }

    private static OrderedBatch Batch(ulong lsn)
    {
        var batch = new OrderedBatch { AppliedLsn = lsn };
        for (var i = 0; i < 10; i++)
        {
            batch.Put(Key(lsn, i), Value(lsn, i));
        }

        return batch;
    }

    private static byte[] Key(ulong lsn, int part) => [(byte)(lsn >> 8), (byte)lsn, (byte)part];

    private static byte[] Value(ulong lsn, int part)
    {
        var random = new Prng((lsn * 100) + (ulong)part);
        return [.. Enumerable.Range(0, 100).Select(_ => (byte)random.Next())];
    }
}
