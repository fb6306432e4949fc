namespace Trefoil.Cluster.Failover.Load;

/// <summary>What must not happen and did, each as a sentence. Thread-safe; keeps the first so many and counts all.</summary>
internal sealed class Complaints
{
    private const int MostKept = 12;

    private readonly Lock _lock = new();
    private readonly List<string> _kept = []; // under _lock
    private int _count; // under _lock

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    public void Add(string sentence)
    {
        lock (_lock)
        {
            _count++;
            if (_kept.Count < MostKept)
            {
                _kept.Add(sentence);
            }
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return _count == 0 ? "none" : $"{_count}:\n    " + string.Join("\n    ", _kept);
        }
    }
}
