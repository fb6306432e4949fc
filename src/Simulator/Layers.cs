using Trefoil.ControlPlane;

namespace Trefoil.Simulator;

/// <summary>Which part of the whole a line of the trace is about.</summary>
internal static class Layers
{
    /// <summary>The word in the third column.</summary>
    /// <param name="what">The event.</param>
    /// <param name="detail">Tells raft's own messages and writes from the rest of the control plane's.</param>
    public static string Of(string what, object? detail) => what switch
    {
        "cut" or "mend" or "reset" or "corrupt" or "slow" => "network",
        "start" or "crash" or "pause" or "gone" => "process",
        "swim" or "health" => "swim",
        "replica" or "lease" => "shard",
        "move" => "slots",
        "ask" or "answer" or "operator" => "operator",
        "call" or "reply" or "read" or "write" or "client" or "retry" => "client",
        "clock" => "clock",
        "disk" or "flip" or "full" => "disk",
        "keys" or "log" or "snapshot" or "expire" => "keys",
        "heal" or "step" or "judge" => "world",
        "send" or "receive" when detail is ControlMessage.Raft => "raft",
        "store" when detail is ControlEffect.Persist => "raft",
        "send" or "receive" or "store" or "publish" or "note" => "control",
        _ => "other",
    };
}
