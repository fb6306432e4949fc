using System.Globalization;
using Trefoil.Wire.Resp;

namespace Trefoil.Simulator.Clients;

/// <summary>Commands on keys of one slot that are sent in one piece, and what they come to together: one command, or MULTI to EXEC.</summary>
/// <param name="Slot">Of the keys.</param>
/// <param name="ChangesNothing">May be sent again although the last attempt was not answered.</param>
/// <param name="Commands">With their names; of a transaction only the last reply counts.</param>
internal sealed record ClientRequest(int Slot, bool ChangesNothing, IReadOnlyList<IReadOnlyList<string>> Commands)
{
    public static ClientRequest Read(int slot, params string[] command) => new(slot, true, [command]);

    public static ClientRequest Write(int slot, params string[] command) => new(slot, false, [command]);

    /// <inheritdoc/>
    public override string ToString() => string.Join("; ", Commands.Select(command => string.Join(' ', command)));
}

/// <summary>What a client was told in the end.</summary>
internal enum AnswerKind : byte
{
    /// <summary>It was done: <see cref="ClientAnswer.Reply"/> says what came of it.</summary>
    Done,

    /// <summary>It was refused, or never sent: it surely did not happen, and never will.</summary>
    NotDone,

    /// <summary>It was sent and not answered.</summary>
    Unknown,
}

/// <summary>The last attempt at a request; those before it surely did not happen.</summary>
/// <param name="Kind">What the client knows.</param>
/// <param name="Reply">The last reply of those to the commands, unless it is not known.</param>
/// <param name="Called">When it was sent.</param>
/// <param name="Returned">When it was answered, or given up.</param>
/// <param name="Node">Where it was sent.</param>
/// <param name="CalledWallMs">What that node's wall clock showed when it was sent.</param>
internal sealed record ClientAnswer(AnswerKind Kind, RespReply? Reply, TimeSpan Called, TimeSpan Returned, SimulatedNode? Node, long CalledWallMs)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Kind == AnswerKind.Done ? "=" : Kind == AnswerKind.Unknown ? "unknown" : "refused:")} {Show(Reply)}, sent {Called.TotalSeconds:F4}");

    private static string Show(RespReply? reply) => reply is null ? "no answer"
        : reply.Items is { } items ? $"[{string.Join(' ', items.Select(Show))}]" : reply.Text ?? "nothing";
}
