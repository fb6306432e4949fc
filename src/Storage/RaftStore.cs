namespace Trefoil.Storage;

/// <summary>Everything that Raft persists.</summary>
public sealed class RaftStore : IDisposable
{
    private RaftStore()
    {
    }

    /// <summary>Opens or creates the store in a directory of the disk.</summary>
    public static RaftOpenResult Open(IDisk disk, string directory) => throw new NotImplementedException();

    /// <summary>Performs one step; see <see cref="RaftWrite"/>. Throws <see cref="DiskFailure"/>, after which it refuses everything.</summary>
    public void Write(RaftWrite write) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
