using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Failover.Network;

/// <summary>Hosts with a network of their own: one namespace each, wired to a bridge in one more, which drops what the test says.</summary>
/// <remarks>Host 0 is for clients. Nothing touches the machine's own network; all of it goes with the namespaces.</remarks>
internal sealed class NetworkLab : IAsyncDisposable
{
    private const string Prefix = "tftest";
    private static int _labs;

    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}-{Environment.ProcessId}-{Interlocked.Increment(ref _labs)}");
    private readonly List<string> _rules = [];

    private NetworkLab(int hosts) => Hosts = hosts;

    public int Hosts { get; }

    /// <summary>The namespace of a host.</summary>
    public string NameOf(int host) => string.Create(CultureInfo.InvariantCulture, $"{_name}-h{host}");

    public static string AddressOf(int host) => string.Create(CultureInfo.InvariantCulture, $"10.77.0.{host + 1}");

    /// <summary>Makes hosts 0 to <paramref name="hosts"/> - 1. Skips the test where namespaces cannot be made; where they can, a missing tool fails it.</summary>
    public static async Task<NetworkLab> CreateAsync(int hosts)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Skip("network namespaces need root, and the tests run as " + Environment.UserName);
        }

        Assert.True(File.Exists("/usr/sbin/ip") && File.Exists("/usr/sbin/nft"), "needs the Debian packages iproute2 and nftables; ./build.sh test installs them");
        await RemoveAbandonedAsync();
        var lab = new NetworkLab(hosts);
        var probe = await Tool.RunAsync("ip", "netns", "add", lab.Switch);
        if (probe.ExitCode != 0 && probe.Error.Contains("not permitted", StringComparison.OrdinalIgnoreCase))
        {
            Assert.Skip("network namespaces are not permitted here: " + probe.Error.Trim());
        }

        try
        {
            probe.Ok();
            await lab.WireAsync();
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>A socket of this host.</summary>
    public Socket Tcp(int host) => NamespaceSockets.Tcp(NameOf(host));

    /// <summary>What one host sends to another is lost, silently; the other way is not touched.</summary>
    public Task CutOneWayAsync(int from, int to) => AddAsync($"ip saddr {AddressOf(from)} ip daddr {AddressOf(to)} drop");

    /// <summary>Both ways, between every two hosts of different sides.</summary>
    public async Task CutAsync(IReadOnlyList<int> left, IReadOnlyList<int> right)
    {
        _rules.AddRange(left.SelectMany(a => right.SelectMany(b => new[] { (a, b), (b, a) }))
            .Select(p => $"ip saddr {AddressOf(p.Item1)} ip daddr {AddressOf(p.Item2)} drop"));
        await ApplyAsync();
    }

    /// <summary>Cuts some hosts off from all the others.</summary>
    public Task IsolateAsync(params int[] hosts) => CutAsync(hosts, [.. Enumerable.Range(0, Hosts).Except(hosts)]);

    /// <summary>So many of a hundred packets (1 to 99) are lost, between these hosts only, whichever way they go.</summary>
    public Task LoseAsync(int percent, IReadOnlyList<int> hosts)
    {
        var set = "{ " + string.Join(", ", hosts.Select(AddressOf)) + " }";
        return AddAsync($"ip saddr {set} ip daddr {set} numgen random mod 100 < {percent} drop");
    }

    /// <summary>Everything passes again.</summary>
    public Task HealAsync()
    {
        _rules.Clear();
        return ApplyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in Enumerable.Range(0, Hosts).Select(NameOf).Append(Switch))
        {
            await Tool.RunAsync("ip", "netns", "delete", name);
        }
    }

    private string Switch => _name + "-switch";

    private async Task WireAsync()
    {
        var script = new StringBuilder();
        script.AppendLine(CultureInfo.InvariantCulture, $"link add bridge type bridge");
        script.AppendLine("link set bridge up");
        for (var host = 0; host < Hosts; host++)
        {
            (await Tool.RunAsync("ip", "netns", "add", NameOf(host))).Ok();
            script.AppendLine(CultureInfo.InvariantCulture, $"link add port{host} type veth peer name eth0 netns {NameOf(host)}");
            script.AppendLine(CultureInfo.InvariantCulture, $"link set port{host} master bridge up");
        }

        (await Tool.RunWithInputAsync(script.ToString(), "ip", "-n", Switch, "-batch", "-")).Ok();
        for (var host = 0; host < Hosts; host++)
        {
            (await Tool.RunWithInputAsync(
                $"addr add {AddressOf(host)}/24 dev eth0\nlink set eth0 up\nlink set lo up\n", "ip", "-n", NameOf(host), "-batch", "-")).Ok();
        }

        await ApplyAsync();
    }

    private Task AddAsync(string rule)
    {
        _rules.Add(rule);
        return ApplyAsync();
    }

    /// <summary>The rules as a whole, in one transaction: no packet sees half of them.</summary>
    private async Task ApplyAsync()
    {
        var text = $$"""
            table bridge cuts
            delete table bridge cuts
            table bridge cuts {
                chain forward {
                    type filter hook forward priority 0; policy accept;
                    {{string.Join("\n        ", _rules)}}
                }
            }
            """;
        (await Tool.RunWithInputAsync(text, "ip", "netns", "exec", Switch, "nft", "-f", "-")).Ok();
    }

    /// <summary>A run that was killed could not clean up: its namespaces name the process they belonged to.</summary>
    private static async Task RemoveAbandonedAsync()
    {
        var listed = (await Tool.RunAsync("ip", "netns", "list")).Ok().Output;
        foreach (var name in listed.Split('\n').Select(l => l.Split(' ')[0]).Where(n => n.StartsWith(Prefix + "-", StringComparison.Ordinal)))
        {
            if (!Directory.Exists($"/proc/{name.Split('-')[1]}"))
            {
                await Tool.RunAsync("ip", "netns", "delete", name);
            }
        }
    }
}
