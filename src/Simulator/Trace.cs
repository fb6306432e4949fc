using System.Buffers.Binary;
using System.Globalization;

namespace Trefoil.Simulator;

/// <summary>What happened, in order: a hash of all of it, and the last lines for whoever reads a failure.</summary>
/// <remarks>A line's text is only made when someone reads it, since nearly all of them are never read.</remarks>
internal sealed class Trace(Action<string>? sink)
{
    /// <summary>Lines kept; the oldest is dropped first.</summary>
    public const int TailLength = 400;

    private const ulong Prime = 0x100000001B3;
    private readonly Queue<Line> _tail = new(TailLength);

    /// <summary>FNV-1a over every line's numbers.</summary>
    public ulong Hash { get; private set; } = 0xCBF29CE484222325;

    /// <summary>Adds a line.</summary>
    /// <param name="now">Virtual time.</param>
    /// <param name="what">A constant word for what happened.</param>
    /// <param name="node">Where; −1 for the world itself.</param>
    /// <param name="other">To or from whom; −1 for nobody.</param>
    /// <param name="weight">Enters the hash: a digest of the detail.</param>
    /// <param name="detail">Shown by <see cref="Narrator"/>.</param>
    public void Add(TimeSpan now, string what, int node, int other, ulong weight, object? detail)
    {
        Mix((ulong)now.Ticks);
        Mix(HashOf(what));
        Mix(((ulong)(uint)node << 32) | (uint)other);
        Mix(weight);
        var line = new Line(now, what, node, other, detail);
        if (_tail.Count == TailLength)
        {
            _tail.Dequeue();
        }

        _tail.Enqueue(line);
        sink?.Invoke(line.ToString());
    }

    /// <summary>Enters the hash without a line.</summary>
    public void Mix(TimeSpan now, int from, int to, int length)
    {
        Mix((ulong)now.Ticks);
        Mix(((ulong)(uint)from << 32) | (uint)to);
        Mix((ulong)length);
    }

    /// <summary>The last lines, oldest first.</summary>
    public IReadOnlyList<string> Tail() => [.. _tail.Select(line => line.ToString())];

    /// <summary>FNV-1a of bytes, eight at a time with the high half folded in, for weights: every frame and every topology goes through here.</summary>
    public static ulong HashOf(ReadOnlySpan<byte> bytes)
    {
        var hash = 0xCBF29CE484222325 ^ (ulong)bytes.Length;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * Prime;
            hash ^= hash >> 32;
        }

        foreach (var one in bytes)
        {
            hash = (hash ^ one) * Prime;
        }

        return hash;
    }

    private static ulong HashOf(string text)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var one in text)
        {
            hash = (hash ^ one) * Prime;
        }

        return hash;
    }

    private void Mix(ulong word)
    {
        Hash = (Hash ^ word) * Prime;
        Hash ^= Hash >> 32;
    }

    private readonly record struct Line(TimeSpan Now, string What, int Node, int Other, object? Detail)
    {
        public override string ToString()
        {
            // What is received is told at the receiver, and still reads from sender to receiver.
            var (from, to) = What == "receive" ? (Other, Node) : (Node, Other);
            var who = Node < 0 ? "world" : Other < 0 ? $"n{Node}" : $"n{from}>n{to}";
            return string.Create(
                CultureInfo.InvariantCulture, $"{Now.TotalSeconds,10:F4}  {who,-7}  {Layers.Of(What, Detail),-8}  {What,-8}  {Narrator.Tell(Detail)}").TrimEnd();
        }
    }
}
