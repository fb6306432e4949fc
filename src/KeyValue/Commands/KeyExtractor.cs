using System.Text;
using Trefoil.KeyValue.Commands.Data;
using Trefoil.KeyValue.Migration;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands;

/// <summary>Finds the keys among a command's arguments from its row alone: fixed positions, or Redis 7's key specifications.</summary>
internal static class KeyExtractor
{
    /// <summary>Adds the positions of the keys; false when the arguments are malformed (COMMAND GETKEYS: invalid arguments).</summary>
    public static bool TryFind(CommandSpec spec, CommandContext arguments, int offset, List<(int Position, KeySpecification Specification)> found)
    {
        var count = arguments.Count - offset;
        if (spec.Name == "migrate")
        {
            // Its specifications are marked incomplete: only its own words tell.
            var (first, keys) = MigrateRequest.Keys(arguments, offset);
            for (var i = first; i < first + keys; i++)
            {
                found.Add((i, spec.KeySpecs[first > 3 ? 1 : 0]));
            }

            return true;
        }

        if (spec.Name == "sort" && SortOptions.Destination(arguments, offset) is var destination and > 0)
        {
            found.Add((1, spec.KeySpecs[0]));
            found.Add((destination, spec.KeySpecs[^1]));
            return true;
        }

        foreach (var specification in spec.KeySpecs)
        {
            if (Start(specification.Begin, arguments, offset) is not { } first)
            {
                continue;
            }

            if (!Collect(specification, first, count, arguments, offset, found))
            {
                return false;
            }
        }

        return true;
    }

    private static int? Start(KeySearchStart begin, CommandContext arguments, int offset)
    {
        var count = arguments.Count - offset;
        switch (begin)
        {
            case KeySearchStart.Index index:
                return index.Position < count ? index.Position : null;
            case KeySearchStart.Keyword keyword:
                var word = Encoding.ASCII.GetBytes(keyword.Word);
                var step = keyword.StartFrom > 0 ? 1 : -1;
                for (var at = keyword.StartFrom > 0 ? keyword.StartFrom : count + keyword.StartFrom; at >= 1 && at < count; at += step)
                {
                    if (arguments.Is(at + offset, word))
                    {
                        return at + 1 < count ? at + 1 : null;
                    }
                }

                return null;
            default:
                return null;
        }
    }

    private static bool Collect(
        KeySpecification specification, int first, int count, CommandContext arguments, int offset, List<(int Position, KeySpecification Specification)> found)
    {
        var find = specification.Find;
        int last, step;
        switch (find)
        {
            case KeySearch.Range range:
                step = range.Step;
                last = range.LastKey >= 0 ? first + range.LastKey
                    : range.Limit is 0 or 1 ? count + range.LastKey
                    : first + ((count - first) / range.Limit) + range.LastKey;
                break;
            case KeySearch.KeyNumber number:
                step = number.Step;
                var at = first + number.NumberIndex;
                if (at >= count || !RespNumber.TryParse(arguments[at + offset], out var keys) || keys < 0 || keys > count)
                {
                    return false;
                }

                first += number.FirstKey;
                last = first + (((int)keys - 1) * step);
                break;
            default:
                return true;
        }

        if (last >= count || last < first)
        {
            return false;
        }

        for (var at = first; at <= last; at += step)
        {
            found.Add((at, specification));
        }

        return true;
    }
}
