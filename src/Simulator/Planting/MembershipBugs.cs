using Trefoil.ControlPlane;
using Trefoil.Membership;
using Trefoil.Primitives;

namespace Trefoil.Simulator.Planting;

/// <summary>Mistakes in SWIM.</summary>
internal static class MembershipBugs
{
    /// <summary>News of a member counts whatever incarnation it names: nobody can refute.</summary>
    internal sealed class NoIncarnation : Sabotage
    {
        public override SwimInput? Told(SimulatedNode node, SwimInput input) => input switch
        {
            SwimInput.PacketReceived packet => packet with { Bytes = Packet(node, packet.Bytes) },
            SwimInput.StreamRequested request => request with { Bytes = Stream(node, request.Bytes) },
            SwimInput.StreamAnswered answer => answer with { Bytes = Stream(node, answer.Bytes) },
            _ => input,
        };

        private static ReadOnlyMemory<byte> Packet(SimulatedNode node, ReadOnlyMemory<byte> bytes)
        {
            var updates = new List<Update>();
            var identity = node.Control.Identity;
            if (PacketCodec.TryRead(bytes.Span, identity.ClusterName, identity.Cluster, out var header, out var message, updates) != ReadResult.Ok)
            {
                return bytes;
            }

            var writer = new ByteWriter();
            PacketCodec.Write(writer, header, message);
            foreach (var update in updates)
            {
                SwimCodec.WriteUpdate(writer, update with { Member = Flat(update.Member) });
            }

            return writer.ToArray();
        }

        private static ReadOnlyMemory<byte> Stream(SimulatedNode node, ReadOnlyMemory<byte> bytes)
        {
            var identity = node.Control.Identity;
            var result = StreamCodec.TryRead(bytes.Span, identity.ClusterName, identity.Cluster, int.MaxValue, out var header, out var message);
            return result == ReadResult.Ok && message is StreamMessage.State state
                ? StreamCodec.Encode(header, state with { Members = [.. state.Members.Select(Flat)] })
                : bytes;
        }

        private static Member Flat(Member member) => member with { Incarnation = default };
    }

    /// <summary>Whom the topology has removed SWIM goes on to believe in.</summary>
    internal sealed class ForgottenForget : Sabotage
    {
        public override void Wanted(SimulatedNode node, List<ControlEffect> effects) =>
            effects.RemoveAll(effect => effect is ControlEffect.Evict);
    }
}
