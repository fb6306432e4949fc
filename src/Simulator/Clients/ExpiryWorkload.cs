using System.Globalization;
using Trefoil.Wire.Resp;

namespace Trefoil.Simulator.Clients;

/// <summary>Keys with an end: none is seen past it by its owner's clock, and none that was not due, or was made to stay, is gone.</summary>
/// <remarks>
/// Each key has one client that writes it, so what it must hold is known. Ends are given as unix times of the node that was last heard of, since
/// machines' wall clocks differ. A key whose last write has no answer is left alone.
/// </remarks>
internal sealed class ExpiryWorkload(ClientTraffic traffic) : IWorkload
{
    /// <summary>Between reading the clock and reading it again in the course of a command, in milliseconds.</summary>
    private const long Slack = 1;

    private readonly Mortal?[] _current = new Mortal?[TestKeys.Slots * ClientTraffic.Clients];
    private readonly List<Mortal> _all = [];
    private Queue<Mortal>? _unread;
    private long _values;

    /// <inheritdoc/>
    public int Weight => 3;

    /// <inheritdoc/>
    public void Act(ClusterClient client, Action done)
    {
        var key = Pick(client, traffic.PickSlot(client));
        switch (client.Random.Below(10))
        {
            case < 1 when key.Value is not null:
                ReadCopy(client, key, done);
                break;
            case < 5 when key.Value is not null:
                Read(client, key, TimeSpan.FromSeconds(5), done);
                break;
            case < 7 when key.DueMs is not null:
                Change(client, key, null, done, "PERSIST", key.Name);
                break;
            case < 8 when key.Value is not null:
                var due = Due(client, key);
                Change(client, key, due, done, "PEXPIREAT", key.Name, Text(due));
                break;
            default:
                Set(client, key, done);
                break;
        }
    }

    /// <inheritdoc/>
    public bool Finish(ClusterClient client, Action done)
    {
        _unread ??= new Queue<Mortal>(_all.Where(key => key is { IsLost: false, Value: not null }));
        if (!traffic.TryNext(_unread, each => each.Slot, out var key))
        {
            return false;
        }

        Read(client, key, ClientTraffic.LastPatience, done);
        return true;
    }

    /// <inheritdoc/>
    public void Judge()
    {
        // Every look at a key was judged as it came.
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private Mortal Pick(ClusterClient client, int slot)
    {
        ref var current = ref _current[(slot * ClientTraffic.Clients) + client.Index];
        if (current is null || current.IsLost)
        {
            current = new Mortal(slot, TestKeys.Name(slot, "x", client.Index, _all.Count));
            _all.Add(current);
        }

        return current;
    }

    private long Due(ClusterClient client, Mortal key) =>
        (key.Node ?? traffic.World.Nodes[0]).Clock.WallMs + 200 + client.Random.Below(client.Random.Chance(0.5) ? 2000 : 20_000);

    private void Set(ClusterClient client, Mortal key, Action done)
    {
        var value = Text(++_values);
        long? due = client.Random.Chance(0.8) ? Due(client, key) : null;
        string[] command = due is { } at ? ["SET", key.Name, value, "PXAT", Text(at)] : ["SET", key.Name, value];
        client.Do(ClientRequest.Write(key.Slot, command), TimeSpan.FromSeconds(5), answer =>
        {
            if (key.Told(answer))
            {
                (key.Value, key.DueMs) = (value, due);
            }

            done();
        });
    }

    /// <summary>PERSIST or PEXPIREAT; 0 says that there is no such key, or nothing to take away.</summary>
    private void Change(ClusterClient client, Mortal key, long? due, Action done, params string[] command) =>
        client.Do(ClientRequest.Write(key.Slot, command), TimeSpan.FromSeconds(5), answer =>
        {
            if (key.Told(answer))
            {
                if (answer.Reply!.Integer == 1)
                {
                    key.DueMs = due;
                }
                else
                {
                    Gone(key, command[0]);
                }
            }

            done();
        });

    private void Read(ClusterClient client, Mortal key, TimeSpan patience, Action done) =>
        client.Do(ClientRequest.Read(key.Slot, "GET", key.Name), patience, answer =>
        {
            ClientTraffic.Require(answer, patience, key.Name);
            if (answer.Kind == AnswerKind.Done)
            {
                key.Node = answer.Node;
                Judge(key, answer.Reply!, Math.Min(answer.CalledWallMs, answer.Node!.Clock.WallMs));
            }

            done();
        });

    /// <summary>A copy may be late, but a reader is not shown what is past its time by the copy's clock.</summary>
    private void ReadCopy(ClusterClient client, Mortal key, Action done)
    {
        var node = traffic.World.Nodes[client.Random.Below(traffic.World.Nodes.Count)];
        var (wall, value, due) = (node.Clock.WallMs, key.Value, key.DueMs);
        client.AskReplica(
            node,
            reply =>
            {
                if (reply is { IsError: false } && reply.Text == value && due + Slack < Math.Min(wall, node.Clock.WallMs))
                {
                    throw new OracleViolation($"copy n{node.Index} shows {key.Name} = {value}, which was to end at {due}, and its clock was past {wall}");
                }

                done();
            },
            "GET", key.Name);
    }

    private void Judge(Mortal key, RespReply reply, long wallMs)
    {
        traffic.World.Counts.Add(SimulationCounts.Progress.ReadsChecked);
        if (reply.Kind == '_')
        {
            Gone(key, "GET");
        }
        else if (reply.IsError || (traffic.IsDurable && reply.Text != key.Value))
        {
            throw new OracleViolation($"{key.Name} was read as {reply.Text}, and {key.Value} was its last value");
        }
        else if (key.DueMs + Slack < wallMs && reply.Text == key.Value)
        {
            throw new OracleViolation($"{key.Name} = {key.Value} was to end at {key.DueMs}, and n{key.Node!.Index} showed it at {wallMs} by its own clock");
        }
    }

    private void Gone(Mortal key, string how)
    {
        // Whoever owned it on the way may have been ahead of whoever owns it now.
        var latest = traffic.World.Nodes.Max(node => node.Clock.HighestWallMs);
        if (traffic is { IsDurable: true, Flushes: false } && (key.DueMs ?? long.MaxValue) > latest + Slack)
        {
            throw new OracleViolation(
                $"{how} says that {key.Name} = {key.Value} is gone, "
                + (key.DueMs is { } due ? $"which was to end at {due}, and the latest of all clocks shows {latest}" : "which has no end"));
        }

        traffic.World.Counts.Add(SimulationCounts.Progress.Expirations, key.DueMs is null ? 0 : 1);
        (key.Value, key.DueMs) = (null, null);
    }

    /// <summary>A key of one client's, and what it must hold.</summary>
    private sealed class Mortal(int slot, string name)
    {
        public int Slot => slot;

        public string Name => name;

        /// <summary>Null: nothing, or it is over.</summary>
        public string? Value { get; set; }

        /// <summary>When it ends, milliseconds since 1970; null: never.</summary>
        public long? DueMs { get; set; }

        /// <summary>A write of it has no answer.</summary>
        public bool IsLost { get; private set; }

        /// <summary>Who answered last.</summary>
        public SimulatedNode? Node { get; set; }

        /// <summary>True if the write was done.</summary>
        public bool Told(ClientAnswer answer)
        {
            if (answer is { Kind: AnswerKind.Done, Reply.IsError: true })
            {
                throw new OracleViolation($"a write of {name} was answered {answer.Reply.Text}");
            }

            IsLost |= answer.Kind == AnswerKind.Unknown;
            Node = answer.Node ?? Node;
            return answer.Kind == AnswerKind.Done;
        }
    }
}
