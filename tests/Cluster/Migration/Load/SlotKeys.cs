using System.Collections.Concurrent;
using System.Text;
using Trefoil.Primitives;

namespace Trefoil.Cluster.Migration.Load;

/// <summary>Keys of chosen slots, by hash tags.</summary>
internal static class SlotKeys
{
    private static readonly ConcurrentDictionary<int, string> Tags = new();

    /// <summary>The key number <paramref name="number"/> of a slot (0..16383); the same whenever it is asked for.</summary>
    public static string Of(int slot, string number) => $"{{{TagOf(slot)}}}:{number}";

    private static string TagOf(int slot)
    {
        if (Tags.IsEmpty)
        {
            for (var i = 0; Tags.Count < HashSlot.Count; i++)
            {
                var tag = $"t{i:x}";
                Tags.TryAdd(HashSlot.Of(Encoding.ASCII.GetBytes(tag)), tag);
            }
        }

        SpinWait.SpinUntil(() => Tags.ContainsKey(slot));
        return Tags[slot];
    }
}
