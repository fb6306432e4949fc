using System.Buffers.Binary;
using Trefoil.Primitives;

namespace Trefoil.Replication;

/// <content>Replica: greeting a primary, taking records, saying what is held.</content>
public sealed partial class ReplicaNode
{
    private const int FrameHeader = 4;
    private Following? _follow;
    private bool _uncommitted;
    private bool _stuck;

    private void Follow(ShardView view, List<ReplicaEffect> effects)
    {
        if (_follow is { } known && known.Primary == view.Primary && known.Epoch == view.Epoch)
        {
            return;
        }

        StopFollowing();
        _follow = new Following(view.Primary, view.Epoch);
        Note(ReplicaEvent.Following, $"{view.Primary} in epoch {view.Epoch}", effects);
        OpenSession(_follow, _now);
    }

    private void StopFollowing()
    {
        CommitReceived();
        _follow = null;
    }

    /// <summary>Whatever was said before is void; the primary compares the logs anew.</summary>
    private void OpenSession(Following follow, TimeSpan at)
    {
        (follow.Session, follow.Linked, follow.HelloAt, follow.Receiving) = (NextNumber(), false, at, null);
        follow.OpenedAt = _log.LastLsn;
        follow.NextLsn = _log.LastLsn + 1;
        follow.ToldDurable = 0;
        follow.AckDue = false;
        follow.Partial.Clear();
    }

    private void HandlePrimary(Following follow, ReplicaMessage message, List<ReplicaEffect> effects)
    {
        if (message is ReplicaMessage.HandOverAnswer answer)
        {
            TakeAnswer(answer, effects);
            return;
        }

        if (message is ReplicaMessage.Heartbeat { Session: NoSession } && !follow.Linked)
        {
            follow.HelloAt = _now;
            return;
        }

        if (SessionOf(message) != follow.Session || _stuck)
        {
            return;
        }

        (follow.Linked, follow.LastHeard) = (true, _now);
        switch (message)
        {
            case ReplicaMessage.Heartbeat heartbeat:
                (follow.PrimaryLsn, follow.AckedLsn) = (heartbeat.LastLsn, heartbeat.AckedLsn);
                follow.AckDue = true;
                break;
            case ReplicaMessage.Records records when follow.Receiving is null && _installing is null:
                if (!TakeRecords(follow, records, effects))
                {
                    _malformed++;
                    Note(ReplicaEvent.Malformed, $"records from {records.From}: starting over", effects);
                    CommitReceived();
                    OpenSession(follow, _now + _config.HelloRetry);
                }

                break;
            case ReplicaMessage.SnapshotPart part:
                TakePart(follow, part, effects);
                break;
        }
    }

    private static ulong SessionOf(ReplicaMessage message) => message switch
    {
        ReplicaMessage.Heartbeat m => m.Session,
        ReplicaMessage.Records m => m.Session,
        ReplicaMessage.SnapshotPart m => m.Session,
        _ => 0,
    };

    /// <summary>Appends what continues the log. What is here already is skipped, a gap is answered with where this log ends.</summary>
    /// <returns>False if the bytes are malformed.</returns>
    private bool TakeRecords(Following follow, ReplicaMessage.Records records, List<ReplicaEffect> effects)
    {
        follow.AckDue = true;
        var bytes = records.Bytes.Span;
        var lsn = records.From.Lsn;
        if (records.From.Offset > 0)
        {
            if (lsn != follow.NextLsn || records.From.Offset > follow.Partial.Length)
            {
                return true; // The beginning of this record was here before, or is yet to come.
            }

            var known = follow.Partial.Length - records.From.Offset;
            if (known >= bytes.Length)
            {
                return true;
            }

            bytes = bytes[known..];
            if (!FillPartial(follow, ref bytes, out var isWhole))
            {
                return false;
            }

            if (!isWhole)
            {
                return true;
            }

            lsn = follow.NextLsn;
            AppendNext(follow, follow.Partial.Written[FrameHeader..], effects);
            ClearPartial(follow);
            lsn++;
        }

        return lsn > follow.NextLsn || TakeWhole(follow, lsn, bytes, effects);
    }

    /// <summary>Takes records from the beginning of one of them, at or before the next.</summary>
    private bool TakeWhole(Following follow, ulong lsn, ReadOnlySpan<byte> bytes, List<ReplicaEffect> effects)
    {
        while (bytes.Length > 0 && !_stuck)
        {
            if (!TryLength(bytes, out var length))
            {
                return false;
            }

            if (length > bytes.Length)
            {
                if (lsn == follow.NextLsn && bytes.Length > follow.Partial.Length)
                {
                    follow.Partial = new ByteWriter(Math.Max(length, bytes.Length));
                    follow.Partial.Raw(bytes);
                }

                return true;
            }

            if (lsn == follow.NextLsn)
            {
                ClearPartial(follow);
                AppendNext(follow, bytes[FrameHeader..length], effects);
            }

            lsn++;
            bytes = bytes[length..];
        }

        return true;
    }

    /// <summary>Moves bytes to the partial record until it is whole or they are used up.</summary>
    private bool FillPartial(Following follow, ref ReadOnlySpan<byte> bytes, out bool isWhole)
    {
        isWhole = false;
        var partial = follow.Partial;
        var header = Math.Clamp(FrameHeader - partial.Length, 0, bytes.Length);
        partial.Raw(bytes[..header]);
        bytes = bytes[header..];
        if (!TryLength(partial.Written, out var length))
        {
            return false;
        }

        if (partial.Length < FrameHeader)
        {
            return true;
        }

        var rest = Math.Min(length - partial.Length, bytes.Length);
        partial.Raw(bytes[..rest]);
        bytes = bytes[rest..];
        isWhole = partial.Length == length;
        return true;
    }

    /// <summary>The framed length, once the header is here; until then more than there is. False: no record is that long.</summary>
    private bool TryLength(ReadOnlySpan<byte> framed, out int length)
    {
        length = int.MaxValue;
        if (framed.Length < FrameHeader)
        {
            length = FrameHeader;
            return true;
        }

        var bytes = BinaryPrimitives.ReadUInt32LittleEndian(framed);
        length = bytes <= (uint)_config.MaxRecordBytes ? (int)bytes + FrameHeader : 0;
        return length > 0;
    }

    private void AppendNext(Following follow, ReadOnlySpan<byte> record, List<ReplicaEffect> effects)
    {
        if (!_log.Append(follow.NextLsn, record))
        {
            _stuck = true;
            effects.Add(new ReplicaEffect.Fatal($"record {follow.NextLsn} is of a kind that this version does not know"));
            return;
        }

        follow.NextLsn++;
        _uncommitted = true;
    }

    private static void ClearPartial(Following follow)
    {
        const int KeepBytes = 1 << 20;
        if (follow.Partial.Length > KeepBytes)
        {
            follow.Partial = new ByteWriter();
        }

        follow.Partial.Clear();
    }

    private void CommitReceived()
    {
        if (_uncommitted)
        {
            _uncommitted = false;
            _log.Commit();
        }
    }

    private void SettleFollowing(Following follow, bool due, List<ReplicaEffect> effects)
    {
        CommitReceived();
        if (_stuck || _installing is not null)
        {
            if (follow.AckDue)
            {
                Acknowledge(follow, effects);
            }

            return;
        }

        if (due && follow.Linked && !follow.IsAlive(_now, _config.LinkTimeout))
        {
            OpenSession(follow, _now); // One of the two may have forgotten what was said.
        }

        if (!follow.Linked)
        {
            SayHello(follow, effects);
        }
        else if (follow.AckDue || (_log.DurableLsn > follow.ToldDurable && follow.Receiving is null))
        {
            Acknowledge(follow, effects);
        }
    }

    private void SayHello(Following follow, List<ReplicaEffect> effects)
    {
        if (_now < follow.HelloAt)
        {
            return;
        }

        follow.HelloAt = _now + _config.HelloRetry;
        effects.Add(new ReplicaEffect.Send(
            follow.Primary,
            new ReplicaMessage.Hello(follow.Epoch, follow.Session, _log.LastLsn, _log.ConsistentLsn, _log.History)));
    }

    private void Acknowledge(Following follow, List<ReplicaEffect> effects)
    {
        follow.AckDue = false;
        if (follow.Receiving is { } receiving)
        {
            effects.Add(new ReplicaEffect.Send(
                follow.Primary, new ReplicaMessage.SnapshotAck(follow.Epoch, follow.Session, receiving.Transfer, receiving.Offset)));
            return;
        }

        follow.ToldDurable = _log.DurableLsn;
        var next = new LogCursor(follow.NextLsn, follow.Partial.Length);
        effects.Add(new ReplicaEffect.Send(
            follow.Primary,
            new ReplicaMessage.Ack(
                follow.Epoch, follow.Session, next, Math.Min(_log.LastLsn, follow.NextLsn - 1), follow.ToldDurable, _log.ConsistentLsn)));
    }
}
