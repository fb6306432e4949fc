using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Trefoil.KeyValue.Store;
using Trefoil.Storage;

namespace Trefoil.KeyValue.Persistence;

/// <summary>A snapshot on its way to a client (SYNC): the same bytes as the file, made while they are sent.</summary>
/// <remarks>
/// A thread of its own writes slot after slot and waits at each chunk until the one before it has been taken, so a slow client costs two
/// chunks of memory and no command waits for it. Where the end is a mark says, as the length is not known when the stream begins.
/// </remarks>
internal sealed class SnapshotStream : IDiskFile
{
    private readonly Channel<byte[]> _chunks = Channel.CreateBounded<byte[]>(1);
    private readonly CancellationTokenSource _stop = new();

    private SnapshotStream()
    {
    }

    /// <summary>40 characters that are drawn anew for each stream: the end of what is sent.</summary>
    public string Mark { get; } = Convert.ToHexString(RandomNumberGenerator.GetBytes(20)).ToLowerInvariant();

    /// <inheritdoc/>
    public long Length { get; private set; }

    /// <summary>Begins to write all of <paramref name="keys"/>; <paramref name="nowMs"/> is when, in milliseconds since 1970.</summary>
    public static SnapshotStream Start(Keyspace keys, long nowMs)
    {
        var stream = new SnapshotStream();
        new Thread(() => stream.Run(keys, nowMs)) { IsBackground = true, Name = "sync" }.Start();
        return stream;
    }

    /// <summary>The next bytes; the last ones are the mark, after which there is null.</summary>
    /// <exception cref="IOException">The snapshot was not finished: there is no mark.</exception>
    public async ValueTask<byte[]?> NextAsync()
    {
        while (await _chunks.Reader.WaitToReadAsync())
        {
            if (_chunks.Reader.TryRead(out var chunk))
            {
                return chunk;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        _chunks.Writer.WriteAsync(source.ToArray(), _stop.Token).AsTask().GetAwaiter().GetResult();
        Length = offset + source.Length;
    }

    /// <summary>The snapshot is whole.</summary>
    public void Sync() => _chunks.Writer.WriteAsync(Encoding.ASCII.GetBytes(Mark), _stop.Token).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public int Read(long offset, Span<byte> destination) => throw new NotSupportedException("A stream is only written.");

    /// <inheritdoc/>
    public void Truncate(long length) => throw new NotSupportedException("A stream is only written.");

    /// <summary>The client is gone: the thread ends. May be called more than once, from any thread.</summary>
    public void Dispose() => _stop.Cancel();

    private void Run(Keyspace keys, long nowMs)
    {
        try
        {
            using var writer = new SnapshotWriter(this, keys);
            writer.Run(keys.LastLsn, nowMs, () => _stop.IsCancellationRequested);
            _chunks.Writer.Complete();
        }
        catch (OperationCanceledException)
        {
            _chunks.Writer.Complete();
        }
#pragma warning disable CA1031 // Whatever it is, the client must see that the stream did not end well.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            _chunks.Writer.Complete(new IOException($"The snapshot failed: {fault.Message}", fault));
        }
    }
}
