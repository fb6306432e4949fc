using System.Diagnostics.CodeAnalysis;
using Trefoil.Primitives;

namespace Trefoil.Consensus;

/// <summary>The bytes of configurations (in snapshots) and of configuration entries (in the log). Never throws on bad input.</summary>
/// <remarks>
/// A configuration entry's data is a form byte, then either a change (0) or a whole configuration (1): the latter is the first
/// entry of a new group's log, so that a member that was not there at the start learns who was.
/// </remarks>
public static class ConfigurationCodec
{
    private const byte ChangeForm = 0;
    private const byte WholeForm = 1;

    /// <summary>Four lists, each a count and ascending ids, then the auto-leave flag.</summary>
    public static void Write(ByteWriter writer, Configuration configuration)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(configuration);
        WriteIds(writer, configuration.Incoming);
        WriteIds(writer, configuration.Outgoing);
        WriteIds(writer, configuration.Learners);
        WriteIds(writer, configuration.LearnersNext);
        writer.Bool(configuration.AutoLeave);
    }

    /// <summary>What <see cref="Write"/> writes, as an array: for a stored snapshot.</summary>
    public static byte[] Encode(Configuration configuration)
    {
        var writer = new ByteWriter(64);
        Write(writer, configuration);
        return writer.ToArray();
    }

    /// <summary>Reads a whole array written by <see cref="Encode"/>; false if malformed.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Configuration? configuration)
    {
        var reader = new ByteReader(bytes);
        return TryRead(ref reader, out configuration) && reader.Ended;
    }

    /// <summary>Reads one configuration; false if malformed, unsorted or too large.</summary>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out Configuration? configuration)
    {
        var read = new Configuration
        {
            Incoming = ReadIds(ref reader),
            Outgoing = ReadIds(ref reader),
            Learners = ReadIds(ref reader),
            LearnersNext = ReadIds(ref reader),
            AutoLeave = reader.Bool(),
        };
        configuration = reader.Failed ? null : read;
        return configuration is not null;
    }

    internal static byte[] EncodeEntry(ConfigurationChange change)
    {
        var writer = new ByteWriter(32);
        writer.Byte(ChangeForm);
        writer.Byte((byte)change.Transition);
        writer.Varint((ulong)change.Changes.Count);
        foreach (var (kind, id) in change.Changes)
        {
            writer.Byte((byte)kind);
            writer.Varint(id);
        }

        return writer.ToArray();
    }

    internal static byte[] EncodeEntry(Configuration whole)
    {
        var writer = new ByteWriter(64);
        writer.Byte(WholeForm);
        Write(writer, whole);
        return writer.ToArray();
    }

    /// <summary>The configuration that an entry makes of <paramref name="current"/>, or the refusal.</summary>
    internal static ChangeOutcome ApplyEntry(Configuration current, ReadOnlySpan<byte> data)
    {
        var reader = new ByteReader(data);
        switch (reader.Byte())
        {
            case WholeForm when TryRead(ref reader, out var whole) && reader.Ended:
                return new ChangeOutcome(whole, null);
            case ChangeForm when !reader.Failed && TryReadChange(ref reader, out var change) && reader.Ended:
                return ConfigurationChanger.Apply(current, change);
            default:
                return new ChangeOutcome(null, "malformed configuration entry");
        }
    }

    private static bool TryReadChange(ref ByteReader reader, [NotNullWhen(true)] out ConfigurationChange? change)
    {
        var transition = (ConfigurationTransition)reader.Byte();
        var changes = new MemberChange[reader.Count(Configuration.MaxMembers)];
        var valid = transition <= ConfigurationTransition.JointExplicit;
        for (var i = 0; i < changes.Length; i++)
        {
            changes[i] = new MemberChange((MemberChangeKind)reader.Byte(), reader.Varint());
            valid &= changes[i].Kind <= MemberChangeKind.Remove;
        }

        change = reader.Failed || !valid ? null : new ConfigurationChange(changes, transition);
        return change is not null;
    }

    private static void WriteIds(ByteWriter writer, IReadOnlyList<ulong> ids)
    {
        writer.Varint((ulong)ids.Count);
        foreach (var id in ids)
        {
            writer.Varint(id);
        }
    }

    private static ulong[] ReadIds(ref ByteReader reader)
    {
        var ids = new ulong[reader.Count(Configuration.MaxMembers)];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = reader.Varint();
            if (ids[i] <= (i == 0 ? 0 : ids[i - 1]))
            {
                reader.Fail();
            }
        }

        return ids;
    }
}
