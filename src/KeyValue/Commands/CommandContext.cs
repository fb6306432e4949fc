using System.Text;
using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Commands.Transactions;
using Trefoil.KeyValue.Connections;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands;

/// <summary>What a handler sees: the arguments, the reply, the store. One per connection, reused for every command.</summary>
/// <remarks>Arguments are views into the receive buffer: valid until the handler returns, not after an await inside deferred work.</remarks>
public sealed class CommandContext
{
    private byte[] _source = [];
    private int _origin;
    private ArgumentRange[] _ranges = [];

    internal CommandContext(Connection client, KeyValueServer server)
    {
        Client = client;
        Server = server;
        Store = server.Store;
    }

    /// <summary>Number of arguments, the command's name included.</summary>
    public int Count { get; private set; }

    /// <summary>Argument <paramref name="index"/>; 0 is the name as sent.</summary>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
            ref readonly var range = ref _ranges[index];
            return new ReadOnlySpan<byte>(_source, _origin + range.Start, range.Length);
        }
    }

    public RespWriter Reply => Client.Output;

    public Connection Client { get; }

    public Keyspace Store { get; }

    /// <summary>The server behind this connection: settings, clients, statistics, cluster view.</summary>
    public KeyValueServer Server { get; }

    /// <summary>The cluster as this node sees it.</summary>
    public IClusterSource Cluster => Server.Cluster;

    /// <summary>The command (or subcommand) being run.</summary>
    public CommandSpec Command { get; internal set; } = null!;

    /// <summary>Wall clock, milliseconds since 1970, read once per batch of commands.</summary>
    public long NowMs { get; internal set; }

    /// <summary>The slot of the command's keys (all in one slot, owned here); -1 if it has none.</summary>
    public int Slot { get; internal set; } = -1;

    /// <summary>Where the keys of the command being routed stand; filled by whoever needs it, when it needs it.</summary>
    internal List<(int Position, KeySpecification Specification)> Keys { get; } = [];

    internal long StartedTicks { get; set; }

    internal ValueTask? Deferred { get; set; }

    /// <summary>Writes the reply of deferred work that is done.</summary>
    internal Action? DeferredAnswer { get; set; }

    /// <summary>Set by dispatch: the command did not run, because keys of it are in flight or its slot is not served now; to be run from the start when this is done.</summary>
    internal Task? Parked { get; set; }

    /// <summary>
    /// The reply is written when <paramref name="work"/> completes: the connection answers in order and reads on only then; other connections
    /// go on. The work may run on any thread and touches neither arguments nor <see cref="Reply"/>, out of which earlier replies may just be
    /// leaving: what it gives writes the reply, on the connection's own flow.
    /// </summary>
    public void Defer(ValueTask<Action<RespWriter>> work)
    {
        var task = work.AsTask();
        Deferred = new ValueTask(task);
        DeferredAnswer = () => task.Result(Reply);
    }

    /// <summary>Deferred work, if there was any, is done: writes its reply.</summary>
    internal void AnswerDeferred()
    {
        var answer = DeferredAnswer;
        DeferredAnswer = null;
        answer?.Invoke();
    }

    /// <summary>True if argument <paramref name="index"/> is <paramref name="upper"/> in any case (ASCII).</summary>
    public bool Is(int index, ReadOnlySpan<byte> upper) => Ascii.EqualsIgnoreCase(this[index], upper);

    /// <summary>Replies <c>ERR wrong number of arguments for 'name' command</c>.</summary>
    public void WrongArity() => Reply.Error($"ERR wrong number of arguments for '{Command.Name}' command");

    /// <summary>Replies <c>ERR syntax error</c>.</summary>
    public void SyntaxError() => Reply.Error("ERR syntax error"u8);

    /// <summary>The command in this context with a copy of its arguments.</summary>
    internal QueuedCommand Keep(CommandSpec spec)
    {
        var ranges = new ArgumentRange[Count];
        var length = 0;
        for (var i = 0; i < Count; i++)
        {
            ranges[i] = new ArgumentRange(length, _ranges[i].Length);
            length += _ranges[i].Length;
        }

        var arguments = new byte[length];
        for (var i = 0; i < Count; i++)
        {
            this[i].CopyTo(arguments.AsSpan(ranges[i].Start));
        }

        return new QueuedCommand(spec, Slot, arguments, ranges);
    }

    /// <summary>Makes a queued command the one in this context.</summary>
    internal void Take(QueuedCommand command)
    {
        Arguments(command.Arguments, 0, command.Ranges, command.Ranges.Length);
        Command = command.Spec;
        Slot = command.Slot;
    }

    internal void Arguments(byte[] source, int origin, ArgumentRange[] ranges, int count)
    {
        _source = source;
        _origin = origin;
        _ranges = ranges;
        Count = count;
    }
}
