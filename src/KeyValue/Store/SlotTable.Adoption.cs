namespace Trefoil.KeyValue.Store;

/// <summary>Taking over what another store holds.</summary>
public sealed partial class SlotTable
{
    /// <summary>The slot that this table is of.</summary>
    internal int Slot => _slot;

    /// <summary>Takes keys, expiries and LSN of <paramref name="other"/>, which is of the same slot and nobody's afterwards, in the place of its own.</summary>
    internal void Become(SlotTable other)
    {
        AbortWatches();
        ForgetExpiries();
        _owner.CountChanged(_slot, other._index.Count - _index.Count);
        (_index, _expiries) = (other._index, other._expiries);
        (Bytes, ExpiringCount, LastLsn) = (other.Bytes, other.ExpiringCount, other.LastLsn);
        _owner.NextExpiryChanged(_slot, _expiries?.NextMs ?? Values.KeyedValue.NoExpiry);
    }
}
