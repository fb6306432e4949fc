using Trefoil.Storage;

namespace Trefoil.Simulator.Planting;

/// <summary>Mistakes between a process and its disk.</summary>
internal static class DiskBugs
{
    /// <summary>Says that contents are durable, and has not asked the disk.</summary>
    internal sealed class NoSync : Sabotage
    {
        public override IDisk Disk(SimulatedNode node, IDisk disk) => new CarelessDisk(disk) { SyncsFiles = false };
    }

    /// <summary>Renames, and leaves the directory to itself.</summary>
    internal sealed class NoDirectorySync : Sabotage
    {
        public override IDisk Disk(SimulatedNode node, IDisk disk) => new CarelessDisk(disk) { SyncsDirectories = false };
    }
}
