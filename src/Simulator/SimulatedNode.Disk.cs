using Trefoil.ControlPlane;
using Trefoil.KeyValue.Persistence;
using Trefoil.Primitives;
using Trefoil.Storage;

namespace Trefoil.Simulator;

/// <summary>What a machine's disk does wrong, and what the process makes of it.</summary>
internal sealed partial class SimulatedNode
{
    private const int FlipAttempts = 8;

    /// <summary>Its disk is slow: what a sync takes at most; zero: as the others.</summary>
    public TimeSpan SlowSync { get; set; }

    /// <summary>Bits were turned on its disk, and no process has been sound on it since.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Lets one of the next disk calls fail, which kills the process.</summary>
    /// <remarks>
    /// Not one of the key-value log's where copies count once the kernel has them: a sync that fails takes pages with it, and of a shard's only copy that
    /// is what was acknowledged.
    /// </remarks>
    public void FailDisk(int call)
    {
        if (_world.Options.Shards && _world.Plan.AckDurable && _random.Chance(0.5))
        {
            Keys.Disk.FailAt(call);
        }
        else
        {
            _disk.FailAt(call);
        }
    }

    /// <summary>No room is left on the machine's disk; false: there is again.</summary>
    public void FillDisk(bool isFull)
    {
        _disk.IsFull = isFull;
        Keys.Disk.IsFull = isFull;
    }

    /// <summary>What one sync takes, now.</summary>
    public TimeSpan SyncTime()
    {
        var most = _world.Faults.Current.MaxSync;
        return _random.Between(TimeSpan.Zero, SlowSync > most ? SlowSync : most);
    }

    /// <summary>Turns a bit in a file, while nothing runs. False: there is none that could be turned.</summary>
    /// <remarks>
    /// Bits of a log's tail are left alone where the turned one would pass for a crash's torn tail: no header behind them says that they were durable, so
    /// no process can tell, and what only this node held may then be lost (correctness.md, 4). Everything else must be noticed, or not matter.
    /// </remarks>
    public bool FlipBit()
    {
        var isKeys = _world.Options.Shards && _random.Chance(0.6);
        var disk = isKeys ? Keys.Disk : _disk;
        var files = disk.DurableFiles().Where(file => file.Length > 0).ToList();
        for (var attempt = 0; files.Count > 0 && attempt < FlipAttempts; attempt++)
        {
            var (path, length) = files[_random.Below(files.Count)];
            var bit = (_random.Below((int)length) * 8L) + _random.Below(8);
            var (sound, damaged) = (disk.Clone(), disk.Clone());
            damaged.FlipBit(path, bit);
            if (isKeys ? TornKeys(damaged) <= TornKeys(sound) : TornControl(damaged) <= TornControl(sound))
            {
                disk.FlipBit(path, bit);
                IsDamaged = true;
                _world.Note("flip", Index, -1, (ulong)bit, $"bit {bit} of {path}");
                return true;
            }
        }

        return false;
    }

    /// <summary>The disk may not be used: found damage, or an objection, since nothing explains it.</summary>
    public Exception Refused(string refusal) =>
        IsDamaged ? new DamageFound(refusal) : new OracleViolation($"n{Index} cannot be started: {refusal}");

    /// <summary>Nobody goes on with a file once a sync of it has failed.</summary>
    public void CheckSyncs()
    {
        if (_disk.UsesAfterFailedSync + Keys.Disk.UsesAfterFailedSync > 0)
        {
            throw new OracleViolation($"n{Index} went on writing to a file after a sync of it had failed");
        }
    }

    /// <summary>Bytes that a start would take for torn; 0 where it would refuse.</summary>
    private static long TornControl(MemoryDisk disk) =>
        ControlStore.Open(disk, Simulation.ClusterName, new Prng(1)) is ControlOpenResult.Opened(var store, var restore) ? Closed(store, restore.Log?.TornBytes ?? 0) : 0;

    private static long TornKeys(MemoryDisk disk) =>
        Wal.Open(disk, KeyStorageOptions.LogDirectory, new WalOptions { RollsByItself = false }, static (_, _, _) => { }) is WalOpenResult.Opened(var log, var found)
            ? Closed(log, found.TornBytes) : 0;

    private static long Closed(IDisposable store, long torn)
    {
        store.Dispose();
        return torn;
    }

    private sealed class DamageFound(string refusal) : Exception(refusal);
}
