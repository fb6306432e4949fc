using Trefoil.ControlPlane;
using Trefoil.Consensus;
using Trefoil.Simulator;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.Simulator;

public sealed class SimulationTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(20);

    [Fact]
    public void Twenty_seeds_raise_no_objection()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var result = Simulation.Run(new SimulationOptions { Seed = seed, FaultPhase = Short });
            Assert.True(result.Failure is null, $"{result.Failure}\n{string.Join('\n', result.TraceTail.TakeLast(80))}");
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_trace()
    {
        for (ulong seed = 1; seed <= 3; seed++)
        {
            var (first, second) = (Run(seed, new Sabotage()), Run(seed, new Sabotage()));
            Assert.Equal(first.TraceHash, second.TraceHash);
            Assert.Equal(first.VirtualTime, second.VirtualTime);
            Assert.Equal(first.Counts.All, second.Counts.All);
        }

        Assert.NotEqual(Run(1, new Sabotage()).TraceHash, Run(2, new Sabotage()).TraceHash);
    }

    [Fact]
    public void A_ballot_that_is_not_persisted_is_found()
    {
        var sabotage = new Sabotage
        {
            Effect = effect => effect is ControlEffect.Persist { Write: { Ballot: not null, Snapshot: null } } persist
                ? new ControlEffect.Persist(persist.Write with { Ballot = null })
                : effect,
        };
        AssertFound(sabotage, 20);
    }

    [Fact]
    public void A_disk_that_lies_about_syncs_is_found() =>
        AssertFound(new Sabotage { Disk = disk => new LyingDisk(disk) }, 20);

    [Fact]
    public void An_offer_that_is_not_persisted_is_found()
    {
        var sabotage = new Sabotage { Effect = effect => effect is ControlEffect.SaveIdentity { Identity.Offer: not null } ? null : effect };
        AssertFound(sabotage, 60, "knows nothing of it");
    }

    [Fact]
    public void Votes_that_are_counted_although_they_were_refused_are_found()
    {
        var sabotage = new Sabotage
        {
            Message = message => message switch
            {
                ControlMessage.Raft { Message: RaftMessage.PreVoteReply { Granted: false } reply } =>
                    new ControlMessage.Raft(reply with { Granted = true, Term = reply.Term + 1 }),
                ControlMessage.Raft { Message: RaftMessage.VoteReply { Granted: false } reply } =>
                    new ControlMessage.Raft(reply with { Granted = true }),
                _ => message,
            },
        };
        AssertFound(sabotage, 60);
    }

    [Fact]
    public void Entries_that_are_acknowledged_and_not_persisted_are_found()
    {
        var sabotage = new Sabotage
        {
            Effect = effect => effect is ControlEffect.Persist { Write: { Entries.Count: > 0, Ballot: null, Snapshot: null } } ? null : effect,
        };
        AssertFound(sabotage, 20);
    }

    private static SimulationResult Run(ulong seed, Sabotage sabotage) =>
        Simulation.Run(new SimulationOptions { Seed = seed, FaultPhase = Short, Sabotage = sabotage });

    /// <summary>An oracle must object within so many seeds, with one of these words where given.</summary>
    private static void AssertFound(Sabotage sabotage, int seeds, params string[] words)
    {
        var heard = new List<string>();
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            if (Run(seed, sabotage).Failure is { } failure)
            {
                heard.Add(failure);
                if (words.Length == 0 || words.Any(word => failure.Contains(word, StringComparison.Ordinal)))
                {
                    return;
                }
            }
        }

        Assert.Fail($"no seed of {seeds} objected as expected; heard: {string.Join("; ", heard)}");
    }

    /// <summary>Says that it has synced and has not.</summary>
    private sealed class LyingDisk(IDisk disk) : IDisk
    {
        public IDiskFile Open(string path, bool create) => new LyingFile(disk.Open(path, create));

        public bool Exists(string path) => disk.Exists(path);

        public IReadOnlyList<string> List(string directory) => disk.List(directory);

        public void Delete(string path) => disk.Delete(path);

        public void Rename(string from, string to) => disk.Rename(from, to);

        public void CreateDirectory(string path) => disk.CreateDirectory(path);

        public void SyncDirectory(string directory) => disk.SyncDirectory(directory);

        private sealed class LyingFile(IDiskFile file) : IDiskFile
        {
            public long Length => file.Length;

            public int Read(long offset, Span<byte> destination) => file.Read(offset, destination);

            public void Write(long offset, ReadOnlySpan<byte> source) => file.Write(offset, source);

            public void Truncate(long length) => file.Truncate(length);

            public void Sync()
            {
            }

            public void Dispose() => file.Dispose();
        }
    }
}
