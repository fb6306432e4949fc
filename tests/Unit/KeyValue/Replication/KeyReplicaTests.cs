using Trefoil.Primitives;
using Trefoil.Storage;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.Replication;

/// <summary>Two copies, every kind of write, and all that happens to links, disks and roles: a copy that has the whole log has the same keys.</summary>
public sealed class KeyReplicaTests
{
    private static readonly ClusterId Cluster = new(7, 7);

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void A_replica_equals_its_primary_after_ten_thousand_commands(ulong seed, bool appendOnly)
    {
        var random = new Prng(seed);
        var pipe = new Pipe(random);
        var clock = new FakeClock();
        using var primary = Copy.Open(new MemoryDisk(), clock, appendOnly, backlogBytes: 600);
        using var replica = Copy.Open(new MemoryDisk(), clock, appendOnly, backlogBytes: 600);
        primary.Lead(Cluster, 1);
        for (var i = 0; i < 10_000; i++)
        {
            primary.Change(random);
            switch (random.Below(120))
            {
                case 0:
                    pipe.Link(primary, replica);
                    break;
                case 1:
                    pipe.CatchUp(primary, replica);
                    Assert.Equal(primary.Contents(), replica.Contents());
                    break;
                case 2:
                    (random.Below(2) == 0 ? primary : replica).Pump();
                    break;
            }
        }

        pipe.CatchUp(primary, replica);
        Assert.Equal(primary.Contents(), replica.Contents());
        Assert.True(pipe is { Resumed: > 30, Installed: > 3, Refused: > 0 }, $"{pipe.Resumed} resumed, {pipe.Installed} installed, {pipe.Refused} refused");
    }

    /// <summary>Whoever is made the primary, with or without the newest records: the other one comes to what it has.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Copies_agree_again_after_any_change_of_roles_and_any_crash(bool appendOnly)
    {
        var (installed, resumed) = (0, 0);
        for (ulong seed = 0; seed < 6; seed++)
        {
            var random = new Prng(seed);
            var pipe = new Pipe(random);
            var clock = new FakeClock();
            Copy[] copies = [Copy.Open(new MemoryDisk(), clock, appendOnly, 20_000), Copy.Open(new MemoryDisk(), clock, appendOnly, 20_000)];
            var epoch = 1UL;
            copies[0].Lead(Cluster, epoch);
            for (var i = 0; i < 1500; i++)
            {
                copies[0].Change(random);
                switch (random.Below(100))
                {
                    case 0 or 1 or 2:
                        pipe.Link(copies[0], copies[1]);
                        break;
                    case 3:
                        copies[0].Replica.Follow();
                        Turn(copies, random, Cluster, ++epoch);
                        break;
                    case 4:
                        Crash(copies, random, clock, appendOnly);
                        Turn(copies, random, Cluster, ++epoch);
                        break;
                    case 5:
                        Save(copies[random.Below(2)]);
                        break;
                    case 6:
                        pipe.CatchUp(copies[0], copies[1]);
                        Assert.Equal(copies[0].Contents(), copies[1].Contents());
                        break;
                    case 7:
                        copies[random.Below(2)].Pump();
                        break;
                }
            }

            pipe.IsBad = false;
            pipe.CatchUp(copies[0], copies[1]);
            Assert.Equal(copies[0].Contents(), copies[1].Contents());
            (installed, resumed) = (installed + pipe.Installed, resumed + pipe.Resumed);
            copies[0].Dispose();
            copies[1].Dispose();
        }

        Assert.True(installed > 10 && resumed > 10, $"{installed} installed, {resumed} resumed");
    }

    /// <summary>Either copy, unless its state is no cut: the core never begins an epoch on such a one.</summary>
    private static void Turn(Copy[] copies, Prng random, ClusterId cluster, ulong epoch)
    {
        if ((random.Below(2) == 0 && copies[1].Log.IsConsistent) || !copies[0].Log.IsConsistent)
        {
            (copies[0], copies[1]) = (copies[1], copies[0]);
        }

        copies[0].Lead(cluster, epoch);
    }

    /// <summary>One or both lose their machine; the primary is deposed in any case.</summary>
    private static void Crash(Copy[] copies, Prng random, FakeClock clock, bool appendOnly)
    {
        copies[0].Replica.Follow();
        var victims = random.Below(3);
        for (var i = 0; i < 2; i++)
        {
            if (victims == i || victims == 2)
            {
                var copy = copies[i];
                copy.Disk.Crash(random, (CrashMode)random.Below(3));
                copies[i] = Copy.Open(copy.Disk, clock, appendOnly, 20_000);
                copy.Dispose();
            }
        }
    }

    private static void Save(Copy copy)
    {
        if (copy.Storage.Snapshots.TryStart(isRewrite: false, out var done))
        {
            Assert.True(done.Result, copy.Storage.Snapshots.LastError);
        }
    }
}
