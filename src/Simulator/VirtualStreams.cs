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
        world.Network.Send(world.Now, from.Index, to.Index, () =>
        {
            if (to.Up)
            {
                _open[stream] = (from, life, open.Exchange);
                to.Post(new SwimInput.StreamRequested(stream, from.Swim.Self.Address, open.Bytes));
            }
            else if (from.Up && from.Life == life)
            {
                from.Post(new SwimInput.StreamFailed(open.Exchange));
            }
        });
    }

    public void Answer(SimulatedNode from, ulong stream, ReadOnlyMemory<byte>? bytes)
    {
        if (!_open.Remove(stream, out var asked))
        {
            return;
        }

        world.Network.Send(world.Now, from.Index, asked.Asker.Index, () =>
        {
            if (asked.Asker.Up && asked.Asker.Life == asked.Life)
            {
                asked.Asker.Post(bytes is { } answer
                    ? new SwimInput.StreamAnswered(asked.Exchange, answer)
                    : new SwimInput.StreamFailed(asked.Exchange));
            }
        });
    }
}
