namespace Trefoil.KeyValue.Connections;

/// <summary>What others have for a client: whole messages, until the client's own flow writes them behind its replies. Thread-safe.</summary>
/// <remarks>
/// The only way to send to a connection from outside its flow, whatever locks are held: putting a message here touches neither its output
/// nor its socket. How much may wait is the caller's question (<see cref="Connection.Deliver"/>).
/// </remarks>
internal sealed class Inbox
{
    private readonly Lock _lock = new();
    private Queue<byte[]>? _messages;
    private long _bytes;

    /// <summary>Bytes that wait.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Puts a message in; true if there was none, so that the flow must be woken.</summary>
    public bool Add(byte[] message)
    {
        lock (_lock)
        {
            _messages ??= new Queue<byte[]>();
            _messages.Enqueue(message);
            _bytes += message.Length;
            return _messages.Count == 1;
        }
    }

    /// <summary>Takes all messages out, oldest first; null if there are none.</summary>
    public Queue<byte[]>? Take()
    {
        lock (_lock)
        {
            var taken = _messages;
            _messages = null;
            _bytes = 0;
            return taken;
        }
    }
}
