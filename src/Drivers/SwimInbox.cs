using Trefoil.Membership;

namespace Trefoil.Drivers;

/// <summary>What waits for the core's thread: commands, streams and packets, each with a limit of its own.</summary>
/// <remarks>
/// Separate limits, so that a flood of packets crowds out neither a command nor a stream. Streams need none here: they
/// are bounded by the threads that serve them. A plain monitor, because waking must not depend on the thread pool.
/// </remarks>
internal sealed class SwimInbox(int packetLimit, int commandLimit)
{
    private readonly object _lock = new();
    private readonly Queue<SwimInput> _packets = new();
    private readonly Queue<SwimInput> _streams = new();
    private readonly Queue<Action<Swim>> _commands = new();
    private bool _closed;

    /// <summary>False when full or closed: the packet is lost.</summary>
    public bool TryPostPacket(SwimInput.PacketReceived packet) => TryPost(_packets, packet, packetLimit);

    /// <summary>False only when closed.</summary>
    public bool TryPostStream(SwimInput input) => TryPost(_streams, input, int.MaxValue);

    /// <summary>False when full or closed: the command is not carried out.</summary>
    public bool TryPostCommand(Action<Swim> command) => TryPost(_commands, command, commandLimit);

    /// <summary>Refuses everything from now on and wakes the core's thread.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits until something is there, or the time is over; then moves out the commands, and up to <paramref name="maxInputs"/> inputs.</summary>
    public void Take(TimeSpan patience, List<Action<Swim>> commands, List<SwimInput> inputs, int maxInputs)
    {
        lock (_lock)
        {
            if (!_closed && _commands.Count == 0 && _streams.Count == 0 && _packets.Count == 0 && patience > TimeSpan.Zero)
            {
                // Monitor counts whole milliseconds: rounding down would spin through the last one.
                Monitor.Wait(_lock, (int)Math.Min(int.MaxValue, Math.Ceiling(patience.TotalMilliseconds)));
            }

            while (_commands.TryDequeue(out var command))
            {
                commands.Add(command);
            }

            while (inputs.Count < maxInputs && (_streams.TryDequeue(out var input) || _packets.TryDequeue(out input)))
            {
                inputs.Add(input);
            }
        }
    }

    private bool TryPost<T>(Queue<T> queue, T item, int limit)
    {
        lock (_lock)
        {
            if (_closed || queue.Count >= limit)
            {
                return false;
            }

            queue.Enqueue(item);
            Monitor.Pulse(_lock);
            return true;
        }
    }
}
