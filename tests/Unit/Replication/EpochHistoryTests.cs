using FsCheck;
using FsCheck.Fluent;
using Trefoil.Primitives;
using Trefoil.Replication;
using Xunit;

namespace Trefoil.Unit.Replication;

public sealed class EpochHistoryTests
{
    private static readonly ClusterId Ours = new(1, 2);
    private static readonly ClusterId Theirs = new(3, 4);

    [Fact]
    public void What_two_histories_share_is_what_the_two_logs_share() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var (one, other) = Forks(new Prng((ulong)seed));
            var brute = 0;
            while (brute < one.Count && brute < other.Count && one[brute] == other[brute])
            {
                brute++;
            }

            var shared = HistoryOf(one).CommonPrefix(HistoryOf(other), (ulong)one.Count, (ulong)other.Count);
            Assert.Equal(shared, HistoryOf(other).CommonPrefix(HistoryOf(one), (ulong)other.Count, (ulong)one.Count));
            Assert.Equal((ulong)brute, shared ?? 0);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Logs_without_a_common_epoch_tell_nothing_of_each_other()
    {
        var mine = EpochHistory.Empty.Append(new(Ours, 5, 1));
        var alien = EpochHistory.Empty.Append(new(Theirs, 5, 1));

        Assert.Null(mine.CommonPrefix(alien, 10, 10));
        Assert.Null(mine.CommonPrefix(EpochHistory.Empty, 10, 10));
        Assert.Equal(0UL, mine.CommonPrefix(EpochHistory.Empty, 10, 0));
    }

    [Fact]
    public void An_epoch_counts_only_in_the_cluster_that_minted_it()
    {
        var history = EpochHistory.Empty.Append(new(Ours, 5, 1)).Append(new(Theirs, 9, 4));

        Assert.Equal(0UL, history.LastEpoch(Ours));
        Assert.Equal(9UL, history.LastEpoch(Theirs));
        Assert.Equal(5UL, history.TruncateAfter(3).LastEpoch(Ours));
    }

    [Fact]
    public void The_newest_64_epochs_are_kept()
    {
        var history = EpochHistory.Empty;
        for (var i = 1UL; i <= 100; i++)
        {
            history = history.Append(new(Ours, i, i * 10));
        }

        Assert.Equal(EpochHistory.MaxEntries, history.Entries.Count);
        Assert.Equal(new EpochStart(Ours, 37, 370), history.Entries[0]);
        Assert.Throws<ArgumentException>(() => history.Append(new(Ours, 101, 1000)));
    }

    [Fact]
    public void Both_written_forms_read_back_and_malformed_ones_are_refused()
    {
        var history = EpochHistory.Empty.Append(new(Ours, 5, 1)).Append(new(Theirs, ulong.MaxValue, 400));
        var writer = new ByteWriter();
        history.Write(writer);
        var reader = new ByteReader(writer.Written);

        Assert.Equal(history.Entries, EpochHistory.Read(ref reader).Entries);
        Assert.True(reader.Ended);
        Assert.True(EpochHistory.TryParse(history.ToString(), out var parsed));
        Assert.Equal(history.Entries, parsed.Entries);
        Assert.True(EpochHistory.TryParse("", out parsed));
        Assert.Empty(parsed.Entries);
        foreach (var bad in new[] { "x", "1:2", $"{Ours}:1:0", $"{Ours}:1:5,{Ours}:2:5", $"{Ours}:-1:5", $"{Ours}:1:5," })
        {
            Assert.False(EpochHistory.TryParse(bad, out _), bad);
        }
    }

    /// <summary>Two logs that were one up to some point: lists of (epoch, number within it).</summary>
    private static (List<(ulong, int)> One, List<(ulong, int)> Other) Forks(Prng random)
    {
        var epoch = 0UL;
        var common = new List<(ulong, int)>();
        Grow(common, random.Below(4));
        var (one, other) = (new List<(ulong, int)>(common), new List<(ulong, int)>(common));
        if (random.Chance(0.7) && common.Count > 0)
        {
            Continue(one, random.Below(4));
            if (random.Chance(0.5))
            {
                other = [.. one.Take(random.Below(one.Count) + 1)];
            }
        }

        Grow(one, random.Below(3));
        Grow(other, random.Below(3));
        return (one, other);

        void Grow(List<(ulong, int)> log, int epochs)
        {
            for (; epochs > 0; epochs--)
            {
                epoch++;
                log.Add((epoch, 0));
                Continue(log, random.Below(5));
            }
        }

        static void Continue(List<(ulong, int)> log, int records)
        {
            for (; records > 0; records--)
            {
                log.Add((log[^1].Item1, log[^1].Item2 + 1));
            }
        }
    }

    private static EpochHistory HistoryOf(List<(ulong Epoch, int Number)> log)
    {
        var history = EpochHistory.Empty;
        for (var i = 0; i < log.Count; i++)
        {
            history = log[i].Number == 0 ? history.Append(new(Ours, log[i].Epoch, (ulong)i + 1)) : history;
        }

        return history;
    }
}
