namespace Trefoil.Cluster.Failover.Load;

/// <summary>What one writer was told: it alone writes its keys, which all lie in one slot, so each reply and each read can be judged.</summary>
internal sealed class WriterRecord(string tag, int slot)
{
    private readonly Lock _lock = new();
    private readonly List<Outcome> _sets = []; // under _lock: of the SET of key number i
    private long _sumFloor;
    private long _pairFloor;

    public int Slot => slot;

    public string SumKey { get; } = $"{{{tag}}}:sum";

    public string LeftKey { get; } = $"{{{tag}}}:left";

    public string RightKey { get; } = $"{{{tag}}}:right";

    /// <summary>INCRs that were answered, and those that were sent without an answer.</summary>
    public (long Acknowledged, long Unknown) Increments { get; set; }

    /// <summary>The number last sent in a transaction on both keys of the pair.</summary>
    public long PairSent { get; set; }

    /// <summary>The least that a read of the sum sent now may show: the highest that anybody was told.</summary>
    public long SumFloor => Interlocked.Read(ref _sumFloor);

    /// <summary>The same for the pair.</summary>
    public long PairFloor => Interlocked.Read(ref _pairFloor);

    /// <summary>SETs so far.</summary>
    public int Sets
    {
        get
        {
            lock (_lock)
            {
                return _sets.Count;
            }
        }
    }

    public string SetKey(int number) => $"{{{tag}}}:set:{number}";

    public void AddSet(Outcome outcome)
    {
        lock (_lock)
        {
            _sets.Add(outcome);
        }
    }

    public Outcome SetOutcome(int number)
    {
        lock (_lock)
        {
            return _sets[number];
        }
    }

    public void RaiseSum(long told) => Raise(ref _sumFloor, told);

    public void RaisePair(long told) => Raise(ref _pairFloor, told);

    private static void Raise(ref long floor, long told)
    {
        for (var seen = Interlocked.Read(ref floor); seen < told;)
        {
            seen = Interlocked.CompareExchange(ref floor, told, seen);
        }
    }
}
