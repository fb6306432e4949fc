namespace Trefoil.Storage.Ordered;

/// <summary>An ordered store cannot read or write: the disk failed, or a stored block is not what was written.</summary>
/// <remarks>Damaged blocks are reported, never returned as data; the text names the store and says what to do.</remarks>
public sealed class OrderedStoreFailure(string message, bool isCorruption) : IOException(message)
{
    /// <summary>What is stored is damaged; otherwise the disk or the system said no.</summary>
    public bool IsCorruption { get; } = isCorruption;
}
