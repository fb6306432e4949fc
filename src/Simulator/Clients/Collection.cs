using System.Globalization;
using Trefoil.Wire.Resp;

namespace Trefoil.Simulator.Clients;

/// <summary>How elements are kept.</summary>
internal enum CollectionKind : byte
{
    Counter,
    List,
    Set,
    Hash,
    SortedSet,
}

/// <summary>One key that only grows, and what clients were told of it.</summary>
internal sealed class Collection(CollectionKind kind, int slot, string key, int generation, bool isDurable)
{
    private readonly List<Growing> _growths = [];
    private readonly Dictionary<string, Growing> _byElement = [];

    public int Slot => slot;

    public string Key => key;

    public int Generation => generation;

    /// <summary>Elements that somebody has tried to add.</summary>
    public int Count => _growths.Count;

    /// <summary>The command that adds an element.</summary>
    public string[] Growth(string element) => kind switch
    {
        CollectionKind.Counter => ["INCR", key],
        CollectionKind.List => ["RPUSH", key, element],
        CollectionKind.Set => ["SADD", key, element],
        CollectionKind.Hash => ["HSET", key, element, element],
        _ => ["ZADD", key, "1", element],
    };

    /// <summary>The command that shows all.</summary>
    public string[] Look() => kind switch
    {
        CollectionKind.Counter => ["GET", key],
        CollectionKind.List => ["LRANGE", key, "0", "-1"],
        CollectionKind.Set => ["SMEMBERS", key],
        CollectionKind.Hash => ["HKEYS", key],
        _ => ["ZRANGE", key, "0", "-1"],
    };

    /// <summary>A client is about to add it.</summary>
    public Growing Tried(string element)
    {
        var growing = new Growing(element);
        _growths.Add(growing);
        _byElement.Add(element, growing);
        return growing;
    }

    /// <summary>What became of it.</summary>
    public void Told(Growing growing, ClientAnswer answer)
    {
        if (answer is { Kind: AnswerKind.Done, Reply: { } reply })
        {
            if (reply.IsError || (kind > CollectionKind.List && reply.Integer != 1))
            {
                throw new OracleViolation($"{growing.Element} was added to {key} for the first time, and the answer was {reply.Text}");
            }

            growing.Length = reply.Integer;
            growing.Returned = answer.Returned;
        }

        growing.Kind = answer.Kind;
    }

    /// <summary>All of it, as a client saw it; what it may lack is what was not acknowledged before it asked.</summary>
    public void Seen(RespReply reply, TimeSpan called)
    {
        if (kind == CollectionKind.Counter)
        {
            SeenCount(reply.Kind == '_' ? 0 : long.Parse(reply.Text!, NumberStyles.None, CultureInfo.InvariantCulture), called);
            return;
        }

        if (reply.Items is null)
        {
            throw new OracleViolation($"{key} was read as {reply.Text}");
        }

        var seen = new HashSet<string>();
        for (var i = 0; i < reply.Items.Count; i++)
        {
            var element = reply.Items[i].Text!;
            if (!seen.Add(element))
            {
                throw new OracleViolation($"{key} has {element} twice, which was added once");
            }

            if (!_byElement.TryGetValue(element, out var growing) || growing.Kind == AnswerKind.NotDone)
            {
                throw new OracleViolation($"{key} has {element}, which {(growing is null ? "nobody added" : "was refused")}");
            }

            if (isDurable && kind == CollectionKind.List && growing.Length is { } length && length != i + 1)
            {
                throw new OracleViolation($"{key} has {element} at {i + 1}, where it was said to be at {length}");
            }
        }

        if (isDurable && _growths.Find(growing => growing.Returned < called && !seen.Contains(growing.Element)) is { } lost)
        {
            throw new OracleViolation($"{key} lacks {lost.Element}, which was acknowledged at {lost.Returned!.Value.TotalSeconds:F4} s");
        }
    }

    private void SeenCount(long count, TimeSpan called)
    {
        var most = _growths.Count(growing => growing.Kind != AnswerKind.NotDone);
        if (count > most)
        {
            throw new OracleViolation($"{key} counts {count}, and at most {most} have added to it");
        }

        if (isDurable && count < _growths.Count(growing => growing.Returned < called))
        {
            throw new OracleViolation($"{key} counts {count}, and {_growths.Count(growing => growing.Returned < called)} additions were acknowledged before it was read");
        }

        if (isDurable && _growths.Where(growing => growing.Length is not null).GroupBy(growing => growing.Length).FirstOrDefault(same => same.Count() > 1) is { } two)
        {
            throw new OracleViolation($"{key} was said to be {two.Key} after {string.Join(" and after ", two.Select(growing => growing.Element))}");
        }
    }
}

/// <summary>One element on its way into a collection.</summary>
internal sealed class Growing(string element)
{
    public string Element => element;

    /// <summary>What became of it; unknown while it is on its way.</summary>
    public AnswerKind Kind { get; set; } = AnswerKind.Unknown;

    /// <summary>How long a list, or how high a count, was with it; null unless that was answered.</summary>
    public long? Length { get; set; }

    /// <summary>When it was acknowledged; null: it was not.</summary>
    public TimeSpan? Returned { get; set; }
}
