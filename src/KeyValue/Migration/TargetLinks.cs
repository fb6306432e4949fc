namespace Trefoil.KeyValue.Migration;

/// <summary>Connections to targets, kept open between MIGRATEs (Redis' migrateCachedSocket). Thread-safe.</summary>
/// <remarks>A link is used by one MIGRATE at a time: a second one to the same target at the same time opens another.</remarks>
internal sealed class TargetLinks(TimeProvider time) : IDisposable
{
    /// <summary>Links kept at most; one more closes the one that was idle longest.</summary>
    public const int MaxIdle = 64;

    /// <summary>A link that was not used for so long is closed.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly List<TargetLink> _idle = [];
    private bool _disposed;

    /// <summary>How many there are.</summary>
    public int IdleCount => _idle.Count;

    /// <summary>Makes links by host and port that are not connected yet; null: over sockets, and what waits for them runs on the pool's threads.</summary>
    public Func<string, string, TargetLink>? Connector { get; set; }

    /// <summary>A link that is not connected yet.</summary>
    public TargetLink New(string host, string port) => Connector?.Invoke(host, port) ?? new SocketLink(host, port, time);

    /// <summary>The link to this target that was used last, now the caller's; null if there is none.</summary>
    public TargetLink? Take(string host, string port)
    {
        lock (_lock)
        {
            var at = _idle.FindLastIndex(link => link.Host == host && link.Port == port);
            if (at < 0)
            {
                return null;
            }

            var link = _idle[at];
            _idle.RemoveAt(at);
            return link;
        }
    }

    /// <summary>Gives a working link back.</summary>
    public void Give(TargetLink link)
    {
        link.IdleSince = time.GetTimestamp();
        TargetLink? surplus = null;
        lock (_lock)
        {
            if (_disposed)
            {
                surplus = link;
            }
            else
            {
                _idle.Add(link);
                if (_idle.Count > MaxIdle)
                {
                    surplus = _idle[0];
                    _idle.RemoveAt(0);
                }
            }
        }

        surplus?.Dispose();
    }

    /// <summary>Closes what was idle too long; to be called now and then.</summary>
    public void Tick()
    {
        if (_idle.Count == 0)
        {
            return;
        }

        lock (_lock)
        {
            // Oldest first.
            while (_idle.Count > 0 && time.GetElapsedTime(_idle[0].IdleSince) >= IdleTime)
            {
                _idle[0].Dispose();
                _idle.RemoveAt(0);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _idle.ForEach(link => link.Dispose());
            _idle.Clear();
        }
    }
}
