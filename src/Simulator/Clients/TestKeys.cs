using System.Globalization;
using System.Text;
using Trefoil.Primitives;

namespace Trefoil.Simulator.Clients;

/// <summary>Names of keys in the first few slots, which are those that operators move about.</summary>
internal static class TestKeys
{
    /// <summary>Slots that have keys.</summary>
    public const int Slots = 8;

    /// <summary>Their numbers.</summary>
    public static IEnumerable<int> All => Enumerable.Range(0, Slots);

    private static readonly string[] Tags = FindTags();

    /// <summary>A key of a slot: <c>{tag}name</c>.</summary>
    public static string Name(int slot, string kind, int number, int generation = 0) =>
        string.Create(CultureInfo.InvariantCulture, $"{{{Tags[slot]}}}{kind}{number}.{generation}");

    private static string[] FindTags()
    {
        var tags = new string[Slots];
        for (int n = 0, found = 0; found < Slots; n++)
        {
            var tag = n.ToString(CultureInfo.InvariantCulture);
            if (HashSlot.Of(Encoding.ASCII.GetBytes(tag)) is var slot && slot < Slots && tags[slot] is null)
            {
                tags[slot] = tag;
                found++;
            }
        }

        return tags;
    }
}
