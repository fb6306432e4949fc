using Trefoil.Primitives;
using Trefoil.Storage;

namespace Trefoil.Node.Assertions;

/// <summary>The node's hybrid clock, whose bound outlives the process: no reading is given twice, whatever the wall clock does between two starts.</summary>
/// <remarks>A bound is good for seconds, so a busy node writes its file every few; an idle one before its next reading.</remarks>
internal sealed class ClockFile
{
    private const string Path = "hlc";
    private readonly Lock _gate = new();
    private readonly IDisk _disk;
    private readonly TimeProvider _time;
    private readonly HybridClock _clock;
    private readonly Action<IOException> _diskFailed;

    private ClockFile(IDisk disk, TimeProvider time, HybridClock clock, Action<IOException> diskFailed) =>
        (_disk, _time, _clock, _diskFailed) = (disk, time, clock, diskFailed);

    /// <summary>Reads the bound back; null, and why, if the file is not what was written.</summary>
    /// <param name="disk">The data directory.</param>
    /// <param name="self">Whose readings they are.</param>
    /// <param name="time">The wall clock.</param>
    /// <param name="diskFailed">Told when a bound cannot be written; must end the process.</param>
    /// <param name="refusal">Why not.</param>
    public static ClockFile? Open(IDisk disk, NodeId self, TimeProvider time, Action<IOException> diskFailed, out string refusal)
    {
        refusal = "";
        var bound = 0L;
        switch (AtomicFile.Read(disk, Path))
        {
            case AtomicFileResult.Corrupt corrupt:
                refusal = corrupt.Refusal;
                return null;
            case AtomicFileResult.Found found:
                var reader = new ByteReader(found.Content.Span);
                bound = (long)reader.UInt64();
                if (!reader.Ended || bound is < 0 or > HybridTime.MaxPhysicalMs)
                {
                    refusal = $"'{Path}' in the data directory holds no bound of a clock: remove it only if the wall clock was never set back.";
                    return null;
                }

                break;
        }

        return new ClockFile(disk, time, new HybridClock(self, bound), diskFailed);
    }

    /// <summary>The next reading, later than all before. Any thread; may wait for the disk.</summary>
    public HybridTime Read()
    {
        lock (_gate)
        {
            HybridTime reading;
            while (!_clock.TryRead(_time.GetUtcNow().ToUnixTimeMilliseconds(), out reading))
            {
                Persist();
            }

            return reading;
        }
    }

    private void Persist()
    {
        try
        {
            var writer = new ByteWriter(8);
            writer.UInt64((ulong)_clock.BoundToPersist);
            AtomicFile.Write(_disk, Path, writer.Written);
            _clock.Persisted(_clock.BoundToPersist);
        }
        catch (IOException error)
        {
            _diskFailed(error);
            throw;
        }
    }
}
