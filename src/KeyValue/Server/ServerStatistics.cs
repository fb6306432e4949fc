using Trefoil.KeyValue.Commands;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Server;

/// <summary>Counters for INFO. Written by the I/O thread; readers may see them a moment late.</summary>
public sealed class ServerStatistics(TimeProvider time)
{
    /// <summary>Different error codes counted apart; the rest only in the total.</summary>
    private const int MaxErrorCodes = 128;

    /// <summary>A clock finer than a nanosecond is read as one of a nanosecond; coarser ones (Windows: 100 ns) as what they are.</summary>
    private readonly long _nanosecondsPerTick = Math.Max(1, 1_000_000_000 / time.TimestampFrequency);

    private readonly SortedDictionary<string, long> _errors = new(StringComparer.Ordinal);
    private (long Commands, long Input, long Output) _sampled;
    private long _sampledMs;
    private long _droppedPublishes;

    internal long Commands { get; private set; }

    /// <summary>Whether it is recorded how long each call took (latency-tracking).</summary>
    internal bool TracksLatency { get; set; } = true;

    internal long Connections { get; set; }

    internal long RejectedConnections { get; set; }

    internal long InputBytes { get; set; }

    internal long OutputBytes { get; set; }

    internal long ErrorReplies { get; private set; }

    internal long OutputLimitDisconnections { get; set; }

    internal long QueryBufferLimitDisconnections { get; set; }

    /// <summary>Published messages that did not reach another node: it could not be reached, or read too slowly.</summary>
    internal long DroppedPublishes => Volatile.Read(ref _droppedPublishes);

    /// <summary>Connections closed because a command failed inside.</summary>
    internal long Faults { get; set; }

    internal long ReadsProcessed { get; set; }

    internal long WritesProcessed { get; set; }

    /// <summary>Error replies by their first word.</summary>
    internal IReadOnlyList<KeyValuePair<string, long>> Errors
    {
        get
        {
            lock (_errors)
            {
                return [.. _errors];
            }
        }
    }

    /// <summary>From any thread.</summary>
    internal void Dropped(int publishes) => Interlocked.Add(ref _droppedPublishes, publishes);

    internal void Ran(CommandSpec spec, RespWriter reply, int mark, long ticks)
    {
        Commands++;
        spec.Statistics.Ran(ticks, TracksLatency ? _nanosecondsPerTick : 0);
        if (IsError(reply, mark))
        {
            spec.Statistics.Failed++;
            CountError(reply.Written[mark..]);
        }
    }

    internal void Rejected(CommandSpec? spec, RespWriter reply, int mark)
    {
        if (spec is not null)
        {
            spec.Statistics.Rejected++;
        }

        if (IsError(reply, mark))
        {
            CountError(reply.Written[mark..]);
        }
    }

    /// <summary>Commands per second over the last ticks.</summary>
    internal long CommandsPerSecond { get; private set; }

    internal double InputPerSecond { get; private set; }

    internal double OutputPerSecond { get; private set; }

    /// <summary>Called about ten times a second: rates over the last second or so.</summary>
    internal void Sample(long nowMs)
    {
        var elapsed = nowMs - _sampledMs;
        if (elapsed < 1000)
        {
            return;
        }

        CommandsPerSecond = (Commands - _sampled.Commands) * 1000 / elapsed;
        InputPerSecond = (InputBytes - _sampled.Input) / 1.024 / elapsed;
        OutputPerSecond = (OutputBytes - _sampled.Output) / 1.024 / elapsed;
        _sampled = (Commands, InputBytes, OutputBytes);
        _sampledMs = nowMs;
    }

    internal void Reset()
    {
        Commands = Connections = RejectedConnections = InputBytes = OutputBytes = ErrorReplies = 0;
        OutputLimitDisconnections = QueryBufferLimitDisconnections = ReadsProcessed = WritesProcessed = 0;
        _sampled = default;
        lock (_errors)
        {
            _errors.Clear();
        }
    }

    private static bool IsError(RespWriter reply, int mark) => reply.Length > mark && reply.Written[mark] == (byte)'-';

    private void CountError(ReadOnlySpan<byte> reply)
    {
        ErrorReplies++;
        var end = reply.IndexOfAny((byte)' ', (byte)'\r');
        var code = System.Text.Encoding.Latin1.GetString(reply[1..Math.Clamp(end, 1, 32)]);
        lock (_errors)
        {
            if (_errors.TryGetValue(code, out var count) || _errors.Count < MaxErrorCodes)
            {
                _errors[code] = count + 1;
            }
        }
    }
}
