using System.Diagnostics.CodeAnalysis;

namespace Trefoil.Wire.Resp;

/// <summary>Turns the bytes of a connection into replies, however they were cut into packets. RESP2 and RESP3.</summary>
/// <remarks>
/// Feed bytes, then read until <see cref="TryRead"/> is false. An unfinished aggregate is kept on a stack, so nothing is
/// parsed twice. After a <see cref="Failure"/> nothing more is read: the connection has lost its place and must be closed.
/// </remarks>
public sealed class RespReplyReader
{
    /// <summary>Items of one aggregate; more is a failure.</summary>
    public const int MaxItems = 16 * 1024 * 1024;

    private static readonly RespReply Null = new() { Kind = '_' };
    private readonly Stack<Aggregate> _open = new();
    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    /// <summary>What is wrong with the bytes; null while nothing is.</summary>
    public string? Failure { get; private set; }

    private ReadOnlySpan<byte> Rest => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Appends what was received.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        if (_buffer.Length - _end < bytes.Length)
        {
            var kept = Rest;
            var room = _buffer.Length >= kept.Length + bytes.Length ? _buffer : new byte[Math.Max(_buffer.Length * 2, kept.Length + bytes.Length)];
            kept.CopyTo(room);
            (_buffer, _start, _end) = (room, 0, kept.Length);
        }

        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>The next whole reply; false when more bytes are needed or the input is bad.</summary>
    public bool TryRead([NotNullWhen(true)] out RespReply? reply)
    {
        while (Failure is null && TryReadOne(out reply))
        {
            if (reply is null)
            {
                continue; // an aggregate was opened
            }

            // A reply may be the last item of several aggregates at once.
            while (_open.TryPeek(out var parent))
            {
                parent.Items.Add(reply);
                if (parent.Items.Count < parent.Count)
                {
                    reply = null;
                    break;
                }

                _open.Pop();
                reply = new RespReply { Kind = parent.Kind, Items = parent.Items };
            }

            if (reply is not null)
            {
                return true;
            }
        }

        reply = null;
        return false;
    }

    /// <summary>Reads one leaf, or opens an aggregate (true and null); false when more bytes are needed.</summary>
    private bool TryReadOne(out RespReply? reply)
    {
        reply = null;
        var length = Rest.IndexOf("\r\n"u8);
        if (length < 0)
        {
            return Rest.Length > RespLimits.MaxLine && Fail("a line without an end");
        }

        if (length == 0)
        {
            return Fail("an empty line");
        }

        var kind = (char)Rest[0];
        var line = Rest[1..length];
        switch (kind)
        {
            case '+' or '-' or ',' or '(' or '#':
                reply = new RespReply { Kind = kind, Bytes = line.ToArray() };
                break;
            case '_':
                reply = Null;
                break;
            case ':' when RespNumber.TryParse(line, out var number):
                reply = new RespReply { Kind = kind, Bytes = line.ToArray(), Integer = number };
                break;
            case '$' or '=' or '!' or '*' or '%' or '~' or '>' when RespNumber.TryParse(line, out var count) && count >= -1:
                return count == -1 ? Take(length + 2, Null, out reply)
                    : kind is '$' or '=' or '!' ? TryReadBulk(kind, length + 2, count, out reply)
                    : TryOpen(kind, length + 2, count, out reply);
            default:
                return Fail($"a line that begins with byte {(int)kind}");
        }

        _start += length + 2;
        return true;
    }

    private bool TryReadBulk(char kind, int head, long count, out RespReply? reply)
    {
        reply = null;
        if (count > new RespLimits().MaxBulk)
        {
            return Fail($"a bulk of {count} bytes");
        }

        if (Rest.Length < head + count + 2)
        {
            return false;
        }

        // A verbatim string names its format in front: "txt:".
        var bytes = Rest.Slice(head, (int)count);
        var text = kind == '=' && count >= 4 ? bytes[4..] : bytes;
        return Take(head + (int)count + 2, new RespReply { Kind = kind, Bytes = text.ToArray() }, out reply);
    }

    private bool TryOpen(char kind, int head, long count, out RespReply? reply)
    {
        reply = null;
        if (count > MaxItems || _open.Count >= RespLimits.MaxNesting)
        {
            return Fail($"an aggregate of {count} items, {_open.Count} deep");
        }

        var items = kind == '%' ? count * 2 : count;
        if (items == 0)
        {
            return Take(head, new RespReply { Kind = kind, Items = [] }, out reply);
        }

        _open.Push(new Aggregate(kind, (int)items, []));
        _start += head;
        return true;
    }

    private bool Take(int count, RespReply value, out RespReply reply)
    {
        _start += count;
        reply = value;
        return true;
    }

    private bool Fail(string what)
    {
        Failure = what;
        return false;
    }

    private sealed record Aggregate(char Kind, int Count, List<RespReply> Items);
}
