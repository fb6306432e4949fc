using System.Text;
using Trefoil.Consensus;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Consensus;

/// <summary>Where a crash strikes while a Ready is performed.</summary>
public enum CrashPoint
{
    Never,

    /// <summary>What may leave early has left; nothing of this Ready is durable.</summary>
    BeforePersist,

    /// <summary>Durable, but neither acknowledged nor applied.</summary>
    AfterPersist,
}

/// <summary>One participant with the disk that survives it, performing each Ready as a driver must.</summary>
public sealed class RaftPeer
{
    private readonly RaftConfig _config;
    private readonly Prng _random;
    private readonly Configuration? _bootstrap;
    private List<Entry> _log = [];
    private Snapshot? _snapshot;
    private (ulong Term, ulong Vote) _ballot;
    private ulong _commit;

    public RaftPeer(RaftConfig config, Prng random, Configuration? bootstrap, TimeSpan now, ulong term = 0, IReadOnlyList<Entry>? log = null)
    {
        (_ballot, _log) = ((term, 0), [.. log ?? []]);
        (_config, _random, _bootstrap) = (config, random, bootstrap);
        Node = Start(now, abstain: false);
    }

    public ulong Id => _config.Id;

    public RaftNode Node { get; private set; }

    public bool IsDown { get; private set; }

    /// <summary>The log as it is on disk.</summary>
    public IReadOnlyList<Entry> Log => _log;

    /// <summary>A state machine: the texts of all commands applied, and a hash over them that a snapshot carries.</summary>
    public List<string> Commands { get; } = [];

    public ulong StateHash { get; private set; }

    public List<ReadState> Reads { get; } = [];

    public List<Snapshot> Installed { get; } = [];

    public event Action<RaftPeer, Entry>? Applied;

    public event Action<RaftPeer, Entry>? Persisted;

    /// <summary>Performs everything that is ready; false if it crashed on the way.</summary>
    public bool Perform(Action<RaftMessage> send, CrashPoint crash = CrashPoint.Never, Action<RaftPeer, Ready>? observe = null)
    {
        for (var rounds = 0; Node.HasReady; rounds++)
        {
            Assert.True(rounds < 1000, "Ready without end");
            var ready = Node.TakeReady();
            observe?.Invoke(this, ready);
            Send(ready.MessagesBefore, send);
            if (crash == CrashPoint.BeforePersist && ready.MustSync)
            {
                return Crash();
            }

            Persist(ready);
            if (crash == CrashPoint.AfterPersist)
            {
                return Crash();
            }

            Send(ready.MessagesAfter, send);
            Apply(ready);
            Node.Advance();
        }

        return true;
    }

    /// <summary>Keeps its disk and loses everything else.</summary>
    public bool Crash()
    {
        IsDown = true;
        Commands.Clear();
        StateHash = 0;
        return false;
    }

    /// <summary>Comes back from its disk, of which the last <paramref name="lost"/> entries are torn off.</summary>
    public void Restart(TimeSpan now, int lost = 0)
    {
        _log.RemoveRange(_log.Count - lost, lost);
        StateHash = _snapshot is { } snapshot ? HashOf(snapshot) : 0;
        Commands.Clear();
        IsDown = false;
        Node = Start(now, abstain: lost > 0);
    }

    /// <summary>Snapshots its state and drops what is older, in memory and on disk.</summary>
    public void Compact(ulong keep)
    {
        var index = Node.AppliedIndex;
        if (index > (_snapshot?.Index ?? 0))
        {
            var term = _log.Find(entry => entry.Index == index)?.Term ?? _snapshot!.Term;
            _snapshot = new Snapshot(index, term, Node.Configuration, BitConverter.GetBytes(StateHash).Concat(new byte[40]).ToArray());
            Node.Compact(_snapshot, keep);
            _log.RemoveAll(entry => entry.Index < Node.FirstIndex);
        }
    }

    public static ulong HashOf(Snapshot snapshot) => BitConverter.ToUInt64(snapshot.Data.Span);

    private RaftNode Start(TimeSpan now, bool abstain) => new(
        _config, new RaftRestore(_ballot.Term, _ballot.Vote, _commit, _snapshot, [.. _log], _bootstrap) { Abstain = abstain }, _random, now);

    private void Persist(Ready ready)
    {
        _ballot = ready.Ballot ?? _ballot;
        if (ready.Snapshot is { } snapshot)
        {
            _snapshot = snapshot;
            _log = [];
        }

        if (ready.Entries.Count > 0)
        {
            _log.RemoveAll(entry => entry.Index >= ready.Entries[0].Index);
            _log.AddRange(ready.Entries);
            _commit = Math.Max(_commit, ready.Commit);
        }

        foreach (var entry in ready.Entries)
        {
            Persisted?.Invoke(this, entry);
        }
    }

    private void Apply(Ready ready)
    {
        if (ready.Snapshot is { } snapshot)
        {
            Installed.Add(snapshot);
            StateHash = HashOf(snapshot);
        }

        foreach (var entry in ready.Committed)
        {
            if (entry.Kind == EntryKind.Command)
            {
                Commands.Add(Encoding.UTF8.GetString(entry.Data.Span));
            }

            StateHash = Mix(StateHash, entry);
            Applied?.Invoke(this, entry);
        }

        Reads.AddRange(ready.Reads);
    }

    private static ulong Mix(ulong state, Entry entry)
    {
        state = (state ^ entry.Index ^ (entry.Term << 32)) * 0x9E3779B97F4A7C15;
        foreach (var b in entry.Data.Span)
        {
            state = (state ^ b) * 0x100000001B3;
        }

        return state;
    }

    private static void Send(IReadOnlyList<RaftMessage> messages, Action<RaftMessage> send)
    {
        foreach (var message in messages)
        {
            send(message);
        }
    }
}
