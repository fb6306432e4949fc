namespace Trefoil.KeyValue.Commands.Data;

/// <summary>The options of SORT. Patterns that name other keys are refused as Redis 7.0 refuses them in a cluster: those keys may be elsewhere.</summary>
internal struct SortOptions
{
    private const int First = 2;

    /// <summary>Elements to leave out at the beginning.</summary>
    public long Skip { get; private set; }

    /// <summary>Elements to answer at most; negative for all.</summary>
    public long Limit { get; private set; }

    public bool Descends { get; private set; }

    /// <summary>By bytes, not by numbers.</summary>
    public bool IsAlphabetic { get; set; }

    /// <summary>In the order in which the value has them.</summary>
    public bool KeepsOrder { get; set; }

    /// <summary>Position of the key for the result, 0 to answer it.</summary>
    public int Store { get; private set; }

    /// <summary>Position, relative to the command, of the key after the last STORE; 0 without one. As Redis finds it, without checking the rest.</summary>
    public static int Destination(CommandContext arguments, int offset)
    {
        var destination = 0;
        var count = arguments.Count - offset;
        for (var i = First; i < count; i++)
        {
            if (arguments.Is(i + offset, "LIMIT"u8))
            {
                i += 2;
            }
            else if (arguments.Is(i + offset, "GET"u8) || arguments.Is(i + offset, "BY"u8))
            {
                i++;
            }
            else if (arguments.Is(i + offset, "STORE"u8) && i + 1 < count)
            {
                destination = i + 1;
            }
        }

        return destination;
    }

    /// <summary>Reads the options, or replies what is wrong with them.</summary>
    public static bool TryParse(CommandContext context, bool mayStore, out SortOptions options)
    {
        options = new SortOptions { Limit = -1 };
        for (var i = First; i < context.Count; i++)
        {
            if (!options.TryOption(context, ref i, context.Count - i - 1, mayStore))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryOption(CommandContext context, ref int i, int left, bool mayStore)
    {
        if (context.Is(i, "ASC"u8) || context.Is(i, "DESC"u8))
        {
            Descends = context.Is(i, "DESC"u8);
        }
        else if (context.Is(i, "ALPHA"u8))
        {
            IsAlphabetic = true;
        }
        else if (context.Is(i, "LIMIT"u8) && left >= 2)
        {
            if (!context.TryInteger(++i, out var skip) || !context.TryInteger(++i, out var limit))
            {
                return false;
            }

            (Skip, Limit) = (Math.Max(skip, 0), limit);
        }
        else if (context.Is(i, "STORE"u8) && left >= 1 && mayStore)
        {
            Store = ++i;
        }
        else if (context.Is(i, "BY"u8) && left >= 1)
        {
            if (context[++i].Contains((byte)'*'))
            {
                context.Reply.Error("ERR BY option of SORT denied in Cluster mode."u8);
                return false;
            }

            KeepsOrder = true;
        }
        else if (context.Is(i, "GET"u8) && left >= 1)
        {
            context.Reply.Error("ERR GET option of SORT denied in Cluster mode."u8);
            return false;
        }
        else
        {
            context.SyntaxError();
            return false;
        }

        return true;
    }
}
