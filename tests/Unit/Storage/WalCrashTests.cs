using FsCheck;
using FsCheck.Fluent;
using Trefoil.Primitives;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.Storage;

/// <summary>Random workloads with crashes, against a model that knows which states the log may come back in.</summary>
public class WalCrashTests
{
    [Fact]
    public void A_crash_at_any_time_keeps_what_was_synced_and_resurrects_nothing() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), seed => Run(seed, crashes: 4))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void An_error_at_any_call_keeps_what_was_synced_and_resurrects_nothing()
    {
        for (var call = 0; call < 120; call++)
        {
            Assert.True(Run((ulong)call, crashes: 3, failAt: call));
        }
    }

    private static bool Run(ulong seed, int crashes, int failAt = -1)
    {
        var random = new Prng(seed);
        var disk = new MemoryDisk();
        var model = new Model();
        if (failAt >= 0)
        {
            disk.FailAt(failAt);
        }

        for (var life = 0; life < crashes; life++)
        {
            try
            {
                var book = LogBook.Open(disk, segmentBytes: 400);
                model.Recovered(book);
                for (var step = random.Below(25); step > 0; step--)
                {
                    Step(random, book, model);
                }
            }
            catch (IOException)
            {
            }

            disk.Crash(random, (CrashMode)random.Below(3));
        }

        model.Recovered(LogBook.Open(disk, segmentBytes: 400));
        return true;
    }

    private static void Step(Prng random, LogBook book, Model model)
    {
        var state = model.Current;
        switch (random.Below(10))
        {
            case 0 when book.Wal.NextLsn > book.Wal.FirstLsn:
                var from = book.Wal.FirstLsn + (ulong)random.Below((int)(book.Wal.NextLsn - book.Wal.FirstLsn));
                book.Wal.TruncateFrom(from);
                model.Current = state with { Records = state.Records.Take((int)(from - state.First)).ToList() };
                break;
            case 1:
                var next = book.Wal.NextLsn + (ulong)random.Below(5);
                model.Handed(model.Current = new State(next, []));
                book.Wal.Reset(next);
                model.Synced();
                return;
            case 2:
                var below = book.Wal.FirstLsn + (ulong)random.Below((int)(book.Wal.NextLsn - book.Wal.FirstLsn) + 1);
                model.Floor = Math.Max(model.Floor, below);
                book.Wal.DropBefore(below);
                return;
        }

        for (var count = random.Below(4); count > 0; count--)
        {
            var text = $"{model.Unique++} {new string('x', random.Below(900))}";
            book.Wal.Append(System.Text.Encoding.UTF8.GetBytes(text));
            model.Current = model.Current with { Records = [.. model.Current.Records, text] };
            model.Handed(model.Current); // a large batch is handed over in parts: any prefix may be there
        }

        model.Handed(model.Current);
        var sync = random.Chance(0.4);
        book.Wal.Commit(sync);
        if (sync)
        {
            model.Synced();
        }
    }

    private sealed record State(ulong First, List<string> Records);

    /// <summary>The states handed to the kernel since the last sync; a crash may end in any one of them.</summary>
    private sealed class Model
    {
        private List<State> _possible = [new State(1, [])];

        public State Current { get; set; } = new(1, []);

        public ulong Floor { get; set; } = 1;

        public int Unique { get; set; }

        public void Handed(State state) => _possible.Add(state);

        public void Synced() => _possible = [Current];

        public void Recovered(LogBook book)
        {
            var first = book.Wal.FirstLsn;
            var match = _possible.LastOrDefault(state => Matches(state, first, book.Records));
            Assert.True(match is not null, $"came back as [{first}: {string.Join(',', book.Records.Select(r => r.Split(' ')[0]))}]");
            Current = new State(first, book.Records);
            _possible = [Current];
        }

        /// <summary>Records below the floor may be gone; from there on they are exactly the state's.</summary>
        private bool Matches(State state, ulong first, List<string> records)
        {
            var end = state.First + (ulong)state.Records.Count;
            if (first + (ulong)records.Count != end || first < state.First || (first > state.First && first > Floor))
            {
                return false;
            }

            return state.Records.Skip((int)(first - state.First)).SequenceEqual(records);
        }
    }
}
