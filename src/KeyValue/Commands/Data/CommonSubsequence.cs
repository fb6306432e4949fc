using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>LCS: the longest common subsequence of two strings, its length, or where it lies in both.</summary>
internal static class CommonSubsequence
{
    public static void Lcs(CommandContext context)
    {
        var (left, right) = (context.Read(), context.Table().Read(context[2], context.NowMs));
        if ((left.Exists && !left.IsString) || (right.Exists && !right.IsString))
        {
            context.Reply.Error("ERR The specified keys must contain string values"u8);
            return;
        }

        if (!Options.TryParse(context, out var options))
        {
            return;
        }

        if (options is { Length: true, Indexes: true })
        {
            context.Reply.Error("ERR If you want both the length and indexes, please just use IDX."u8);
            return;
        }

        Span<byte> first = stackalloc byte[IntegerText.MaxLength];
        Span<byte> second = stackalloc byte[IntegerText.MaxLength];
        Answer(context, Text(left, first), Text(right, second), options);
    }

    private static ReadOnlySpan<byte> Text(KeyEntry entry, Span<byte> digits) => entry.Exists ? entry.Text(digits) : default;

    private static void Answer(CommandContext context, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, in Options options)
    {
        if ((left.Length + 1L) * (right.Length + 1L) * sizeof(int) > StringWrites.MaxLength)
        {
            context.Reply.Error("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len"u8);
            return;
        }

        var width = right.Length + 1;
        var lengths = Lengths(left, right);
        var length = lengths[(left.Length * width) + right.Length];
        if (options.Length)
        {
            context.Reply.Integer(length);
            return;
        }

        if (!options.Indexes)
        {
            var common = new byte[length];
            for (var walk = new Walk(left.Length, right.Length); walk.TryNext(left, right, lengths);)
            {
                common[--length] = left[walk.Left];
            }

            context.Reply.Bulk(common);
            return;
        }

        context.Reply.Map(2);
        context.Reply.Bulk("matches"u8);
        Matches(context, left, right, lengths, options);
        context.Reply.Bulk("len"u8);
        context.Reply.Integer(length);
    }

    /// <summary>At [i, j] the length of what the first i and the first j bytes have in common.</summary>
    private static int[] Lengths(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var width = right.Length + 1;
        var lengths = new int[(left.Length + 1) * width];
        for (var i = 1; i <= left.Length; i++)
        {
            var above = lengths.AsSpan((i - 1) * width, width);
            var row = lengths.AsSpan(i * width, width);
            for (var j = 1; j <= right.Length; j++)
            {
                row[j] = left[i - 1] == right[j - 1] ? above[j - 1] + 1 : Math.Max(above[j], row[j - 1]);
            }
        }

        return lengths;
    }

    /// <summary>Runs of bytes that are neighbours in both strings, the last first.</summary>
    private static void Matches(CommandContext context, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, int[] lengths, in Options options)
    {
        var mark = context.Reply.Length;
        var (count, run, endLeft, endRight, lastLeft, lastRight) = (0, 0, 0, 0, 0, 0);
        var walk = new Walk(left.Length, right.Length);
        while (walk.TryNext(left, right, lengths))
        {
            if (run > 0 && walk.Left == lastLeft - 1 && walk.Right == lastRight - 1)
            {
                run++;
            }
            else
            {
                count += Match(context, run, endLeft, endRight, options);
                (run, endLeft, endRight) = (1, walk.Left, walk.Right);
            }

            (lastLeft, lastRight) = (walk.Left, walk.Right);
        }

        count += Match(context, run, endLeft, endRight, options);
        context.Reply.ArrayAt(mark, count);
    }

    private static int Match(CommandContext context, int run, int endLeft, int endRight, in Options options)
    {
        if (run == 0 || run < options.Least)
        {
            return 0;
        }

        var reply = context.Reply;
        reply.Array(options.WithLengths ? 3 : 2);
        reply.Array(2);
        reply.Integer(endLeft - run + 1);
        reply.Integer(endLeft);
        reply.Array(2);
        reply.Integer(endRight - run + 1);
        reply.Integer(endRight);
        if (options.WithLengths)
        {
            reply.Integer(run);
        }

        return 1;
    }

    /// <summary>Walks a longest common subsequence from its end; where two ways are as good, as Redis does, towards the shorter right string.</summary>
    private struct Walk(int left, int right)
    {
        /// <summary>Position of the common byte in the left string.</summary>
        public int Left { get; private set; } = left;

        /// <summary>Position of the common byte in the right string.</summary>
        public int Right { get; private set; } = right;

        public bool TryNext(ReadOnlySpan<byte> leftText, ReadOnlySpan<byte> rightText, int[] lengths)
        {
            var width = rightText.Length + 1;
            while (Left > 0 && Right > 0)
            {
                if (leftText[Left - 1] == rightText[Right - 1])
                {
                    Left--;
                    Right--;
                    return true;
                }

                if (lengths[((Left - 1) * width) + Right] > lengths[(Left * width) + Right - 1])
                {
                    Left--;
                }
                else
                {
                    Right--;
                }
            }

            return false;
        }
    }

    private struct Options
    {
        public bool Length { get; private set; }

        public bool Indexes { get; private set; }

        public bool WithLengths { get; private set; }

        public long Least { get; private set; }

        public static bool TryParse(CommandContext context, out Options options)
        {
            options = default;
            for (var i = 3; i < context.Count; i++)
            {
                if (context.Is(i, "IDX"u8))
                {
                    options.Indexes = true;
                }
                else if (context.Is(i, "LEN"u8))
                {
                    options.Length = true;
                }
                else if (context.Is(i, "WITHMATCHLEN"u8))
                {
                    options.WithLengths = true;
                }
                else if (context.Is(i, "MINMATCHLEN"u8) && i + 1 < context.Count)
                {
                    if (!context.TryInteger(++i, out var least))
                    {
                        return false;
                    }

                    options.Least = least;
                }
                else
                {
                    context.SyntaxError();
                    return false;
                }
            }

            return true;
        }
    }
}
