using Trefoil.KeyValue.Effects;

namespace Trefoil.KeyValue.Store;

/// <summary>A slot on its way to another node.</summary>
public sealed partial class SlotTable
{
    /// <summary>The bit of <see cref="_bars"/> that says frozen; those below count the fences.</summary>
    private const int HeldBar = 1 << 30;

    private int _bars;
    private bool _isImporting;

    /// <summary>Commands may not simply run: whoever has the lock looks why.</summary>
    internal bool IsBarred => _bars != 0;

    /// <summary>True while the slot, empty, is being given to another node: nothing may put a key into it.</summary>
    internal bool IsFenced => Fences > 0;

    /// <summary>How many changes of owner are under way that expect the slot to be empty.</summary>
    internal int Fences
    {
        get => _bars & ~HeldBar;
        set => _bars = (_bars & HeldBar) | value;
    }

    /// <summary>Frozen: no command runs on the slot, and no record of it is made, until it is known who owns it.</summary>
    internal bool IsHeld
    {
        get => (_bars & HeldBar) != 0;
        set => _bars = value ? _bars | HeldBar : _bars & ~HeldBar;
    }

    /// <summary>Nothing may go by itself: the slot is frozen, or its keys are not this node's.</summary>
    private bool IsQuiet => IsHeld || _owner.IsHidden(_slot);

    /// <summary>Whoever watches a key of the slot cannot know whether it will be the same value.</summary>
    internal void AbortWatches() => _watches?.ForEach(static watch => watch.IsBroken = true);

    /// <summary>Removes all keys of the slot, recorded; nothing if there are none.</summary>
    internal void RemoveAll()
    {
        if (_index.Count == 0)
        {
            return;
        }

        RecordClear();
        Clear();
    }

    /// <summary>
    /// Applies another node's record and appends it to the log as it is: effects mean the same everywhere, so none is written anew, and the log is held
    /// up for a copy of bytes only. False for a kind that this version does not know: then the slot is emptied, recorded, since nobody could
    /// tell how much of it was applied.
    /// </summary>
    internal bool Import(ReadOnlySpan<byte> record)
    {
        var effect = new EffectReader(record);
        var isKnown = true;
        _isImporting = true;
        try
        {
            while (isKnown && effect.Next())
            {
                isKnown = Apply(ref effect);
            }
        }
        finally
        {
            _isImporting = false;
        }

        if (!isKnown || effect.Failed)
        {
            RecordClear();
            Clear();
            return false;
        }

        LastLsn = _owner.Log!.AppendImported(record);
        return true;
    }

    private void RecordClear()
    {
        if (_owner.Log is { IsFollowing: false } log && !_isImporting)
        {
            LastLsn = log.Enter();
            log.Effects.Begin(_slot, EffectKind.ClearSlot, default);
            End();
        }
    }
}
