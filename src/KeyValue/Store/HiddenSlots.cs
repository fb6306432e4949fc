using Trefoil.Primitives;

namespace Trefoil.KeyValue.Store;

/// <summary>Slots whose keys are here but not this node's: copies on their way in, and what is left of slots that have moved away. Immutable.</summary>
/// <remarks>Nobody may see such a key (it is another node's to show), and nothing happens to it but by whoever moves it: it neither expires nor is evicted.</remarks>
internal sealed class HiddenSlots
{
    private readonly bool[] _isHidden = new bool[HashSlot.Count];
    private readonly List<int> _slots = [];

    public HiddenSlots(IEnumerable<int> slots)
    {
        foreach (var slot in slots)
        {
            if (!_isHidden[slot])
            {
                _isHidden[slot] = true;
                _slots.Add(slot);
            }
        }
    }

    /// <summary>In the order in which they were given, each once.</summary>
    public IReadOnlyList<int> Slots => _slots;

    public bool Contains(int slot) => _isHidden[slot];
}
