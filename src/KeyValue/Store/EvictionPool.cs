namespace Trefoil.KeyValue.Store;

/// <summary>The best candidates that samples have brought up so far, the best last: what makes sampling five keys nearly as good as sorting all.</summary>
/// <remarks>
/// As Redis' eviction pool. A candidate is (slot, hash of the key): small, and valid for as long as the key lives, whatever its entry is replaced
/// by. It may be gone or used again by the time it is taken; whoever takes it looks.
/// </remarks>
internal sealed class EvictionPool
{
    private const int Capacity = 16;
    private readonly Candidate[] _candidates = new Candidate[Capacity];

    /// <summary>A key that may go: the higher the score, the sooner.</summary>
    public readonly record struct Candidate(long Score, int Slot, uint Hash);

    public int Count { get; private set; }

    /// <summary>The score of the best; the pool is not empty.</summary>
    public long BestScore => _candidates[Count - 1].Score;

    public void Clear() => Count = 0;

    /// <summary>Takes a candidate in unless it is there already or the pool is full of better ones.</summary>
    public void Offer(Candidate candidate)
    {
        var at = 0;
        for (var i = 0; i < Count; i++)
        {
            if (_candidates[i].Slot == candidate.Slot && _candidates[i].Hash == candidate.Hash)
            {
                return;
            }

            at += _candidates[i].Score < candidate.Score ? 1 : 0;
        }

        if (Count < Capacity)
        {
            Array.Copy(_candidates, at, _candidates, at + 1, Count - at);
            Count++;
        }
        else if (at == 0)
        {
            return;
        }
        else
        {
            // The worst makes room.
            at--;
            Array.Copy(_candidates, 1, _candidates, 0, at);
        }

        _candidates[at] = candidate;
    }

    /// <summary>Takes the best one out; the pool is not empty.</summary>
    public Candidate Take() => _candidates[--Count];
}
