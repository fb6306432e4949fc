using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Transactions;

/// <summary>What a client has queued since MULTI.</summary>
internal sealed class Transaction
{
    private const int BytesPerCommand = 64;
    private const int BytesPerArgument = 16;
    private readonly List<QueuedCommand> _commands = [];

    public IReadOnlyList<QueuedCommand> Commands => _commands;

    /// <summary>A command could not be queued: EXEC will answer EXECABORT.</summary>
    public bool IsAborted { get; set; }

    /// <summary>Whether any of the commands may change the store.</summary>
    public bool Writes { get; private set; }

    /// <summary>Whether any of the commands may need more memory.</summary>
    public bool Grows { get; private set; }

    /// <summary>Memory that the queued commands occupy.</summary>
    public long Bytes { get; private set; }

    public void Add(QueuedCommand command)
    {
        _commands.Add(command);
        Grows |= command.Spec.Has(CommandFlags.DenyOom);
        Writes |= command.Spec.Has(CommandFlags.Write);
        Bytes += command.Arguments.Length + BytesPerCommand + (BytesPerArgument * (long)command.Ranges.Length);
    }
}

/// <summary>A command that waits for EXEC, with arguments of its own: those it came with were views into the receive buffer.</summary>
/// <param name="Spec">What it is.</param>
/// <param name="Slot">The slot of its keys, or <see cref="Router.Keyless"/>.</param>
/// <param name="Arguments">The arguments' bytes.</param>
/// <param name="Ranges">Where in them each argument stands.</param>
internal sealed record QueuedCommand(CommandSpec Spec, int Slot, byte[] Arguments, ArgumentRange[] Ranges);

/// <summary>An EXEC under way: between two commands it may have to wait for consensus.</summary>
/// <param name="transaction">What runs.</param>
/// <param name="slot">The slot of all its keys, or <see cref="Router.Keyless"/>.</param>
internal sealed class TransactionRun(Transaction transaction, int slot)
{
    public IReadOnlyList<QueuedCommand> Commands => transaction.Commands;

    public bool Writes => transaction.Writes;

    public int Slot => slot;

    /// <summary>The command that runs next.</summary>
    public int Next { get; set; }

    public bool IsDone => Next == Commands.Count;
}
