namespace Trefoil.Wire.Resp;

/// <summary>What <see cref="CommandParser.Read"/> found.</summary>
public enum ParseStatus
{
    /// <summary>The command has not arrived in full.</summary>
    Incomplete,

    /// <summary>A command with at least one argument.</summary>
    Command,

    /// <summary>A blank line or an empty array: consumed, nothing to run.</summary>
    Nothing,

    /// <summary>The bytes are not RESP: answer <see cref="CommandParser.Error"/> and close.</summary>
    Error,
}

/// <summary>Finds the next command in contiguous bytes: an array of bulks, or a line (Redis' processMultibulkBuffer and processInlineBuffer).</summary>
/// <remarks>
/// <para>The caller keeps the bytes from the first one of the unfinished command on and passes them again, longer, at the same relative place: the
/// parser goes on where it stopped, so a bulk of 512 MB that arrives in pieces is looked at once.</para>
/// <para>A finished command's arguments are <see cref="Ranges"/>[0..<see cref="Count"/>) relative to its first byte, or, for a line, in
/// <see cref="Line"/>. Nothing is allocated once the arrays have their size. Checks happen in Redis' order, so errors come at the same byte.</para>
/// </remarks>
public sealed class CommandParser
{
    private const int KeepRanges = 1024;

    private const int NotStarted = -1;

    private int _position;
    private int _remaining = NotStarted;
    private int _bulk = NotStarted;

    /// <summary>Limits in force; may be replaced between commands.</summary>
    public RespLimits Limits { get; set; } = new();

    /// <summary>True while the client must authenticate first: small limits hold.</summary>
    public bool Unauthenticated { get; set; }

    /// <summary>Arguments of the command just found.</summary>
    public int Count { get; private set; }

    /// <summary>Where they are; only the first <see cref="Count"/> are meant.</summary>
    public ArgumentRange[] Ranges { get; private set; } = new ArgumentRange[16];

    /// <summary>The decoded arguments of an inline command, null for an array of bulks.</summary>
    public byte[]? Line { get; private set; }

    /// <summary>Why the bytes are refused, as Redis says it, without the dash.</summary>
    public string Error { get; private set; } = "";

    /// <summary>Bytes from the command's first one that must be there before reading on makes sense; 0 when that is not known.</summary>
    public long Needed { get; private set; }

    /// <summary>True between the pieces of one command.</summary>
    public bool InCommand => _remaining != NotStarted;

    /// <summary>Looks for one command at the start of <paramref name="input"/>; <paramref name="consumed"/> is 0 unless it was found.</summary>
    public ParseStatus Read(ReadOnlySpan<byte> input, out int consumed)
    {
        consumed = 0;
        if (input.IsEmpty)
        {
            return ParseStatus.Incomplete;
        }

        return _remaining != NotStarted || input[0] == (byte)'*' ? ReadArray(input, ref consumed) : ReadLine(input, ref consumed);
    }

    private ParseStatus ReadArray(ReadOnlySpan<byte> input, ref int consumed)
    {
        if (_remaining == NotStarted)
        {
            Line = null;
            Count = 0;
            var status = ReadLength(input, bulk: false, out var count);
            if (status != ParseStatus.Command)
            {
                return status;
            }

            if (count > RespLimits.MaxArguments)
            {
                return Refuse("invalid multibulk length");
            }

            if (Unauthenticated && count > RespLimits.MaxArgumentsUnauthenticated)
            {
                return Refuse("unauthenticated multibulk length");
            }

            if (count <= 0)
            {
                consumed = Finish();
                return ParseStatus.Nothing;
            }

            _remaining = (int)count;
        }

        while (_remaining > 0)
        {
            var status = ReadBulk(input);
            if (status != ParseStatus.Command)
            {
                return status;
            }
        }

        consumed = Finish();
        return ParseStatus.Command;
    }

    private ParseStatus ReadBulk(ReadOnlySpan<byte> input)
    {
        if (_bulk == NotStarted)
        {
            var status = ReadLength(input, bulk: true, out var length);
            if (status != ParseStatus.Command)
            {
                return status;
            }

            if (length < 0 || length > Limits.MaxBulk || length > int.MaxValue / 2)
            {
                return Refuse("invalid bulk length");
            }

            if (Unauthenticated && length > RespLimits.MaxBulkUnauthenticated)
            {
                return Refuse("unauthenticated bulk length");
            }

            _bulk = (int)length;
        }

        // Redis skips the two bytes after the payload without looking at them; so do we.
        if (input.Length - _position < _bulk + 2)
        {
            Needed = (long)_position + _bulk + 2;
            return ParseStatus.Incomplete;
        }

        Add(_position, _bulk);
        _position += _bulk + 2;
        _bulk = NotStarted;
        _remaining--;
        return ParseStatus.Command;
    }

    /// <summary>Reads <c>Xnumber CR LF</c> at the position; the type byte of a bulk is checked here, that of an array was.</summary>
    private ParseStatus ReadLength(ReadOnlySpan<byte> input, bool bulk, out long value)
    {
        value = 0;
        var rest = input[_position..];
        var end = rest.Length > 3 && rest[2] == (byte)'\r' ? 2 : rest.IndexOf((byte)'\r');
        if (end < 0)
        {
            Needed = 0;
            return rest.Length > RespLimits.MaxLine ? Refuse(bulk ? "too big bulk count string" : "too big mbulk count string") : ParseStatus.Incomplete;
        }

        if (end + 2 > rest.Length)
        {
            Needed = 0;
            return ParseStatus.Incomplete;
        }

        if (bulk && rest[0] != (byte)'$')
        {
            return Refuse($"expected '$', got '{(char)rest[0]}'");
        }

        if (!RespNumber.TryParse(rest[1..end], out value))
        {
            return Refuse(bulk ? "invalid bulk length" : "invalid multibulk length");
        }

        _position += end + 2;
        return ParseStatus.Command;
    }

    private ParseStatus ReadLine(ReadOnlySpan<byte> input, ref int consumed)
    {
        // _position is how far earlier calls looked for the line's end.
        var end = input[_position..].IndexOf((byte)'\n');
        if (end < 0)
        {
            Needed = 0;
            _position = input.Length;
            return input.Length > RespLimits.MaxLine ? Refuse("too big inline request") : ParseStatus.Incomplete;
        }

        end += _position;
        var line = input[..(end > 0 && input[end - 1] == (byte)'\r' ? end - 1 : end)];
        _position = end + 1;
        Count = 0;
        Line = Line is { } kept && kept.Length >= line.Length ? kept : new byte[Math.Max(64, line.Length)];
        if (!InlineSplitter.TrySplit(line, Line, this))
        {
            return Refuse("unbalanced quotes in request");
        }

        consumed = Finish();
        return Count == 0 ? ParseStatus.Nothing : ParseStatus.Command;
    }

    internal void Add(int start, int length)
    {
        if (Count == Ranges.Length)
        {
            // Grows with what arrived, never with what a header claims: a client cannot reserve memory by announcing a million arguments.
            var larger = new ArgumentRange[Ranges.Length * 2];
            Ranges.CopyTo(larger, 0);
            Ranges = larger;
        }

        Ranges[Count++] = new ArgumentRange(start, length);
    }

    /// <summary>Gives back arrays that one large command made grow; call it between commands.</summary>
    public void Trim()
    {
        if (Ranges.Length > KeepRanges && !InCommand)
        {
            Ranges = new ArgumentRange[16];
            Count = 0;
        }

        if (Line is { Length: > 4096 })
        {
            Line = null;
        }
    }

    private int Finish()
    {
        var consumed = _position;
        _position = 0;
        _remaining = NotStarted;
        _bulk = NotStarted;
        Needed = 0;
        return consumed;
    }

    private ParseStatus Refuse(string what)
    {
        Error = $"ERR Protocol error: {what}";
        Finish();
        return ParseStatus.Error;
    }
}
