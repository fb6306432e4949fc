using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>An input of ZUNION and its relatives: a sorted set, a set whose members count 1 each, or nothing.</summary>
internal sealed class ScoreSource(KeyEntry entry)
{
    private readonly SortedSetValue? _sorted = entry.SortedSet;
    private readonly SetValue? _set = entry.Set;

    /// <summary>What its scores are multiplied with.</summary>
    public double Weight { get; set; } = 1;

    public int Count => _sorted?.Count ?? _set?.Count ?? 0;

    public bool TryGet(ReadOnlySpan<byte> member, out double score)
    {
        if (_sorted is not null)
        {
            return _sorted.TryGet(member, out score);
        }

        score = 1;
        return _set is not null && _set.Contains(member);
    }

    /// <summary>Visits members with their scores, weights not applied, until <paramref name="visit"/> says false.</summary>
    public void Visit(Func<ReadOnlySpan<byte>, double, bool> visit)
    {
        if (_sorted is not null)
        {
            foreach (var member in _sorted)
            {
                if (!visit(member.Member, member.Score))
                {
                    return;
                }
            }
        }
        else if (_set is not null)
        {
            foreach (var member in _set)
            {
                if (!visit(member, 1))
                {
                    return;
                }
            }
        }
    }
}
