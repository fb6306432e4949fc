using System.Globalization;
using System.Text;
using Trefoil.Membership;
using Trefoil.Primitives;

namespace Trefoil.Unit.Membership;

/// <summary>Drives one core, called a, by a script: a verb per line, and below it, indented, what the core did.</summary>
/// <remarks>
/// Verbs: <c>join x..</c>, <c>until MS</c> (ticks at each deadline), <c>hear x MESSAGE [; CLAIM]..</c> (a packet),
/// <c>ask x MESSAGE</c> (a stream opened by x), <c>answer #n x MESSAGE</c>, <c>fail #n</c>, <c>leave</c>, <c>evict x</c>, <c>admit x</c>,
/// <c>version n</c>, <c>restart</c> (a new boot epoch), <c>rebase n</c>, <c>up x..</c> (they answer every ping at once). A claim is <c>alive|suspect|dead|left x EPOCH.COUNTER [by y]</c>.
/// Sequences and streams are numbered from 1 in the order of their appearance.
/// </remarks>
internal sealed class SwimScript
{
    private const string Cluster = "test";
    private readonly List<uint> _sequences = [];
    private readonly List<SwimEffect> _effects = [];
    private readonly StringBuilder _output = new();
    private ClusterId _clusterId = new(7, 7);
    private uint _boot = 1;
    private TimeSpan _now;
    private ulong _lastStream;
    private string[] _up = [];
    private Swim _core;

    private SwimScript() => _core = Make();

    /// <summary>The script's own lines, each followed by what happened.</summary>
    public static string Run(string script)
    {
        var run = new SwimScript();
        foreach (var line in script.TrimEnd('\n').Split('\n').Where(line => !line.StartsWith("  ", StringComparison.Ordinal)))
        {
            run._output.Append(line).Append('\n');
            run.Step(line);
        }

        return run._output.ToString();
    }

    private Swim Make() => new(SwimConfig.Lan, Id("a"), Address("a"), Cluster, _clusterId, _boot, new Prng(1));

    private void Step(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (words)
        {
            case [] or ["#", ..]:
                return;
            case ["until", var ms]:
                RunUntil(TimeSpan.FromMilliseconds(int.Parse(ms, CultureInfo.InvariantCulture)));
                return;
            case ["join", .. var seeds]:
                _core.Join([.. seeds.Select(Address)]);
                break;
            case ["up", .. var names]:
                _up = names;
                return;
            case ["leave"]:
                _core.Leave();
                break;
            case ["evict", var who]:
                _core.Evict(Id(who));
                break;
            case ["admit", var who]:
                _core.Admit(Id(who));
                break;
            case ["version", var version]:
                _core.SetVersion(ulong.Parse(version, CultureInfo.InvariantCulture));
                break;
            case ["rebase", var id]:
                _core.Rebase(_clusterId = new ClusterId(ulong.Parse(id, CultureInfo.InvariantCulture), 0));
                break;
            case ["restart"]:
                _boot++;
                _core = Make();
                break;
            case ["members"]:
                _output.Append("  ").AppendJoin(", ", _core.Members.Select(Show)).Append('\n');
                return;
            default:
                Hear(words, line);
                break;
        }

        Tick();
    }

    private void Hear(string[] words, string line)
    {
        switch (words)
        {
            case ["hear", var from, ..]:
                _core.Handle(_now, new SwimInput.PacketReceived(Address(from), Packet(from, line[(line.IndexOf(from, 5, StringComparison.Ordinal) + 2)..])));
                break;
            case ["ask", var from, .. var message]:
                _core.Handle(_now, new SwimInput.StreamRequested(++_lastStream, Address(from), Stream(from, message)));
                break;
            case ["answer", var exchange, var from, .. var message]:
                _core.Handle(_now, new SwimInput.StreamAnswered(Number(exchange), Stream(from, message)));
                break;
            case ["fail", var exchange]:
                _core.Handle(_now, new SwimInput.StreamFailed(Number(exchange)));
                break;
            default:
                throw new ArgumentException($"Unknown verb: {line}", nameof(line));
        }
    }

    private void RunUntil(TimeSpan end)
    {
        while (_core.Deadline <= end)
        {
            _now = _core.Deadline > _now ? _core.Deadline : _now;
            Tick();
        }

        _now = end;
    }

    private void Tick()
    {
        _core.Tick(_now, _effects);
        foreach (var effect in _effects)
        {
            _output.Append(CultureInfo.InvariantCulture, $"  {_now.TotalMilliseconds,6:0} {Show(effect)}\n");
        }

        var pings = _effects.OfType<SwimEffect.SendPacket>().Where(packet => _up.Contains(packet.To.Host)).ToList();
        _effects.Clear();
        pings.ForEach(AnswerPing);
    }

    private void AnswerPing(SwimEffect.SendPacket packet)
    {
        PacketCodec.TryRead(packet.Bytes.Span, Cluster, _clusterId, out _, out var message, []);
        if (message is PacketMessage.Ping ping)
        {
            var writer = new ByteWriter();
            PacketCodec.Write(writer, HeaderOf(packet.To.Host), new PacketMessage.Ack(ping.Sequence, ping.Target));
            _core.Handle(_now, new SwimInput.PacketReceived(packet.To, writer.ToArray()));
        }
    }

    private byte[] Packet(string from, string text)
    {
        var parts = text.Split(';', StringSplitOptions.TrimEntries);
        var writer = new ByteWriter();
        var version = parts[0].StartsWith("version ", StringComparison.Ordinal) ? Number(parts[0][7..]) : 0;
        PacketCodec.Write(writer, HeaderOf(from) with { Version = version }, parts[0].Split(' ') switch
        {
            ["ping", var n] => new PacketMessage.Ping((uint)Number(n), Id("a")),
            ["ping-req", var n, var target] => new PacketMessage.PingRequest((uint)Number(n), Id(target), Address(target)),
            ["ack", var n, var subject] => new PacketMessage.Ack(_sequences[(int)Number(n) - 1], Id(subject)),
            ["nack", var n] => new PacketMessage.Nack(_sequences[(int)Number(n) - 1]),
            _ => new PacketMessage.Gossip(),
        });
        foreach (var claim in parts.Skip(1))
        {
            SwimCodec.WriteUpdate(writer, Claim(claim.Split(' '), from));
        }

        return writer.ToArray();
    }

    private byte[] Stream(string from, string[] words)
    {
        var claims = string.Join(' ', words).Split(';', StringSplitOptions.TrimEntries);
        var kind = claims[0].Split(' ')[0];
        var header = kind == "refused" ? HeaderOf(from) with { ClusterName = "other" } : HeaderOf(from);
        return StreamCodec.Encode(header, kind switch
        {
            "same" => new StreamMessage.Same(),
            "digest" => new StreamMessage.Digest(words is [_, "same"] ? _core.Digest() : 1),
            "state" or "join" => new StreamMessage.State(kind == "join", 0, [.. claims.Skip(1).Select(claim => Claim(claim.Split(' '), from).Member)]),
            "probe" => new StreamMessage.Probe(Id("a")),
            "probe-ack" => new StreamMessage.ProbeAck(Id(from)),
            _ => new StreamMessage.Refused(),
        });
    }

    private Header HeaderOf(string from) => new(Cluster, _clusterId, Id(from), 0);

    private static Update Claim(string[] words, string from)
    {
        var incarnation = words[2].Split('.').Select(part => uint.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        var member = new Member(
            Id(words[1]), Address(words[1]), new Incarnation(incarnation[0], incarnation[1]), Enum.Parse<MemberState>(words[0], ignoreCase: true), 0, default);
        return new Update(member, words is [.., "by", var accuser] ? Id(accuser) : Id(from));
    }

    private string Show(SwimEffect effect) => effect switch
    {
        SwimEffect.SendPacket packet => $"-> {packet.To.Host}  {ShowPacket(packet.Bytes.Span)}",
        SwimEffect.OpenStream open => $"=> {open.To.Host}  #{open.Exchange} {ShowStream(open.Bytes.Span)}",
        SwimEffect.AnswerStream answer => $"<= #{answer.Stream} {ShowStream(answer.Bytes.Span)}",
        SwimEffect.CloseStream close => $"<= #{close.Stream} closed",
        SwimEffect.Raise { Event: SwimEvent.VersionSeen seen } => $"** VersionSeen {Name(seen.Id)} {seen.Version}",
        SwimEffect.Raise { Event: SwimEvent.ForeignCluster foreign } => $"** ForeignCluster {foreign.From.Host} {foreign.Name}",
        SwimEffect.Raise raise => $"** {raise.Event.GetType().Name} {Show((Member)raise.Event.GetType().GetProperty("Member")!.GetValue(raise.Event)!)}",
        _ => throw new ArgumentOutOfRangeException(nameof(effect)),
    };

    private string ShowPacket(ReadOnlySpan<byte> bytes)
    {
        var updates = new List<Update>();
        PacketCodec.TryRead(bytes, Cluster, _clusterId, out _, out var message, updates);
        var text = message switch
        {
            PacketMessage.Ping ping => $"ping {Sequence(ping.Sequence)}",
            PacketMessage.PingRequest request => $"ping-req {Sequence(request.Sequence)} {Name(request.Target)}",
            PacketMessage.Ack ack => $"ack {Sequence(ack.Sequence)} {Name(ack.Subject)}",
            PacketMessage.Nack nack => $"nack {Sequence(nack.Sequence)}",
            _ => "gossip",
        };
        return string.Join("; ", updates.Select(Show).Prepend(text));
    }

    private string ShowStream(ReadOnlySpan<byte> bytes)
    {
        StreamCodec.TryRead(bytes, Cluster, _clusterId, 100, out _, out var message);
        return message switch
        {
            StreamMessage.State state => string.Join("; ", state.Members.Select(Show).Prepend(state.Join ? "join" : "state")),
            _ => message.GetType().Name.ToLowerInvariant(),
        };
    }

    private static string Show(Update update) =>
        update.Member.State == MemberState.Suspect ? $"{Show(update.Member)} by {Name(update.Accuser)}" : Show(update.Member);

    private static string Show(Member member) => $"{member.State.ToString().ToLowerInvariant()} {Name(member.Id)} {member.Incarnation}";

    /// <summary>Others' sequences are small; ours start somewhere, and are numbered as they appear.</summary>
    private string Sequence(uint sequence)
    {
        if (sequence >= 1_000_000 && !_sequences.Contains(sequence))
        {
            _sequences.Add(sequence);
        }

        return sequence >= 1_000_000 ? $"#{_sequences.IndexOf(sequence) + 1}" : $"#{sequence}";
    }

    private static ulong Number(string text) => ulong.Parse(text.AsSpan(1), CultureInfo.InvariantCulture);

    private static NodeId Id(string name) => new(0, name[0]);

    private static string Name(NodeId id) => ((char)id.Low).ToString();

    private static HostPort Address(string name) => new(name, 7000);
}
