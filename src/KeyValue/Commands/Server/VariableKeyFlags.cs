namespace Trefoil.KeyValue.Commands.Server;

/// <summary>What is done with a key where the arguments decide it: COMMAND GETKEYSANDFLAGS of SET and BITFIELD.</summary>
internal static class VariableKeyFlags
{
    private const string Marker = "variable_flags";
    private static readonly string[] Overwrites = ["OW", "update"];
    private static readonly string[] Reads = ["RO", "access"];

    /// <summary>The flags of a key specification, as true of the command that begins at argument <paramref name="offset"/>.</summary>
    public static IReadOnlyList<string> Of(CommandContext context, int offset, IReadOnlyList<string> flags)
    {
        if (!flags.Contains(Marker))
        {
            return flags;
        }

        var isSet = context.Is(offset, "SET"u8);
        if (isSet && !ReturnsOld(context, offset))
        {
            return Overwrites;
        }

        return !isSet && OnlyReads(context, offset) ? Reads : [.. flags.Where(flag => flag != Marker)];
    }

    private static bool ReturnsOld(CommandContext context, int offset)
    {
        for (var i = offset + 3; i < context.Count; i++)
        {
            if (context.Is(i, "GET"u8))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Only whole GET steps and OVERFLOWs: anything else may write.</summary>
    private static bool OnlyReads(CommandContext context, int offset)
    {
        for (var i = offset + 2; i < context.Count;)
        {
            var left = context.Count - i - 1;
            if (context.Is(i, "GET"u8) && left >= 2)
            {
                i += 3;
            }
            else if (context.Is(i, "OVERFLOW"u8) && left >= 1)
            {
                i += 2;
            }
            else
            {
                return false;
            }
        }

        return true;
    }
}
