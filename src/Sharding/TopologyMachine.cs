using System.Diagnostics.CodeAnalysis;
using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>The replicated state machine: log entries in, one topology after the other out.</summary>
/// <remarks>
/// Deterministic and synchronous; owned by one thread, while any thread may read a <see cref="Topology"/> it handed out.
/// Entries come in log order, each index once and higher than the last. A command either does all it says or nothing,
/// and one that comes twice acts once: the second gets the first one's answer.
/// </remarks>
public sealed class TopologyMachine
{
    /// <summary>Most proposers remembered; beyond it the one silent for longest is forgotten.</summary>
    public const int MaxProposers = 4096;

    private const byte Format = 1;
    private SortedDictionary<NodeId, RequestWindow> _windows = [];

    /// <summary>The snapshot after the last entry.</summary>
    public Topology Topology { get; private set; } = Topology.Empty;

    /// <summary>A machine that shows this and remembers no request.</summary>
    internal static TopologyMachine From(Topology topology) => new() { Topology = topology };

    /// <summary>Applies the committed entry at <paramref name="index"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not above the last one applied.</exception>
    public CommandResult Apply(ulong index, TopologyCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(index, Topology.Version);
        var result = WindowOf(command.Request.Proposer, index).Find(command.Request.Sequence);
        if (result is null)
        {
            result = command is TopologyCommand.CancelJoin cancel ? Cancel(cancel, index) : Decide(command);
            WindowOf(command.Request.Proposer, index).Remember(command.Request.Sequence, result);
        }

        Topology = Topology with { Version = index };
        return result;
    }

    /// <summary>The answer that a request got, if it was applied and is still remembered.</summary>
    public bool TryGetResult(RequestId request, [NotNullWhen(true)] out CommandResult? result)
    {
        result = _windows.TryGetValue(request.Proposer, out var window) ? window.Find(request.Sequence) : null;
        return result is not null;
    }

    /// <summary>Passes an entry that is no topology command: the version moves on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not above the last one applied.</exception>
    public void Skip(ulong index)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(index, Topology.Version);
        Topology = Topology with { Version = index };
    }

    /// <summary>The whole state as bytes: equal states give equal bytes.</summary>
    public byte[] Snapshot()
    {
        var writer = new ByteWriter(4096);
        writer.Byte(Format);
        TopologyCodec.Write(writer, Topology);
        writer.Varint((ulong)_windows.Count);
        foreach (var (proposer, window) in _windows)
        {
            writer.Node(proposer);
            window.Write(writer);
        }

        return writer.ToArray();
    }

    /// <summary>Takes over what <see cref="Snapshot"/> wrote; false, and nothing changed, for anything else.</summary>
    public bool TryRestore(ReadOnlySpan<byte> snapshot)
    {
        var reader = new ByteReader(snapshot);
        if (reader.Byte() != Format || !TopologyCodec.TryRead(ref reader, out var topology))
        {
            return false;
        }

        var windows = new SortedDictionary<NodeId, RequestWindow>();
        for (var left = reader.Count(MaxProposers); left > 0; left--)
        {
            var proposer = reader.Node();
            if (!RequestWindow.TryRead(ref reader, out var window) || !windows.TryAdd(proposer, window))
            {
                return false;
            }
        }

        if (!reader.Ended)
        {
            return false;
        }

        (Topology, _windows) = (topology, windows);
        return true;
    }

    private CommandResult Decide(TopologyCommand command)
    {
        var (topology, result) = TopologyRules.Decide(Topology, command);
        Topology = topology;
        return result;
    }

    /// <summary>A cancelled join is one that was answered already, with a refusal: if it still comes, that is its answer.</summary>
    private CommandResult Cancel(TopologyCommand.CancelJoin cancel, ulong index)
    {
        var window = WindowOf(cancel.Join.Proposer, index);
        switch (window.Find(cancel.Join.Sequence))
        {
            case CommandResult.Done:
                return new CommandResult.Refused(Refusals.JoinCommitted);
            case CommandResult.Refused { Error: Refusals.TooOld } tooOld:
                return tooOld;
            case CommandResult.Refused:
                return new CommandResult.Done(Changed: false);
            default:
                window.Remember(cancel.Join.Sequence, new CommandResult.Refused(Refusals.JoinCancelled));
                return CommandResult.Ok;
        }
    }

    private RequestWindow WindowOf(NodeId proposer, ulong index)
    {
        if (!_windows.TryGetValue(proposer, out var window))
        {
            if (_windows.Count == MaxProposers)
            {
                _windows.Remove(_windows.MinBy(pair => pair.Value.HeardAt).Key);
            }

            window = new RequestWindow();
            _windows.Add(proposer, window);
        }

        window.HeardAt = index;
        return window;
    }
}
