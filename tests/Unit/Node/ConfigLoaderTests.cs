using System.Text;
using Trefoil.Node.Configuration;
using Trefoil.Primitives;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Node;

public sealed class ConfigLoaderTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    [Fact]
    public void Flags_win_over_the_environment_and_that_over_the_file()
    {
        File.WriteAllText(_path, "resp_port = 1001\nrpc_port = 1002\nswim_port = 1003\nseeds = [\"10.0.0.1:6379\", \"[::1]:6380\"]\n");

        var config = ConfigLoader.Load(
            _path,
            new Dictionary<string, string> { ["TREFOIL_RPC_PORT"] = "2002", ["TREFOIL_SWIM_PORT"] = "2003", ["HOME"] = "/" },
            [new("swim_port", "3003")],
            out var problems);

        Assert.Empty(problems);
        Assert.Equal((1001, 2002, 3003), (config!.RespPort, config.RpcPort, config.SwimPort));
        Assert.Equal([new HostPort("10.0.0.1", 6379), new HostPort("::1", 6380)], config.Seeds);
    }

    [Theory]
    [InlineData("resp_prot = 1", "line 1, column 1: unknown key 'resp_prot'; did you mean 'resp_port'?")]
    [InlineData("\nresp_port = 70000", "line 2, column 13: resp_port must be a whole number in 1..65535, not '70000'")]
    [InlineData("resp_port = \"6379\"", "line 1, column 13: resp_port must be 1..65535, not a string")]
    [InlineData("swim_profile = \"slow\"", "line 1, column 16: swim_profile must be one of lan, wan, local, not 'slow'")]
    [InlineData("replication_mode = \"fast\"", "line 1, column 20: replication_mode must be one of asynchronous, quorum, synchronous, not 'fast'")]
    [InlineData("bootstrap = 1", "line 1, column 13: bootstrap must be true|false, not an integer")]
    [InlineData("seeds = [\"nowhere\"]", "line 1, column 9: seeds must hold addresses like 127.0.0.1:6379, not 'nowhere'")]
    public void A_wrong_file_is_refused_with_its_place_and_what_is_wrong(string text, string problem)
    {
        File.WriteAllText(_path, text);

        Assert.Null(ConfigLoader.Load(_path, new Dictionary<string, string>(), [], out var problems));
        Assert.Equal([$"{_path}: {problem}"], problems);
    }

    [Fact]
    public void A_file_that_is_no_toml_is_refused_with_line_and_column()
    {
        File.WriteAllText(_path, "resp_port = 1\nrpc_port 2\n");

        Assert.Null(ConfigLoader.Load(_path, new Dictionary<string, string>(), [], out var problems));
        Assert.StartsWith($"{_path}: line 2, column ", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_misspelt_variable_is_refused_and_not_ignored()
    {
        Assert.Null(ConfigLoader.Load(null, new Dictionary<string, string> { ["TREFOIL_RESP_PROT"] = "1" }, [], out var problems));
        Assert.Equal(["environment: unknown key 'TREFOIL_RESP_PROT'; did you mean 'TREFOIL_RESP_PORT'?"], problems);
    }

    [Fact]
    public void All_problems_are_said_at_once()
    {
        File.WriteAllText(_path, "resp_port = 0\nzzz = 1\n");

        Assert.Null(ConfigLoader.Load(_path, new Dictionary<string, string>(), [new("max_clients", "many")], out var problems));
        Assert.Equal(3, problems.Count);
    }

    [Fact]
    public void The_keys_are_as_published()
    {
        var text = new StringBuilder();
        foreach (var key in ConfigKeys.All)
        {
            text.Append(key.Name).Append(" = ").Append(key.Default).Append("  # ").Append(key.Form).Append("; ").Append(key.Summary).Append('\n');
        }

        Golden.Check("Node", "config-keys", text.ToString());
    }

    public void Dispose() => File.Delete(_path);
}
