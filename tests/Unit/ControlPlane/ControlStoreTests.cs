using Trefoil.Consensus;
using Trefoil.ControlPlane;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.ControlPlane;

public sealed class ControlStoreTests
{
    private static readonly ClusterId Cluster = new(7, 7);

    [Fact]
    public void Coming_back_to_a_cluster_never_meets_the_log_of_the_former_membership()
    {
        for (ulong seed = 0; seed < 50; seed++)
        {
            var (disk, random) = (new MemoryDisk(), new Prng(seed));
            var (store, identity) = Open(disk, random);
            Found(store, identity with { Cluster = Cluster, MemberId = 3 });
            Found(store, identity with { Cluster = new ClusterId(8, 8), MemberId = 1 });

            // What was deleted is deleted in part only.
            disk.Crash(random, CrashMode.Tear);
            (store, identity) = Open(disk, random);
            Found(store, identity with { Cluster = Cluster, MemberId = 7 });
            disk.Crash(random, CrashMode.Tear);
            (_, identity) = Open(disk, random);
            Assert.Equal((Cluster, 7UL), (identity.Cluster, identity.MemberId));
        }
    }

    [Fact]
    public void The_identity_comes_back_with_a_higher_boot_epoch_and_its_offer()
    {
        var (disk, random) = (new MemoryDisk(), new Prng(1));
        var (store, identity) = Open(disk, random);
        var offer = new Offer(new RequestId(identity.Node, 5), new HostPort("10.0.0.2", 7002), new NodeId(4, 4), new ClusterId(5, 5));
        store.Perform(new ControlEffect.SaveIdentity(identity with { Offer = offer, Dissolved = Cluster }));
        disk.Crash(random, CrashMode.LoseAll);

        var (_, kept) = Open(disk, random);
        Assert.Equal(identity with { Offer = offer, Dissolved = Cluster, BootEpoch = identity.BootEpoch + 1 }, kept);
    }

    [Fact]
    public void A_directory_of_another_cluster_name_is_refused()
    {
        var (disk, random) = (new MemoryDisk(), new Prng(1));
        Open(disk, random);
        Assert.IsType<ControlOpenResult.Refused>(ControlStore.Open(disk, "other", random));
    }

    private static (ControlStore Store, Identity Identity) Open(MemoryDisk disk, Prng random)
    {
        var opened = Assert.IsType<ControlOpenResult.Opened>(ControlStore.Open(disk, "test", random));
        return (opened.Store, opened.Restore.Identity);
    }

    private static void Found(ControlStore store, Identity identity)
    {
        store.Perform(new ControlEffect.StartLog(identity.Cluster, identity.MemberId));
        store.Perform(new ControlEffect.Persist(new RaftWrite
        {
            Ballot = (2, 1),
            Snapshot = new StoredSnapshot(1, 1, ConfigurationCodec.Encode(Configuration.Of(identity.MemberId)), default),
            SnapshotReplacesLog = true,
            Entries = [new StoredEntry(2, 2, 0, new byte[] { 1 })],
            Commit = 1,
            MustSync = true,
        }));
        store.Perform(new ControlEffect.SaveIdentity(identity));
    }
}
