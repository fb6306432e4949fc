using Trefoil.Membership;

namespace Trefoil.Simulator;

/// <summary>SWIM's streams: one request, one answer. A cut link leaves both sides waiting, a node that is down refuses.</summary>
internal sealed class VirtualStreams(Simulation world)
{
    private readonly Dictionary<ulong, (SimulatedNode Asker, uint Life, ulong Exchange)> _open = [];
    private ulong _last;

    public void Open(SimulatedNode from, SimulatedNode to, SwimEffect.OpenStream open)
    {
        var (stream, life) = (++_last, from.Life);
        world.Mix(from.Index, to.Index, open.Bytes.Length);
        void Fail()
        {
            if (from.Up && from.Life == life)
            {
                from.Post(new SwimInput.StreamFailed(open.Exchange));
            }
        }

        world.Network.Send(world.Now, from.Index, to.Index, open.Bytes, bytes =>
        {
            if (to.Up)
            {
                _open[stream] = (from, life, open.Exchange);
                to.Post(new SwimInput.StreamRequested(stream, from.Swim.Self.Address, bytes));
            }
            else
            {
                Fail();
            }
        }, () => world.Network.Send(world.Now, to.Index, from.Index, Fail), Channel.Datagram);
    }

    public void Answer(SimulatedNode from, ulong stream, ReadOnlyMemory<byte>? bytes)
    {
        if (!_open.Remove(stream, out var asked))
        {
            return;
        }

        void Tell(SwimInput input)
        {
            if (asked.Asker.Up && asked.Asker.Life == asked.Life)
            {
                asked.Asker.Post(input);
            }
        }

        var failed = new SwimInput.StreamFailed(asked.Exchange);
        if (bytes is { } answer)
        {
            world.Network.Send(
                world.Now, from.Index, asked.Asker.Index, answer, whole => Tell(new SwimInput.StreamAnswered(asked.Exchange, whole)), () => Tell(failed), Channel.Datagram);
        }
        else
        {
            world.Network.Send(world.Now, from.Index, asked.Asker.Index, () => Tell(failed));
        }
    }
}
