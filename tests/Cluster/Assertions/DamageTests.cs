using System.Text.RegularExpressions;
using Trefoil.Cluster.Differential;
using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Assertions;

/// <summary>A byte that is not the one written is found and said; it is never served as data.</summary>
public sealed class DamageTests : IDisposable
{
    /// <summary>Through every index: all keys, all candidates.</summary>
    private const string Everything = "/v1/query?prefix=kill&lens=all&limit=1000";

    private readonly ServedNode _node = ServedNode.Create("--assertions", "true", "--api-port", $"{RedisServer.FreePort()}");
    private string _everything = "";

    private string Kept => Path.Combine(_node.Directory, "kept");

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task A_flipped_byte_of_the_log_refuses_the_start_and_says_where()
    {
        await WriteAsync();
        await _node.KillAsync();
        var log = FilesOf("wal/assertions/.*\\.wal").Single();
        Flip(log, new FileInfo(log).Length / 2);

        var (code, said) = await _node.StartRefusedAsync();

        Assert.Equal(1, code);
        Assert.Contains(Path.GetFileName(log), said, StringComparison.Ordinal);
        Assert.Contains("durable", said, StringComparison.Ordinal);
    }

    /// <summary>A test run flips a byte in four places, soak in a hundred: the tables' and, in soak, the log's and the list of the tables.</summary>
    [Fact]
    [Trait(Soak.Trait, "yes")]
    public async Task A_flipped_byte_anywhere_is_said_by_the_start_or_by_the_read_and_never_served()
    {
        var claims = await WriteAsync();
        await _node.StopAsync();
        Copy(_node.DataDirectory, Kept);
        var random = new Random(8);
        var files = FilesOf(Soak.IsOn ? "db/assertions/(.*\\.sst|MANIFEST-[0-9]+)|wal/assertions/.*\\.wal" : "db/assertions/.*\\.sst");
        var found = 0;
        for (var round = 0; round < Soak.Times(inTest: 4, inSoak: 100); round++)
        {
            var file = files[random.Next(files.Length)];
            found += await IsFoundAsync(file, random.NextInt64(new FileInfo(file).Length), claims) ? 1 : 0;
        }

        // Filters, and what only other routes read, are not met by these reads.
        Assert.True(found > 0, "no flip was noticed");
        await _node.StartAsync();
        using var judge = new ClaimJudge(_node.ApiPort);
        await judge.AllAreKeptAsync(claims, "with every byte as it was");
    }

    [Fact]
    public async Task A_flipped_byte_of_what_is_read_at_the_start_refuses_it()
    {
        await WriteAsync();
        await _node.StopAsync();
        Copy(_node.DataDirectory, Kept);
        foreach (var pattern in new[] { "db/assertions/MANIFEST-[0-9]+", "db/assertions/CURRENT", "hlc" })
        {
            var file = FilesOf(pattern).Single();
            Flip(file, new FileInfo(file).Length / 2);

            var (code, said) = await _node.StartRefusedAsync();

            Assert.Equal(1, code);
            Assert.Matches("db/assertions|hlc", said);
            Restore();
        }

        Assert.Null(await _node.TryStartAsync());
    }

    private string[] FilesOf(string pattern) =>
    [
        .. Directory.GetFiles(_node.DataDirectory, "*", SearchOption.AllDirectories)
            .Where(path => Regex.IsMatch(Path.GetRelativePath(_node.DataDirectory, path), $"^({pattern})$"))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Flips a byte and, in the end, restores everything, as a start writes too; true if the node refused to start or to read. Whatever it serves meanwhile is right.</summary>
    private async Task<bool> IsFoundAsync(string file, long offset, IReadOnlyList<PostedClaim> claims)
    {
        var when = $"byte {offset} of {Path.GetFileName(file)} flipped";
        Flip(file, offset);
        var isFound = true;
        if (await _node.TryStartAsync() is { } said)
        {
            Assert.True(said.Contains("/assertions", StringComparison.Ordinal), $"{when}: the node ended without saying why:\n{said}");
        }
        else
        {
            using var judge = new ClaimJudge(_node.ApiPort);
            var isWhole = await judge.IsRightOrSaidAsync(Everything, _everything, when);
            var problems = await judge.NoneIsWrongAsync(claims, when);
            await _node.KillAsync();
            isFound = !isWhole || problems > 0;
            Assert.True(!isFound || (await _node.RestOfLogAsync()).Contains(Path.GetFileName(file), StringComparison.Ordinal), $"{when}: the log does not name the file");
        }

        Restore();
        return isFound;
    }

    /// <summary>Starts the node and has claims written.</summary>
    private async Task<IReadOnlyList<PostedClaim>> WriteAsync()
    {
        await _node.StartAsync();
        var writer = new ClaimWriter(_node.ApiPort, 0);
        ClaimWriter.Await([writer], 800);
        var claims = await writer.StopAsync();
        using var judge = new ClaimJudge(_node.ApiPort);
        _everything = await judge.ReadAsync(Everything);
        return claims;
    }

    /// <summary>Puts the data directory back to what was kept of it.</summary>
    private void Restore()
    {
        Directory.Delete(_node.DataDirectory, recursive: true);
        Copy(Kept, _node.DataDirectory);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static void Flip(string path, long offset)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = offset;
        var read = (byte)file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(read ^ 1));
    }
}
