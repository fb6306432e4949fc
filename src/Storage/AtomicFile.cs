using System.Buffers.Binary;
using Trefoil.Primitives;

namespace Trefoil.Storage;

/// <summary>What <see cref="AtomicFile.Read"/> found.</summary>
public abstract record AtomicFileResult
{
    private AtomicFileResult()
    {
    }

    /// <summary>There is no such file.</summary>
    public sealed record Missing : AtomicFileResult;

    /// <summary>The content, as it was written.</summary>
    public sealed record Found(ReadOnlyMemory<byte> Content) : AtomicFileResult;

    /// <summary>The file is there and is not what was written; the text names it and what to do.</summary>
    public sealed record Corrupt(string Refusal) : AtomicFileResult;
}

/// <summary>A small file that is replaced as a whole: after a crash it holds the old content or the new, never a mixture.</summary>
/// <remarks>Write a temporary file, sync it, rename it, sync the directory (Pillai et al., "All File Systems Are Not Created Equal", 2014).</remarks>
public static class AtomicFile
{
    private const uint Magic = 0x31464154; // "TAF1"
    private const int HeaderSize = 16;

    /// <summary>Replaces the file at <paramref name="path"/>; durable on return. Its directory must exist.</summary>
    public static void Write(IDisk disk, string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".tmp";
        var bytes = new byte[HeaderSize + content.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), content.Length);
        content.CopyTo(bytes.AsSpan(HeaderSize));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Crc32C.Of(bytes.AsSpan(8)));

        using (var file = disk.Open(temporary, create: true))
        {
            file.Truncate(0); // a crash may have left a longer one
            file.Write(0, bytes);
            file.Sync();
        }

        disk.Rename(temporary, path);
        disk.SyncDirectory(Path.GetDirectoryName(path) ?? "");
    }

    /// <summary>Reads the file back and checks it.</summary>
    public static AtomicFileResult Read(IDisk disk, string path)
    {
        if (!disk.Exists(path))
        {
            return new AtomicFileResult.Missing();
        }

        using var file = disk.Open(path, create: false);
        var bytes = new byte[Math.Min(file.Length, Array.MaxLength)];
        var count = file.Read(0, bytes);
        if (count < HeaderSize
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)) != count - HeaderSize
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)) != Crc32C.Of(bytes.AsSpan(8, count - 8)))
        {
            return new AtomicFileResult.Corrupt(
                $"The file '{path}' is corrupt ({count} bytes; its length or checksum is wrong). "
                + "It is replaced atomically, so no crash explains this: suspect the disk and restore it from a copy.");
        }

        return new AtomicFileResult.Found(bytes.AsMemory(HeaderSize, count - HeaderSize));
    }
}
