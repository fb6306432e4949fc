namespace Trefoil.KeyValue.Store;

/// <summary>One client's interest in one key (WATCH): broken by the first change of it.</summary>
internal sealed class KeyWatch(int slot, byte[] key)
{
    private volatile bool _broken;

    public int Slot => slot;

    public ReadOnlySpan<byte> Key => key;

    /// <summary>The key was changed, removed, or made. Set under the slot's lock.</summary>
    public bool IsBroken
    {
        get => _broken;
        set => _broken = value;
    }
}
