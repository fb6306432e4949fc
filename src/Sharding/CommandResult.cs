using System.Diagnostics.CodeAnalysis;
using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>What the state machine said to a command: the same on every node.</summary>
public abstract record CommandResult
{
    /// <summary>Longest refusal kept, in bytes of UTF-8.</summary>
    public const int MaxErrorBytes = 512;

    private CommandResult()
    {
    }

    /// <summary>It took effect, or its effect was there already.</summary>
    /// <param name="Value">BumpEpoch: the node's epoch. AddNode: the member id. Otherwise 0.</param>
    /// <param name="Changed">False when there was nothing to change (BUMPEPOCH then says STILL and not BUMPED).</param>
    public sealed record Done(ulong Value = 0, bool Changed = true) : CommandResult;

    /// <summary>It changed nothing.</summary>
    /// <param name="Error">Redis' text without the leading dash, such as <c>ERR Slot 5 is already busy</c>.</param>
    public sealed record Refused(string Error) : CommandResult;

    /// <summary>Done, changed, nothing more to say: shared, since most answers are this one.</summary>
    public static CommandResult Ok { get; } = new Done();

    /// <summary>Appends the result.</summary>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        switch (this)
        {
            case Done done:
                writer.Byte(done.Changed ? (byte)1 : (byte)0);
                writer.Varint(done.Value);
                break;
            case Refused refused:
                writer.Byte(2);
                writer.Text(refused.Error);
                break;
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote; false, and the reader failed, for anything else.</summary>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out CommandResult? result)
    {
        switch (reader.Byte())
        {
            case var kind and (0 or 1):
                var value = reader.Varint();
                result = kind == 1 && value == 0 ? Ok : new Done(value, kind == 1);
                break;
            case 2:
                result = new Refused(reader.Text(MaxErrorBytes));
                break;
            default:
                reader.Fail();
                result = null;
                return false;
        }

        return !reader.Failed;
    }
}
