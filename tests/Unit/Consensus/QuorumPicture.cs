using System.Globalization;
using System.Text;

namespace Trefoil.Unit.Consensus;

/// <summary>The bars that the public quorum cases draw, and a second way to compute what they show.</summary>
internal static class QuorumPicture
{
    /// <summary>One row per voter: a bar as long as the number of voters with a lower index, then the index.</summary>
    public static string Draw(ulong[] voters, Dictionary<ulong, ulong> acknowledged)
    {
        if (voters.Length == 0)
        {
            return "<empty majority quorum>";
        }

        var width = voters.Length;
        var text = new StringBuilder(new string(' ', width + 4)).Append("idx\n");
        foreach (var id in voters)
        {
            var known = acknowledged.TryGetValue(id, out var index);
            var bar = voters.Count(other => acknowledged.GetValueOrDefault(other) < index);
            text.Append(known ? new string('x', bar) + '>' + new string(' ', width - bar) : '?' + new string(' ', width))
                .Append(CultureInfo.InvariantCulture, $" {index,5}    (id={id})\n");
        }

        return text.ToString();
    }

    /// <summary>The highest acknowledged index that a majority is at or above: no sorting, only counting.</summary>
    public static ulong CommittedByCounting(ulong[] voters, Func<ulong, ulong> acknowledged) =>
        voters.Length == 0
            ? ulong.MaxValue
            : voters.Select(acknowledged)
                .Where(index => voters.Count(id => acknowledged(id) >= index) > voters.Length / 2)
                .DefaultIfEmpty(0UL)
                .Max();
}
