using Trefoil.Primitives;

namespace Trefoil.Storage;

/// <summary>A file: what a reader sees now, what a power cut leaves, and the changes between the two.</summary>
internal sealed class MemoryInode
{
    private readonly List<MemoryChange> _pending = [];

    public MemoryContent Volatile { get; private init; } = new();

    private MemoryContent Durable { get; init; } = new();

    public void Write(long offset, ReadOnlySpan<byte> source) => Apply(new MemoryChange(offset, source.ToArray()));

    public void Truncate(long length)
    {
        HasForgotten &= length > 0;
        Apply(new MemoryChange(length, null));
    }

    public void Settle()
    {
        foreach (var change in _pending)
        {
            change.Apply(Durable);
        }

        _pending.Clear();
    }

    /// <summary>The pages are clean again and were never written.</summary>
    public void Forget()
    {
        _pending.Clear();
        HasForgotten = true;
    }

    /// <summary>A sync failed, and what readers see is not what the disk has.</summary>
    public bool HasForgotten { get; private set; }

    public long DurableLength => Durable.Length;

    /// <summary>Turns a bit on the platter; who reads it next sees it.</summary>
    public void Flip(long bit)
    {
        Durable.Flip(bit);
        Volatile.Flip(bit);
    }

    public void Crash(Prng random, CrashMode mode)
    {
        foreach (var change in _pending)
        {
            var fate = mode switch { CrashMode.KeepAll => 0, CrashMode.LoseAll => 1, _ => random.Below(3) };
            if (fate == 0)
            {
                change.Apply(Durable);
            }
            else if (fate == 2)
            {
                change.Tear(Durable, random);
            }
        }

        _pending.Clear();
        HasForgotten = false;
        Volatile.CopyFrom(Durable);
    }

    public MemoryInode Clone()
    {
        var clone = new MemoryInode { HasForgotten = HasForgotten };
        clone.Volatile.CopyFrom(Volatile);
        clone.Durable.CopyFrom(Durable);
        clone._pending.AddRange(_pending);
        return clone;
    }

    private void Apply(MemoryChange change)
    {
        change.Apply(Volatile);
        _pending.Add(change);
    }
}

/// <summary>A write (bytes at an offset) or a truncation (no bytes; the offset is the new length).</summary>
internal readonly record struct MemoryChange(long Offset, byte[]? Bytes)
{
    public void Apply(MemoryContent content)
    {
        if (Bytes is null)
        {
            content.SetLength(Offset);
        }
        else
        {
            content.Write(Offset, Bytes);
        }
    }

    /// <summary>Keeps a random part: sectors are the unit that a disk writes as a whole.</summary>
    public void Tear(MemoryContent content, Prng random)
    {
        for (var start = 0; start < (Bytes?.Length ?? 0);)
        {
            var end = (int)Math.Min(Bytes!.Length, (((Offset + start) / MemoryDisk.SectorSize) + 1) * MemoryDisk.SectorSize - Offset);
            if (random.Chance(0.5))
            {
                content.Write(Offset + start, Bytes.AsSpan(start, end - start));
            }

            start = end;
        }
    }
}

internal sealed class MemoryContent
{
    private byte[] _bytes = [];

    public long Length { get; private set; }

    public byte[] ToArray() => _bytes.AsSpan(0, (int)Length).ToArray();

    public int Read(long offset, Span<byte> destination)
    {
        var count = (int)Math.Clamp(Length - offset, 0, destination.Length);
        _bytes.AsSpan((int)Math.Min(offset, Length), count).CopyTo(destination);
        return count;
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        SetLength(Math.Max(Length, offset + source.Length));
        source.CopyTo(_bytes.AsSpan((int)offset));
    }

    /// <summary>Turns a bit, if it is there.</summary>
    public void Flip(long bit)
    {
        if (bit / 8 < Length)
        {
            _bytes[bit / 8] ^= (byte)(1 << (int)(bit % 8));
        }
    }

    public void SetLength(long length)
    {
        if (length > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Max(length, Math.Min(2L * _bytes.Length, Array.MaxLength)));
        }

        if (length < Length)
        {
            _bytes.AsSpan((int)length, (int)(Length - length)).Clear();
        }

        Length = length;
    }

    public void CopyFrom(MemoryContent other)
    {
        SetLength(0);
        Write(0, other._bytes.AsSpan(0, (int)other.Length));
    }
}
