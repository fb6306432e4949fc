using System.Buffers.Binary;

namespace Trefoil.Assertions.Model;

/// <summary>Reads the fields of a canonical body: straight through, and what was wrong first is told at the <see cref="End"/>.</summary>
internal struct FieldReader(ReadOnlyMemory<byte> rest)
{
    private ReadOnlyMemory<byte> _rest = rest;
    private bool _cut;
    private Invalid? _invalid;

    /// <summary>The next field's bytes; empty once the body is cut short.</summary>
    public ReadOnlyMemory<byte> Next()
    {
        var bytes = _rest.Span;
        var (length, used) = (0u, 0);
        for (var more = true; more && used < 3 && used < bytes.Length; used++)
        {
            length |= (uint)(bytes[used] & 0x7F) << (7 * used);
            more = bytes[used] >= 0x80;
        }

        // The last byte of a length ends it, and is zero only when it is the only one: no length has two forms.
        if (_cut || used == 0 || bytes[used - 1] >= 0x80 || (used > 1 && bytes[used - 1] == 0) || length > bytes.Length - used)
        {
            _cut = true;
            return default;
        }

        var field = _rest.Slice(used, (int)length);
        _rest = _rest[(used + (int)length)..];
        return field;
    }

    public Utf8Text Text(string field)
    {
        if (!Utf8Text.TryCreate(Next(), out var text))
        {
            Refuse(new Invalid(InvalidCodes.BadUtf8, field, $"{field[1..]} is not valid UTF-8"));
        }

        return text;
    }

    public ConceptPath Path(string field)
    {
        Refuse(ConceptPath.TryCreate(Text(field), out var path)?.Within(field));
        return path;
    }

    public ClaimObject Object(string field)
    {
        Refuse(ClaimObject.TryCreate(Next(), out var value)?.Within(field));
        return value;
    }

    public AgentKey Agent(string field) => Exactly(AgentKey.Size, field).Span is { IsEmpty: false } bytes ? AgentKey.Read(bytes) : default;

    public uint UInt32(string field) =>
        Exactly(4, field).Span is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;

    public byte? OptionalByte(string field) => Optional(1, field).Span is [var value] ? value : null;

    public long? OptionalInt64(string field) =>
        Optional(8, field).Span is { IsEmpty: false } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : null;

    /// <summary>Links that are sorted; others are not canonical.</summary>
    public IReadOnlyList<ParentLink> Parents(string field)
    {
        const int size = AssertionId.Size + 1;
        var bytes = Next().Span;
        if (bytes.IsEmpty)
        {
            return [];
        }

        if (bytes.Length % size != 0 || bytes.Length > size * Assertion.MaxParents)
        {
            Refuse(new Invalid(InvalidCodes.EncodingMalformed, field, $"{bytes.Length} bytes are not 1 to {Assertion.MaxParents} links of {size}"));
            return [];
        }

        var links = new ParentLink[bytes.Length / size];
        for (var i = 0; i < links.Length; i++)
        {
            links[i] = new ParentLink(AssertionId.Read(bytes[(i * size)..]), (ParentKind)bytes[(i * size) + size - 1]);
            if (i > 0 && links[i].Id < links[i - 1].Id)
            {
                Refuse(new Invalid(InvalidCodes.EncodingMalformed, field, "links are sorted by id"));
            }
        }

        return links;
    }

    /// <summary>What was wrong: a body that is cut short before anything that follows from it.</summary>
    public readonly Invalid? End() =>
        _cut ? new Invalid(InvalidCodes.EncodingMalformed, "", "the body is cut short, or a length is not in its shortest form")
        : _invalid is null && !_rest.IsEmpty ? new Invalid(InvalidCodes.EncodingMalformed, "", $"{_rest.Length} bytes follow the last field")
        : _invalid;

    private ReadOnlyMemory<byte> Optional(int size, string field) =>
        Next() is { IsEmpty: false } bytes ? Sized(bytes, size, field) : default;

    private ReadOnlyMemory<byte> Exactly(int size, string field) => Sized(Next(), size, field);

    private ReadOnlyMemory<byte> Sized(ReadOnlyMemory<byte> bytes, int size, string field)
    {
        if (bytes.Length == size)
        {
            return bytes;
        }

        Refuse(new Invalid(InvalidCodes.EncodingMalformed, field, $"{field[1..]} has {bytes.Length} bytes instead of {size}"));
        return default;
    }

    private void Refuse(Invalid? invalid) => _invalid ??= invalid;
}
