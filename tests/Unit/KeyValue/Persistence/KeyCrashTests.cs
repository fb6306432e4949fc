using FsCheck;
using FsCheck.Fluent;
using Trefoil.KeyValue.Persistence;
using Trefoil.Primitives;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.KeyValue.Persistence;

/// <summary>Random commands, syncs, rolls, snapshots and crashes; after each the store holds what it held after one record, and none released is missing.</summary>
public class KeyCrashTests
{
    [Fact]
    public void Nothing_that_was_acknowledged_is_missing_after_a_crash_at_any_time() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), seed => Run(seed, lives: 4))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Nothing_that_was_acknowledged_is_missing_after_an_error_at_any_call_of_the_disk()
    {
        for (var call = 0; call < 150; call++)
        {
            Assert.True(Run((ulong)call, lives: 3, failAt: call));
        }
    }

    [Fact]
    public void Under_always_a_power_cut_loses_nothing_that_was_released()
    {
        for (ulong seed = 0; seed < 100; seed++)
        {
            var random = new Prng(seed);
            var disk = new MemoryDisk();
            var book = KeyBook.Open(disk, SyncPolicy.Always);
            for (var step = 20 + random.Below(40); step > 0; step--)
            {
                book.Change(random);
                book.Log.Commit();
            }

            var released = book.Log.ReleasedLsn;
            Assert.Equal(book.Log.LastLsn, released);
            var contents = KeyBook.ContentsOf(book.Keys);
            disk.Crash(random, CrashMode.LoseAll);

            var again = KeyBook.Open(disk);
            Assert.Equal(released, again.Log.LastLsn);
            Assert.Equal(contents, KeyBook.ContentsOf(again.Keys));
        }
    }

    private static bool Run(ulong seed, int lives, int failAt = -1)
    {
        var random = new Prng(seed);
        var disk = new MemoryDisk();
        var held = new Dictionary<ulong, string> { [0] = "" };
        var (needed, mode) = (0UL, CrashMode.KeepAll);
        if (failAt >= 0)
        {
            disk.FailAt(failAt);
        }

        for (var life = 0; life <= lives; life++)
        {
            var policy = (SyncPolicy)random.Below(3);
            KeyBook? book = null;
            var (durable, written) = (needed, needed);
            try
            {
                book = KeyBook.Open(disk, policy);
                var lsn = book.Log.LastLsn;
                Assert.True(lsn >= needed, $"LSN {needed} was acknowledged, {mode}, and {lsn} came back");
                Assert.Equal(held[lsn], KeyBook.ContentsOf(book.Keys));
                for (var step = random.Below(40); step > 0; step--)
                {
                    Step(random, book);
                    held[book.Log.LastLsn] = KeyBook.ContentsOf(book.Keys);
                    written = Math.Max(written, book.Log.ReleasedLsn);
                    durable = Math.Max(durable, policy == SyncPolicy.Always ? book.Log.ReleasedLsn : book.Log.DurableLsn);
                }

                if (life == lives - 1 && random.Below(2) == 0)
                {
                    book.Storage.Dispose();
                    durable = written = book.Log.LastLsn;
                }
            }
            catch (IOException)
            {
                // The process ends here. A record under way may have reached the disk: then it is the newest state.
                if (book is not null)
                {
                    held[book.Log.LastLsn] = KeyBook.ContentsOf(book.Keys);
                    durable = Math.Max(durable, policy == SyncPolicy.Always ? book.Log.ReleasedLsn : book.Log.DurableLsn);
                }
            }

            mode = (CrashMode)random.Below(3);
            needed = mode == CrashMode.KeepAll ? Math.Max(written, durable) : durable;
            disk.Crash(random, mode);
        }

        return true;
    }

    private static void Step(Prng random, KeyBook book)
    {
        switch (random.Below(12))
        {
            case 0:
                book.Pump();
                break;
            case 1 or 2 or 3:
                book.Log.Commit();
                break;
            case 4 when random.Below(3) == 0:
                Assert.True(book.Storage.Snapshots.TryStart(isRewrite: random.Below(2) == 0, out var done));
                done.Wait();
                break;
            default:
                book.Change(random);
                break;
        }
    }
}
