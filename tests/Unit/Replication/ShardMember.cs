using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Storage;

namespace Trefoil.Unit.Replication;

/// <summary>One machine: a log that outlives its processes, the core, and the gate that clients meet.</summary>
internal sealed class ShardMember(ShardWorld world, int index)
{
    private readonly List<ReplicaEffect> _effects = [];
    private readonly List<(ulong Needed, ClientCall Call)> _held = [];
    private ReplicaNode? _core;
    private ReplicaInput.ShardChanged? _saved;
    private TimeSpan _stalledUntil;
    private TimeSpan _wakeAt = TimeSpan.MaxValue;
    private uint _boots;
    private bool _ticking;

    public int Index => index;

    public NodeId Id { get; } = new(0xA, (ulong)index + 1);

    public ModelLog Log { get; } = new();

    public ReplicaNode Core => _core!;

    public bool Up { get; private set; }

    public int Life { get; private set; }

    public ulong ServingEpoch { get; private set; }

    public bool Paused { get; private set; }

    public ulong Acked { get; private set; }

    public TimeSpan LeaseUntil { get; set; }

    /// <summary>The topology this node shows.</summary>
    public ReplicaInput.ShardChanged? View { get; private set; }

    /// <summary>The gate is open, now.</summary>
    public bool Answers => Up && ServingEpoch != 0 && world.Now < LeaseUntil;

    /// <summary>Starts with what was saved before, or with this.</summary>
    public void Start(ReplicaInput.ShardChanged? first)
    {
        Up = true;
        Life++;
        _effects.Clear();
        _ticking = false;
        (_stalledUntil, _wakeAt, ServingEpoch, Paused, Acked, LeaseUntil) = (default, TimeSpan.MaxValue, 0, false, 0, default);
        _core = new ReplicaNode(
            Id, world.Plan.Config with { Incarnation = ++_boots, Ack = world.Plan.Ack }, Log, world.Now);
        _saved ??= first!;
        View = null;
        Show(_saved);
        Note("starts");
    }

    public void Crash(CrashMode mode)
    {
        Note($"crashes with {Log.LastLsn}, durable {Log.DurableLsn}");
        Up = false;
        Life++;
        Log.Crash(world.Random, mode);
        foreach (var (_, call) in _held)
        {
            call.Closed();
        }

        _held.Clear();
        world.Oracle.CheckHeld();
    }

    public void StallUntil(TimeSpan until) => _stalledUntil = until;

    /// <summary>A topology from the council. An election, and a victory, are saved before they are acted on; the rest may be lost with the process.</summary>
    public void Show(ReplicaInput.ShardChanged view)
    {
        if (View is { } known && known.Version >= view.Version)
        {
            return;
        }

        var isVictory = view.Shard is { IsElecting: false } shard && shard.Primary == Id && View?.Shard?.Epoch == shard.Epoch;
        View = view;
        if (view.Shard is { IsElecting: true } || isVictory || world.Random.Chance(0.3))
        {
            _saved = view;
        }

        Post(view);
    }

    public void Post(ReplicaInput input)
    {
        if (!Up)
        {
            return;
        }

        if (world.Now < _stalledUntil && input is not ReplicaInput.ShardChanged { Version: 0 })
        {
            var life = Life;
            world.After(_stalledUntil - world.Now, () =>
            {
                if (life == Life)
                {
                    Post(input);
                }
            });
            return;
        }

        _core!.Handle(world.Now, input, _effects);
        Perform();
        if (!_ticking)
        {
            _ticking = true;
            Wake(world.Random.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(0.3)));
        }
    }

    public void AskHandOver()
    {
        if (Up)
        {
            Post(new ReplicaInput.HandOverAsked(world.Random.Next() >> 8, Id));
        }
    }

    /// <summary>A client's call; refused at once if the gate is closed.</summary>
    public void Execute(ClientCall call)
    {
        if (!Answers || Paused || world.Now < _stalledUntil)
        {
            call.Refused();
            return;
        }

        var lsn = call.IsWrite ? Log.Write(call.Slot, call.Value, call.Padding) : Log.Registers[call.Slot].Lsn;
        if (call.IsWrite && lsn == 0)
        {
            throw world.Violation($"n{index} is open and does not record");
        }

        call.Executed(this, lsn, Log.Registers[call.Slot].Value);
        _held.Add((Math.Max(lsn, 1), call));
        Post(new ReplicaInput.Appended());
    }

    public ReplicaStatus Status() => _core!.Status();

    private void Wake(TimeSpan delay)
    {
        var life = Life;
        world.After(delay, () =>
        {
            if (life == Life && Up)
            {
                Tick();
            }
        });
    }

    private void Tick()
    {
        if (world.Now < _stalledUntil)
        {
            Wake(_stalledUntil - world.Now);
            return;
        }

        _ticking = false;
        _core!.Tick(world.Now, _effects);
        Perform();
        var deadline = _core.Deadline;
        if (deadline != TimeSpan.MaxValue && (deadline < _wakeAt || _wakeAt <= world.Now))
        {
            _wakeAt = deadline;
            Wake(deadline > world.Now ? deadline - world.Now : TimeSpan.FromMilliseconds(0.1));
        }
    }

    private void Perform()
    {
        for (var i = 0; i < _effects.Count; i++)
        {
            Perform(_effects[i]);
        }

        _effects.Clear();
        Release();
        world.Oracle.CheckHeld();
    }

    private void Perform(ReplicaEffect effect)
    {
        switch (effect)
        {
            case ReplicaEffect.Send send:
                Send(send);
                break;
            case ReplicaEffect.Acked acked:
                world.Oracle.Acked(this, acked.Lsn);
                Acked = acked.Lsn;
                break;
            case ReplicaEffect.Serve serve:
                ServingEpoch = serve.On ? serve.Epoch : 0;
                Note(serve.On ? $"serves {serve.Epoch}" : "serves no longer");
                world.Oracle.Serving(this, serve);
                break;
            case ReplicaEffect.Deposed:
                _held.ForEach(held => held.Call.Closed());
                _held.Clear();
                break;
            case ReplicaEffect.Propose propose:
                world.Council.Propose(this, propose);
                break;
            case ReplicaEffect.ProposeHandOver propose:
                world.Council.Propose(this, propose);
                break;
            case ReplicaEffect.PauseForHandOver:
                Paused = true;
                break;
            case ReplicaEffect.ResumeAfterHandOver:
                Paused = false;
                break;
            case ReplicaEffect.HandOverDone done:
                world.Count(done.Error is null ? "handed over" : "hand-over refused");
                break;
            case ReplicaEffect.Dropped dropped:
                world.Count("dropped");
                Note($"dropped {dropped.Records}");
                break;
            case ReplicaEffect.Fatal fatal:
                throw world.Violation($"n{index}: {fatal.Reason}");
            case ReplicaEffect.Note note:
                world.Count(note.Event.ToString());
                Note($"{note.Event}: {note.Detail}");
                break;
        }
    }

    /// <summary>A reply leaves only acknowledged, and under a lease that holds now.</summary>
    private void Release()
    {
        for (var i = 0; i < _held.Count && Answers;)
        {
            if (_held[i].Needed <= Acked)
            {
                _held[i].Call.Answered();
                _held.RemoveAt(i);
            }
            else
            {
                i++;
            }
        }
    }

    private void Send(ReplicaEffect.Send send)
    {
        var to = world.Find(send.To);
        var writer = new ByteWriter();
        ReplicaCodec.Write(writer, world.Plan.Lie?.Invoke(send.Message) ?? send.Message);
        var bytes = writer.ToArray();
        world.Transmit(index, to.Index, () =>
        {
            if (to.Up)
            {
                var message = ReplicaCodec.Read(bytes) ?? throw world.Violation($"unreadable {send.Message}");
                to.Post(new ReplicaInput.Peer(Id, message));
            }
            else
            {
                Post(new ReplicaInput.Unreachable(to.Id));
            }
        });
    }

    private void Note(string what) => world.Note($"n{index} {what}");
}
