using Trefoil.Consensus;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.ControlPlane;

/// <summary>The wire form of <see cref="ControlMessage"/>: a kind byte, then the fields. Kinds are append-only.</summary>
public static class ControlCodec
{
    /// <summary>A command, delta or reason that is larger is malformed: no topology command comes near it.</summary>
    public const int MaxCommandBytes = 1 << 20;

    /// <summary>A whole topology is at most this large: 10 000 nodes at 100 bytes and every slot its own range.</summary>
    public const int MaxSnapshotBytes = 8 << 20;

    private const int MaxEntries = 65536;
    private const int MaxVoters = 64;
    private const int MaxText = 1024;

    /// <summary>Appends the message.</summary>
    public static void Write(ByteWriter writer, ControlMessage message)
    {
        ArgumentNullException.ThrowIfNull(writer);
        switch (message)
        {
            case ControlMessage.Raft raft:
                writer.Byte(1);
                RaftCodec.Write(writer, raft.Message);
                break;
            case ControlMessage.Propose propose:
                writer.Byte(2);
                WriteRequest(writer, propose.Request);
                writer.Bytes(propose.Command);
                writer.Varint(propose.Version);
                break;
            case ControlMessage.NotLeader other:
                writer.Byte(3);
                WriteRequest(writer, other.Request);
                writer.Node(other.Leader);
                break;
            case ControlMessage.Deltas deltas:
                writer.Byte(4);
                WriteDeltas(writer, deltas);
                break;
            case ControlMessage.Pull pull:
                writer.Byte(5);
                writer.Varint(pull.Version);
                break;
            case ControlMessage.Full full:
                writer.Byte(6);
                writer.Bytes(full.Snapshot);
                break;
            case ControlMessage.Expelled expelled:
                writer.Byte(7);
                writer.Node(expelled.Node);
                writer.Varint(expelled.Version);
                break;
            case ControlMessage.LeaseRequest request:
                writer.Byte(15);
                writer.Node(request.Shard);
                writer.Varint(request.Epoch);
                writer.Bool(request.MayBegin);
                writer.Varint(request.Token);
                break;
            case ControlMessage.LeaseGrant grant:
                writer.Byte(16);
                writer.Varint(grant.Token);
                writer.Node(grant.Shard);
                writer.Varint(grant.Epoch);
                break;
            case ControlMessage.ShardPosition told:
                writer.Byte(17);
                writer.Node(told.Shard);
                writer.Varint(told.Epoch);
                writer.Varint(told.Position.Epoch);
                writer.Varint(told.Position.Lsn);
                writer.Bool(told.Position.IsUsable);
                break;
            default:
                WriteJoining(writer, message);
                break;
        }
    }

    /// <summary>Reads one whole message; null when malformed.</summary>
    public static ControlMessage? Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        ControlMessage? message = reader.Byte() switch
        {
            1 => RaftCodec.TryRead(ref reader, out var raft) ? new ControlMessage.Raft(raft!) : null,
            2 => new ControlMessage.Propose(ReadRequest(ref reader), reader.Bytes(MaxCommandBytes).ToArray(), reader.Varint()),
            3 => new ControlMessage.NotLeader(ReadRequest(ref reader), reader.Node()),
            4 => ReadDeltas(ref reader),
            5 => new ControlMessage.Pull(reader.Varint()),
            6 => new ControlMessage.Full(reader.Bytes(MaxSnapshotBytes).ToArray()),
            7 => new ControlMessage.Expelled(reader.Node(), reader.Varint()),
            8 => new ControlMessage.Offer(
                ReadRequest(ref reader), reader.Text(MaxText), reader.Cluster(), reader.Bytes(MaxCommandBytes).ToArray()),
            9 => new ControlMessage.Accepted(
                ReadRequest(ref reader), reader.Cluster(), reader.Varint(), reader.Bytes(MaxSnapshotBytes).ToArray()),
            10 => new ControlMessage.Declined(ReadRequest(ref reader), reader.Text(MaxText)),
            11 => new ControlMessage.Crossed(ReadRequest(ref reader)),
            12 => new ControlMessage.Withdraw(ReadRequest(ref reader), reader.Node(), reader.Cluster()),
            13 => new ControlMessage.Invite(ReadRequest(ref reader), reader.Text(MaxText)),
            14 => new ControlMessage.InviteRefused(ReadRequest(ref reader), reader.Text(MaxText)),
            15 => new ControlMessage.LeaseRequest(reader.Node(), reader.Varint(), reader.Bool(), reader.Varint()),
            16 => new ControlMessage.LeaseGrant(reader.Varint(), reader.Node(), reader.Varint()),
            17 => new ControlMessage.ShardPosition(
                reader.Node(), reader.Varint(), new LogPosition(reader.Varint(), reader.Varint(), reader.Bool())),
            _ => null,
        };
        return reader.Ended ? message : null;
    }

    private static void WriteJoining(ByteWriter writer, ControlMessage message)
    {
        switch (message)
        {
            case ControlMessage.Offer offer:
                writer.Byte(8);
                WriteRequest(writer, offer.Join);
                writer.Text(offer.ClusterName);
                writer.Cluster(offer.To);
                writer.Bytes(offer.AddNode);
                break;
            case ControlMessage.Accepted accepted:
                writer.Byte(9);
                WriteRequest(writer, accepted.Join);
                writer.Cluster(accepted.Cluster);
                writer.Varint(accepted.MemberId);
                writer.Bytes(accepted.Snapshot);
                break;
            case ControlMessage.Declined declined:
                writer.Byte(10);
                WriteRequest(writer, declined.Join);
                writer.Text(declined.Reason);
                break;
            case ControlMessage.Crossed crossed:
                writer.Byte(11);
                WriteRequest(writer, crossed.Join);
                break;
            case ControlMessage.Withdraw withdraw:
                writer.Byte(12);
                WriteRequest(writer, withdraw.Join);
                writer.Node(withdraw.Node);
                writer.Cluster(withdraw.To);
                break;
            case ControlMessage.Invite invite:
                writer.Byte(13);
                WriteRequest(writer, invite.Invitation);
                writer.Text(invite.ClusterName);
                break;
            case ControlMessage.InviteRefused refused:
                writer.Byte(14);
                WriteRequest(writer, refused.Invitation);
                writer.Text(refused.Reason);
                break;
            default:
                throw new ArgumentException($"No wire form for {message}.", nameof(message));
        }
    }

    private static void WriteDeltas(ByteWriter writer, ControlMessage.Deltas deltas)
    {
        writer.Node(deltas.Leader);
        writer.Varint(deltas.Term);
        writer.Varint((ulong)deltas.Voters.Count);
        foreach (var voter in deltas.Voters)
        {
            writer.Node(voter);
        }

        writer.Varint(deltas.From);
        writer.Varint((ulong)deltas.Entries.Count);
        foreach (var entry in deltas.Entries)
        {
            writer.Bytes(entry.Command);
        }
    }

    private static ControlMessage.Deltas ReadDeltas(ref ByteReader reader)
    {
        var leader = reader.Node();
        var term = reader.Varint();
        var voters = new List<NodeId>();
        for (var count = reader.Count(MaxVoters); count > 0 && !reader.Failed; count--)
        {
            voters.Add(reader.Node());
        }

        var from = reader.Varint();
        var entries = new List<Delta>();
        var total = reader.Count(MaxEntries);
        for (var i = 0; i < total && !reader.Failed; i++)
        {
            entries.Add(new Delta(from + (ulong)i, reader.Bytes(MaxCommandBytes).ToArray()));
        }

        return new ControlMessage.Deltas(leader, term, voters, from, entries);
    }

    private static void WriteRequest(ByteWriter writer, RequestId request)
    {
        writer.Node(request.Proposer);
        writer.Varint(request.Sequence);
    }

    private static RequestId ReadRequest(ref ByteReader reader) => new(reader.Node(), reader.Varint());
}
