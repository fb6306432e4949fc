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
                key.Holds(value, due);
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
                    key.Ends(due);
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
        var (wall, value, due) = (node.Clock.WallMs, key.Value, key.LatestDueMs);
        client.AskReplica(
            node,
            reply =>
            {
                if (reply is { IsError: false } && reply.Text == value && !traffic.Operators.MovedByKey.Contains(key.Slot) && due + Mortal.Slack < Math.Min(wall, node.Clock.WallMs))
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
        else
        {
            // MIGRATE sends what is left of a key's time, as Redis' does: the target's clock, ahead or behind, counts from there.
            key.Seen(reply, traffic.Operators.MovedByKey.Contains(key.Slot) ? long.MinValue : wallMs, traffic.IsExact(key.Slot));
        }
    }

    private void Gone(Mortal key, string how)
    {
        traffic.World.Counts.Add(SimulationCounts.Progress.Expirations, key.DueMs is null ? 0 : 1);

        // Whoever owned it on the way may have been ahead of whoever owns it now.
        key.Gone(how, traffic.IsExact(key.Slot) ? traffic.World.Nodes.Max(node => node.Clock.HighestWallMs) : long.MaxValue);
    }
}
