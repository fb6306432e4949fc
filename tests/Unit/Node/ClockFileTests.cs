using Trefoil.Node.Assertions;
using Trefoil.Primitives;
using Trefoil.Storage;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Node;

public class ClockFileTests
{
    private static readonly NodeId Self = new(1, 2);

    [Fact]
    public void No_reading_is_given_twice_even_with_the_wall_clock_set_back_between_two_starts()
    {
        var disk = new MemoryDisk();
        var last = default(HybridTime);
        foreach (var wallMs in (long[])[1_000_000, 2_000_000, 1_000, 5_000_000])
        {
            var clock = Open(disk, wallMs);
            for (var i = 0; i < 3; i++)
            {
                var reading = clock.Read();
                Assert.True(reading > last, $"{reading} after {last}");
                last = reading;
            }

            disk.Crash(new Prng(1), CrashMode.LoseAll);
        }

        Assert.Equal(5_000_000, last.PhysicalMs);
    }

    [Fact]
    public void A_file_that_is_not_what_was_written_is_refused()
    {
        var disk = new MemoryDisk();
        Open(disk, 1000).Read();
        using (var file = disk.Open("hlc", create: false))
        {
            file.Write(file.Length - 1, [0xFF]);
        }

        Assert.Null(ClockFile.Open(disk, Self, TimeProvider.System, _ => { }, out var refusal));
        Assert.Contains("hlc", refusal, StringComparison.Ordinal);
    }

    private static ClockFile Open(IDisk disk, long wallMs) =>
        ClockFile.Open(disk, Self, new FakeClock(DateTimeOffset.FromUnixTimeMilliseconds(wallMs)), error => throw error, out _)!;
}
