using Trefoil.ControlPlane;
using Trefoil.Drivers.Peers;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Wire.Peer;

namespace Trefoil.Drivers.Control;

/// <summary>What the control driver tells the rest of the node; called on the control thread, so none of it may block.</summary>
public sealed record ControlCallbacks
{
    /// <summary>There is a new topology.</summary>
    public required Action<Topology> Published { get; init; }

    /// <summary>Refuse or accept writes; returns the number of keys once refusing has taken effect.</summary>
    public required Func<bool, long> Fence { get; init; }

    /// <summary>Effects for SWIM: evict, admit, rebase, gossip a version.</summary>
    public required Action<ControlEffect> Gossip { get; init; }

    /// <summary>A lease: its epoch, and until when it holds, as a timestamp of the driver's clock.</summary>
    public required Action<ulong, long> Leased { get; init; }

    /// <summary>An event for the log.</summary>
    public required Action<ControlEvent, string> Note { get; init; }

    /// <summary>The disk failed: nothing may go on. Must not return.</summary>
    public required Action<Exception> Fatal { get; init; }

    /// <summary>The loop was late by this much: an observable fact, not a mystery in someone else's timeout.</summary>
    public required Action<TimeSpan> Late { get; init; }
}

/// <summary>The thread that owns a <see cref="ControlNode"/>: one bounded inbox, one loop, effects performed in order.</summary>
public sealed class ControlDriver : IDisposable
{
    private const int MaxInbox = 16384;
    private const int MaxBatch = 512;
    private static readonly TimeSpan LateAfter = TimeSpan.FromMilliseconds(200);

    private readonly ControlNode _node;
    private readonly ControlStore _store;
    private readonly PeerTransport _transport;
    private readonly HostPort _self;
    private readonly ControlCallbacks _callbacks;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Thread _thread;
    private readonly object _lock = new();
    private readonly Queue<ControlInput> _inbox = new();
    private readonly Dictionary<ulong, TaskCompletionSource<CommandResult>> _waiting = [];
    private readonly AnswerThread _answers = new();
    private ulong _nextToken;
    private bool _stopped;

    /// <summary>Builds the driver; <see cref="Start"/> lets it run.</summary>
    /// <param name="node">The core, restored; owned by this driver's thread from now on.</param>
    /// <param name="store">Performs the persistent effects.</param>
    /// <param name="transport">Sends; its receiver must call <see cref="Post"/>.</param>
    /// <param name="self">Where peers reach this node, for the envelope.</param>
    /// <param name="callbacks">Where everything else goes.</param>
    /// <param name="time">A monotonic clock that runs on while the machine sleeps: leases are counted by it.</param>
    public ControlDriver(
        ControlNode node, ControlStore store, PeerTransport transport, HostPort self, ControlCallbacks callbacks, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _node = node;
        _store = store;
        _transport = transport;
        _self = self;
        _callbacks = callbacks;
        _time = time;
        _start = time.GetTimestamp();
        _thread = new Thread(Run) { IsBackground = true, Name = "control", Priority = ThreadPriority.AboveNormal };
        Status = node.Status();
    }

    /// <summary>Where the node stands, as of the last round.</summary>
    public ControlStatus Status { get; private set; }

    /// <summary>Starts the loop.</summary>
    public void Start()
    {
        _answers.Start();
        _thread.Start();
    }

    /// <summary>Hands over an input from any thread; false, and the input dropped, when the inbox is full.</summary>
    public bool Post(ControlInput input)
    {
        lock (_lock)
        {
            if (_stopped || _inbox.Count >= MaxInbox)
            {
                return false;
            }

            _inbox.Enqueue(input);
            if (_inbox.Count == 1)
            {
                Monitor.Pulse(_lock);
            }

            return true;
        }
    }

    /// <summary>Hands over an input that is answered, and returns the answer: when it is OK, this node shows the change.</summary>
    /// <remarks>Who awaits it goes on at the thread of answers, as <see cref="AnswerThread"/> says.</remarks>
    public Task<CommandResult> Ask(Func<ulong, ControlInput> build, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(build);
        ulong token;
        var answer = new TaskCompletionSource<CommandResult>();
        lock (_lock)
        {
            token = ++_nextToken;
            _waiting.Add(token, answer);
        }

        if (!Post(build(token)))
        {
            Answer(token, new CommandResult.Refused("ERR The control plane is stopped or overloaded, try again"));
        }

        return answer.Task.WaitAsync(cancellation);
    }

    /// <summary>Stops the loop and waits for it.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _stopped = true;
            Monitor.Pulse(_lock);
        }

        if (_thread.IsAlive && _thread.Join(TimeSpan.FromSeconds(5)))
        {
            _store.Seal(Status.Commit);
        }

        _store.Dispose();
        foreach (var token in _waiting.Keys.ToArray())
        {
            Answer(token, new CommandResult.Refused("ERR The node is shutting down"));
        }

        _answers.Dispose();
    }

    private TimeSpan Now => _time.GetElapsedTime(_start);

    private void Run()
    {
        var batch = new List<ControlInput>(MaxBatch);
        var effects = new List<ControlEffect>();
        try
        {
            while (Take(batch))
            {
                var began = Now;
                foreach (var input in batch)
                {
                    _node.Handle(began, input, effects);
                }

                _node.Tick(began, effects);
                Perform(effects);
                effects.Clear();
                Status = _node.Status();
                if (Now - began > LateAfter)
                {
                    _callbacks.Late(Now - began);
                }
            }
        }
        catch (IOException failure)
        {
            // A failed sync, or no room: what was to be durable is not.
            _callbacks.Fatal(failure);
        }
    }

    /// <summary>Waits for inputs or the core's deadline; false when stopped.</summary>
    private bool Take(List<ControlInput> batch)
    {
        batch.Clear();
        lock (_lock)
        {
            while (_inbox.Count == 0 && !_stopped)
            {
                var wait = _node.Deadline - Now;
                if (wait <= TimeSpan.Zero || !Monitor.Wait(_lock, TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds))))
                {
                    break;
                }
            }

            while (batch.Count < MaxBatch && _inbox.TryDequeue(out var input))
            {
                batch.Add(input);
            }

            return !_stopped;
        }
    }

    private void Perform(List<ControlEffect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case ControlEffect.Send send:
                    var envelope = new PeerEnvelope(_node.Identity.ClusterName, send.Cluster, _node.Identity.Node, _self);
                    _transport.Send(send.To, envelope, send.Message);
                    break;
                case ControlEffect.Publish publish:
                    _callbacks.Published(publish.Topology);
                    break;
                case ControlEffect.Answer answer:
                    Answer(answer.Token, answer.Result);
                    break;
                case ControlEffect.Fence fence:
                    var keys = _callbacks.Fence(fence.On);
                    if (fence.On)
                    {
                        Post(new ControlInput.Fenced(keys));
                    }

                    break;
                case ControlEffect.Lease lease:
                    _callbacks.Leased(lease.Epoch, _start + (long)(lease.Until.TotalSeconds * _time.TimestampFrequency));
                    break;
                case ControlEffect.Note note:
                    _callbacks.Note(note.Event, note.Detail);
                    break;
                default:
                    if (!_store.Perform(effect))
                    {
                        _callbacks.Gossip(effect);
                    }

                    break;
            }
        }
    }

    private void Answer(ulong token, CommandResult result)
    {
        TaskCompletionSource<CommandResult>? waiting;
        lock (_lock)
        {
            _waiting.Remove(token, out waiting);
        }

        if (waiting is not null)
        {
            _answers.Answer(waiting, result);
        }
    }
}
