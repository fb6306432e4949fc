using System.CommandLine;
using System.Globalization;
using System.Text;
using Trefoil.Cli.Cluster;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Sharding;
using Trefoil.Unit.Client;
using Xunit;

namespace Trefoil.Unit.Cli.Cluster;

/// <summary>Scripted nodes over one made-up topology: what the command line says to nodes, and what comes of it, without any server.</summary>
internal sealed class ModelCluster : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Member> _members = [];
    private readonly List<Migration> _migrations = [];
    private readonly List<Task> _stopping = [];

    /// <summary>Lone nodes, without slots.</summary>
    public ModelCluster(int nodes, params string[] zones)
    {
        for (var n = 1; n <= nodes; n++)
        {
            var member = new Member(new string((char)('a' + n - 1), 40)) { Group = n, Zone = zones.Length > 0 ? zones[(n - 1) % zones.Length] : "" };
            member.Node = new ScriptedNode(command => Answer(member, command));
            _members.Add(member);
        }
    }

    /// <summary>How many looks a migration lasts.</summary>
    public int LooksPerMigration { get; set; } = 2;

    /// <summary>What ends the migration of so many slots, if not success.</summary>
    public Func<int, string?> FailureOf { get; set; } = _ => null;

    /// <summary>A reply instead of the model's own; null for that.</summary>
    public Func<string, string?> Instead { get; set; } = _ => null;

    /// <summary>Ctrl-C for the commands that follow.</summary>
    public CancellationTokenSource? Interrupt { get; set; }

    /// <summary>The first nodes as one cluster: each primary with its slots, "&gt;1" for a replica of node 1.</summary>
    public static ModelCluster Formed(params string[] nodes)
    {
        var cluster = new ModelCluster(nodes.Length);
        for (var i = 0; i < nodes.Length; i++)
        {
            cluster._members[i].Group = 0;
            cluster._members[i].Primary = nodes[i].StartsWith('>') ? cluster.Id(int.Parse(nodes[i][1..], CultureInfo.InvariantCulture)) : "";
            cluster._members[i].Ranges = nodes[i].Length == 0 || nodes[i][0] == '>' ? [] : SlotRanges.Read(nodes[i]).Ranges!;
        }

        return cluster;
    }

    public string At(int node) => _members[node - 1].Node.Address.ToString();

    public string Id(int node) => _members[node - 1].Id;

    public void Own(int node, string ranges) => _members[node - 1].Ranges = SlotRanges.Read(ranges).Ranges!;

    public void Hold(int node, int keys) => _members[node - 1].Keys = keys;

    public void Separate(int node) => _members[node - 1].Group = node;

    /// <summary>Its slots, "&gt;n" for a replica of node n, "alone" for one that is in no cluster with node 1.</summary>
    public string Shown(int node)
    {
        var member = _members[node - 1];
        return member.Group != _members[0].Group ? "alone" : member.Primary.Length > 0 ? $">{_members.FindIndex(other => other.Id == member.Primary) + 1}" : SlotRanges.Show(member.Ranges);
    }

    /// <summary>Changes that were asked for, in order, over all nodes: <c>1: CLUSTER MEET ...</c>, ids as <c>#2</c>, ports as <c>@2</c>.</summary>
    public IReadOnlyList<string> Changes { get; private set; } = [];

    /// <summary>Runs <c>trefoil cluster</c> with these arguments; <c>@n</c> stands for node n's address.</summary>
    public async Task<(int Code, string Output, string Error)> RunAsync(string arguments, string? typed = null)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var input = new StringReader(typed ?? "");
        var words = arguments.Split(' ').Select(word => Named(word));
        var code = await ClusterCommand.Build(TimeProvider.System, new Terminal(typed is not null, false, input)).Parse([.. words])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false }, Interrupt?.Token ?? TestContext.Current.CancellationToken);
        return (code, Anonymous(output.ToString()), Anonymous(error.ToString()));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members)
        {
            await member.Node.DisposeAsync();
        }

        await Task.WhenAll(_stopping);
    }

    /// <summary>From now on nobody answers there, and its replica is the primary.</summary>
    public void Crash(int node, int successor)
    {
        var (dead, heir) = (_members[node - 1], _members[successor - 1]);
        (dead.IsDead, dead.Primary, heir.Primary, heir.Ranges, dead.Ranges) = (true, heir.Id, "", dead.Ranges, []);
        _migrations.ForEach(migration => migration.Source = migration.Source == dead ? heir : migration.Source);
        _stopping.Add(dead.Node.DisposeAsync().AsTask());
    }

    public Task StopAsync(int node) => _members[node - 1].Node.DisposeAsync().AsTask();

    /// <summary>Addresses back to <c>@n</c>, ids to <c>#n</c>.</summary>
    private string Anonymous(string text)
    {
        for (var n = 1; n <= _members.Count; n++)
        {
            text = text.Replace(At(n), $"@{n}", StringComparison.Ordinal).Replace($"127.0.0.1 {_members[n - 1].Node.Address.Port}", $"@{n}", StringComparison.Ordinal)
                .Replace(Id(n), $"#{n}", StringComparison.Ordinal);
        }

        return text;
    }

    private string Named(string word)
    {
        for (var n = 1; n <= _members.Count; n++)
        {
            word = word.Replace($"@{n}", At(n), StringComparison.Ordinal);
        }

        return word;
    }

    private string Answer(Member self, string[] command)
    {
        lock (_lock)
        {
            var line = string.Join(' ', command);
            if (Instead(Anonymous(line)) is { } instead)
            {
                return instead;
            }

            if (self.IsDead)
            {
                return "";
            }

            switch (line)
            {
                case "CLUSTER NODES":
                    return Bulk(string.Concat(_members.Where(member => member.Group == self.Group).Select(member => member.Line(member == self) + "\n")));
                case "CLUSTER INFO":
                    return Bulk($"cluster_state:ok\r\ncluster_known_nodes:{_members.Count(member => member.Group == self.Group)}\r\n");
                case "DBSIZE":
                    return $":{self.Keys}\r\n";
                case "CLUSTER GETSLOTMIGRATIONS":
                    return Rows(self);
                case var _ when command[0] == "INFO":
                    return Bulk($"topology_version:{Changes.Count + 1}\r\nmaster_link_status:up\r\ncluster_zone:{self.Zone}\r\nmaster_repl_offset:{self.Id[0]}\r\n");
                default:
                    Changes = [.. Changes, $"{_members.IndexOf(self) + 1}: {Anonymous(line)}"];
                    return Change(self, command[1], command[2..]);
            }
        }
    }

    private string Change(Member self, string verb, string[] arguments)
    {
        switch (verb)
        {
            case "ADDSLOTSRANGE":
                self.Ranges = SlotRanges.Read(string.Join('-', arguments)).Ranges!;
                return "+OK\r\n";
            case "MEET":
                var met = _members.Single(member => member.Node.Address.Port.ToString(CultureInfo.InvariantCulture) == arguments[1]);
                (met.Group, self.Group) = (Math.Min(met.Group, self.Group), Math.Min(met.Group, self.Group));
                return "+OK\r\n";
            case "REPLICATE":
                self.Primary = arguments[0];
                return "+OK\r\n";
            case "FORGET":
                _members.Single(member => member.Id == arguments[0]).Group = 100 + _members.FindIndex(member => member.Id == arguments[0]);
                return "+OK\r\n";
            case "RESET":
                return "+OK\r\n";
            case "FAILOVER":
                var primary = _members.Single(member => member.Id == self.Primary);
                (primary.Primary, self.Primary, self.Ranges, primary.Ranges) = (self.Id, "", primary.Ranges, []);
                return "+OK\r\n";
            case "MIGRATESLOTS":
                var numbers = arguments[1..^2].Select(word => int.Parse(word, CultureInfo.InvariantCulture)).ToArray();
                var ranges = SlotRanges.Normal(numbers.Chunk(2).Select(pair => new SlotRange(pair[0], pair[1])));
                _migrations.Add(new Migration($"m{_migrations.Count}", self, _members.Single(member => member.Id == arguments[^1]), ranges));
                return "+OK\r\n";
            case "CANCELSLOTMIGRATIONS":
                _migrations.Where(migration => migration.Source == self && migration.State == "running").ToList().ForEach(migration => migration.State = "cancelled");
                return "+OK\r\n";
            default:
                return $"-ERR unknown subcommand '{verb}'\r\n";
        }
    }

    /// <summary>What a node tells of the migrations it takes part in; each telling brings one a step further.</summary>
    private string Rows(Member self)
    {
        var mine = _migrations.Where(migration => migration.Source == self || migration.Target == self).ToList();
        foreach (var migration in mine.Where(migration => migration.State == "running" && ++migration.Looks > LooksPerMigration))
        {
            migration.Message = FailureOf(SlotRanges.Count(migration.Ranges)) ?? "";
            migration.State = migration.Message.Length > 0 ? "failed" : "success";
            if (migration.State == "success")
            {
                migration.Source.Ranges = SlotRanges.Except(migration.Source.Ranges, migration.Ranges);
                migration.Target.Ranges = SlotRanges.Normal([.. migration.Target.Ranges, .. migration.Ranges]);
            }
        }

        return $"*{mine.Count}\r\n" + string.Concat(mine.Select(migration => Row(
            "name", migration.Name, "operation", migration.Source == self ? "EXPORT" : "IMPORT", "slot_ranges", SlotRanges.Show(migration.Ranges), "target_node", migration.Target.Id,
            "source_node", migration.Source.Id, "state", migration.State, "message", migration.Message, "phase", "copying", "slots_copied", "1", "bytes_sent", "1024", "attempt", "1")));
    }

    private static string Row(params string[] words) => $"*{words.Length}\r\n" + string.Concat(words.Select(Bulk));

    private static string Bulk(string text) => $"${Encoding.UTF8.GetByteCount(text)}\r\n{text}\r\n";

    private sealed class Member(string id)
    {
        public string Id => id;

        public ScriptedNode Node { get; set; } = null!;

        public int Group { get; set; }

        public string Zone { get; init; } = "";

        public int Keys { get; set; }

        public bool IsDead { get; set; }

        public string Primary { get; set; } = "";

        public IReadOnlyList<SlotRange> Ranges { get; set; } = [];

        public string Line(bool isMyself) =>
            $"{id} {Node.Address}@1 {(isMyself ? "myself," : "")}{(Primary.Length > 0 ? "slave " + Primary : "master -")} 0 0 1 connected {(Ranges.Count > 0 ? SlotRanges.Show(Ranges) : "")}";
    }

    private sealed class Migration(string name, Member source, Member target, IReadOnlyList<SlotRange> ranges)
    {
        public string Name => name;

        public Member Source { get; set; } = source;

        public Member Target => target;

        public IReadOnlyList<SlotRange> Ranges => ranges;

        public string State { get; set; } = "running";

        public string Message { get; set; } = "";

        public int Looks { get; set; }
    }
}
