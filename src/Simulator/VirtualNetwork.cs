using Trefoil.Primitives;
using Trefoil.Wire.Peer;

namespace Trefoil.Simulator;

/// <summary>Carries anything from machine to machine: late, twice, damaged, or not at all, each link in a way of its own.</summary>
/// <remarks>
/// <para>A link is a directed pair. In each phase of faults it draws its latency (a base, jitter, and now and then a heavy tail), what it loses, doubles
/// and damages. Datagrams overtake each other as they like. Frames keep their order on each of the two connections, as with TCP, except those that
/// straggle or come twice, as if a connection had been replaced with some still on their way; clients' streams sort it out themselves.</para>
/// <para>A cut link swallows silently; a node that is down refuses, which its peer can see. What is damaged meets the seal that every frame and
/// datagram has in production, and arrives only if that lets it pass.</para>
/// </remarks>
internal sealed class VirtualNetwork
{
    private const int Channels = 3;

    /// <summary>Alpha of the tail's Pareto distribution: a mean, but hardly a variance.</summary>
    private const double TailShape = 1.3;

    private static readonly PacketSeal Seal = new("", "simulation");

    private readonly Simulation _world;
    private readonly Prng _random;
    private readonly Link[,] _links;
    private readonly TimeSpan[] _slow;

    /// <summary>A network of so many machines: nodes first, then clients.</summary>
    public VirtualNetwork(Simulation world, Prng random, int machines)
    {
        (_world, _random) = (world, random);
        _links = new Link[machines, machines];
        _slow = new TimeSpan[machines];
        for (var from = 0; from < machines; from++)
        {
            for (var to = 0; to < machines; to++)
            {
                _links[from, to] = new Link();
            }
        }

        Redraw(world.Plan.Healed());
    }

    /// <summary>Machines, clients included.</summary>
    public int Machines => _slow.Length;

    /// <summary>Each link draws how it is from now on.</summary>
    public void Redraw(FaultPlan plan)
    {
        foreach (var link in _links)
        {
            var bad = _random.Chance(plan.BadLinks);
            link.Base = _random.Between(plan.MinDelay, plan.MaxDelay);
            link.Jitter = plan.MaxJitter * _random.Fraction();
            link.Tail = bad ? plan.Tail * _random.Fraction() : 0;
            link.TailScale = plan.TailDelay;
            link.Longest = plan.LongDelay;
            link.Loss = bad ? plan.Loss * _random.Fraction() : 0;
            link.Duplication = bad ? plan.Duplication * _random.Fraction() : 0;
            link.Straggling = bad ? plan.Straggling * _random.Fraction() : 0;
            link.Corruption = bad ? plan.Corruption * _random.Fraction() : 0;
        }
    }

    /// <summary>Sends; <paramref name="arrive"/> runs at the receiver, at most twice.</summary>
    /// <param name="departure">When it leaves; not before now.</param>
    /// <param name="from">Sender.</param>
    /// <param name="to">Receiver.</param>
    /// <param name="arrive">The delivery.</param>
    /// <param name="channel">Whose order it keeps.</param>
    public void Send(TimeSpan departure, int from, int to, Action arrive, Channel channel = Channel.Datagram)
    {
        var link = _links[from, to];
        if (link.Cuts > 0)
        {
            return;
        }

        if (Happens(link.Loss))
        {
            _world.Counts.Add(SimulationCounts.Fault.Lost);
            return;
        }

        Schedule(departure, from, to, link, arrive, channel);
        if (Happens(link.Duplication))
        {
            _world.Counts.Add(SimulationCounts.Fault.Duplicated);
            Schedule(departure, from, to, link, arrive, Channel.Datagram);
        }
    }

    /// <summary>Sends bytes, which may be damaged on their way.</summary>
    /// <param name="departure">When they leave; not before now.</param>
    /// <param name="from">Sender.</param>
    /// <param name="to">Receiver.</param>
    /// <param name="bytes">Before they are sealed.</param>
    /// <param name="arrive">The delivery, of what the seal lets pass.</param>
    /// <param name="unreadable">The seal was broken; null: the connection ends there, and what follows on it is lost.</param>
    /// <param name="channel">Whose order they keep.</param>
    public void Send(
        TimeSpan departure, int from, int to, ReadOnlyMemory<byte> bytes, Action<ReadOnlyMemory<byte>> arrive, Action? unreadable = null,
        Channel channel = Channel.Control)
    {
        var link = _links[from, to];
        if (link.Cuts > 0 || !Happens(link.Corruption))
        {
            Send(departure, from, to, () => arrive(bytes), channel);
            return;
        }

        _world.Counts.Add(SimulationCounts.Fault.Corrupted);
        var frame = Damage(Seal.Seal(bytes.Span));
        Schedule(departure, from, to, link, () =>
        {
            if (Seal.TryOpen(frame, out var opened))
            {
                arrive(opened.ToArray());
                return;
            }

            _world.Counts.Add(SimulationCounts.Progress.DamageDropped);
            if (unreadable is null)
            {
                Reset(from, to);
            }
            else
            {
                unreadable();
            }
        }, channel);
    }

    /// <summary>The bytes as a bad cable leaves them: some bits turned, or the end missing.</summary>
    public byte[] Damage(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0 || _random.Chance(0.3))
        {
            return bytes[.._random.Below(Math.Max(1, bytes.Length))].ToArray();
        }

        var damaged = bytes.ToArray();
        for (var flips = 1 + _random.Below(3); flips > 0; flips--)
        {
            damaged[_random.Below(damaged.Length)] ^= (byte)(1 << _random.Below(8));
        }

        return damaged;
    }

    /// <summary>True when nothing gets from the one to the other.</summary>
    public bool IsCut(int from, int to) => _links[from, to].Cuts > 0;

    /// <summary>Cuts one direction. What is on its way still arrives. A link that is cut twice is mended twice.</summary>
    public void Cut(int from, int to) => _links[from, to].Cuts++;

    /// <summary>Takes one cut away.</summary>
    public void Mend(int from, int to)
    {
        if (--_links[from, to].Cuts < 0)
        {
            throw new InvalidOperationException($"The link from {from} to {to} is not cut.");
        }
    }

    /// <summary>Everything to and from this machine is late by up to this much more; zero: no longer.</summary>
    public void Slow(int machine, TimeSpan by) => _slow[machine] = by;

    /// <summary>The connection breaks: what is on its way, in one direction, is lost.</summary>
    public void Reset(int from, int to)
    {
        _links[from, to].Connection++;
        Array.Clear(_links[from, to].Newest);
    }

    private bool Happens(double probability) => probability > 0 && _random.Chance(probability);

    private void Schedule(TimeSpan departure, int from, int to, Link link, Action arrive, Channel channel)
    {
        var delay = link.Base + (link.Jitter * _random.Fraction());
        if (Happens(link.Tail))
        {
            // Pareto: most of the tail is short, and some of it is as long as anything can be.
            delay += link.TailScale * (Math.Pow(1 - _random.Fraction(), -1 / TailShape) - 1);
        }

        if (Happens(link.Straggling))
        {
            _world.Counts.Add(SimulationCounts.Fault.Delayed);
            delay += link.Longest * _random.Fraction();
            channel = Channel.Datagram;
        }

        delay = delay < link.Longest ? delay : link.Longest;
        var slow = _slow[from] > _slow[to] ? _slow[from] : _slow[to];
        delay += slow > TimeSpan.Zero ? slow * (0.2 + (0.8 * _random.Fraction())) : TimeSpan.Zero;
        var (connection, at) = (link.Connection, departure + delay);
        if (channel != Channel.Datagram)
        {
            at = at > link.Newest[(int)channel] ? at : link.Newest[(int)channel];
            link.Newest[(int)channel] = at;
        }

        _world.Queue.At(at, () =>
        {
            if (connection == link.Connection)
            {
                arrive();
            }
        });
    }

    private sealed class Link
    {
        public TimeSpan Base, Jitter, TailScale, Longest;
        public double Tail, Loss, Duplication, Straggling, Corruption;
        public int Cuts, Connection;

        /// <summary>When the last frame so far arrives, by channel: none comes before it.</summary>
        public readonly TimeSpan[] Newest = new TimeSpan[Channels];
    }
}

/// <summary>What a message travels by, and whose order it therefore keeps.</summary>
internal enum Channel : byte
{
    /// <summary>Alone: no order.</summary>
    Datagram,

    /// <summary>The connection for the control plane.</summary>
    Control,

    /// <summary>The one for replication and migrations: no lease waits behind a snapshot.</summary>
    Bulk,
}
