namespace Trefoil.KeyValue.Values;

/// <summary>A cut through a sorted set: whatever lies before it, by score, by member, or by both.</summary>
/// <remarks>By member alone is only a cut where all scores are equal, which is what the commands that use it demand of their users.</remarks>
internal readonly ref struct ScoreBound
{
    private readonly double _score;
    private readonly ReadOnlySpan<byte> _member;
    private readonly Kind _kind;

    private ScoreBound(Kind kind, double score, ReadOnlySpan<byte> member)
    {
        _kind = kind;
        _score = score;
        _member = member;
    }

    private enum Kind : byte
    {
        AtMember,
        BelowScore,
        AboveScore,
        BelowMember,
        AboveMember,
    }

    /// <summary>Before this very place of the order.</summary>
    public static ScoreBound At(double score, ReadOnlySpan<byte> member) => new(Kind.AtMember, score, member);

    /// <summary>Before all members with this score.</summary>
    public static ScoreBound Below(double score) => new(Kind.BelowScore, score, default);

    /// <summary>Behind all members with this score.</summary>
    public static ScoreBound Above(double score) => new(Kind.AboveScore, score, default);

    /// <summary>Before this member, scores not looked at.</summary>
    public static ScoreBound Below(ReadOnlySpan<byte> member) => new(Kind.BelowMember, 0, member);

    /// <summary>Behind this member, scores not looked at.</summary>
    public static ScoreBound Above(ReadOnlySpan<byte> member) => new(Kind.AboveMember, 0, member);

    /// <summary>True if that place of the order lies before the cut.</summary>
    public bool IsAbove(double score, ReadOnlySpan<byte> member) => _kind switch
    {
        Kind.BelowScore => score < _score,
        Kind.AboveScore => score <= _score,
        Kind.BelowMember => member.SequenceCompareTo(_member) < 0,
        Kind.AboveMember => member.SequenceCompareTo(_member) <= 0,
        _ => score < _score || (score == _score && member.SequenceCompareTo(_member) < 0),
    };
}
