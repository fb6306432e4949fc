using Trefoil.KeyValue.Server;

namespace Trefoil.KeyValue.Connections;

/// <summary>Replies that may not leave yet: records that they tell of are not released, or the lease under which they were given does not hold.</summary>
public sealed partial class Connection
{
    /// <summary>What <see cref="Sendable"/> gives once this node was deposed after a command ran: its answer may never leave.</summary>
    internal const int Deposed = -1;

    private (int Bytes, ulong Lsn) _held;
    private ulong _needed;
    private int _term;

    /// <summary>The newest record that this client was, or is to be, told of (WAIT).</summary>
    internal ulong NeededLsn { get; private set; }

    /// <summary>When its commands have waited long enough at a shut gate, in ticks of the server's clock; 0: none of those that came together has waited.</summary>
    internal long ParkedUntil { get; set; }

    /// <summary>The reply says what a record of the log made true: it may not leave before it.</summary>
    /// <param name="lsn">The record; 0: none.</param>
    /// <param name="term">Of the gate under whose lease the command ran (<see cref="Replication.ServingGate.Term"/>); 0: it needs no lease.</param>
    internal void DependsOn(ulong lsn, int term)
    {
        NeededLsn = Math.Max(NeededLsn, lsn);
        _needed = Math.Max(_needed, lsn);
        if (term != 0 && (_term == 0 || term < _term))
        {
            _term = term;
        }
    }

    /// <summary>How many bytes of <see cref="Output"/> may leave now, or <see cref="Deposed"/>.</summary>
    /// <remarks>
    /// Replies are held in batches, each up to where the output ended when the one before it left. One boundary instead of one per reply, and
    /// a client that never stops sending still gets its answers.
    /// </remarks>
    internal int Sendable(KeyValueServer server)
    {
        // Before the term: a node that is deposed ends its term first, and then holds nothing any more.
        var releasedLsn = server.Store.ReleasedLsn;
        if (_term != 0)
        {
            if (_term != server.Gate.Term)
            {
                return Output.Length == 0 ? 0 : Deposed;
            }

            if (!server.Gate.HoldsLease)
            {
                return 0;
            }
        }

        if (_needed <= releasedLsn)
        {
            _held = default;
            return Output.Length;
        }

        if (_held.Bytes == 0)
        {
            _held = (Output.Length, _needed);
        }

        return _held.Lsn <= releasedLsn ? _held.Bytes : 0;
    }

    /// <summary>So many bytes have left.</summary>
    internal void Sent(int bytes)
    {
        Output.Drain(bytes);
        _held.Bytes = Math.Max(0, _held.Bytes - bytes);
        if (Output.Length == 0)
        {
            // What comes next depends on what it reads. A log that another primary's replaced may give these numbers again.
            (_needed, _term) = (0, 0);
        }
    }
}
