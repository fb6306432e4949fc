using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Trefoil.Primitives;

namespace Trefoil.Drivers;

/// <summary>Announced addresses as socket addresses. Names are looked up on a thread of their own: DNS may take seconds.</summary>
/// <remarks>
/// <see cref="Find"/> never waits: an unknown name is asked for and the packet is dropped, which SWIM survives. A known one is
/// used on while it is looked up again. Bounded by <see cref="MaxEntries"/>, at which everything is forgotten and asked anew.
/// </remarks>
internal sealed class SwimAddressBook : IDisposable
{
    private const int MaxEntries = 32768;
    private const int MaxQuestions = 256;
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<HostPort, Entry> _entries = new();
    private readonly BlockingCollection<HostPort> _questions = new(MaxQuestions);
    private readonly AddressFamily _family;
    private readonly TimeProvider _time;

    public SwimAddressBook(AddressFamily family, TimeProvider time)
    {
        _family = family;
        _time = time;
        new Thread(AnswerQuestions) { IsBackground = true, Name = "swim-dns" }.Start();
    }

    /// <summary>The address, or null when it is not known (yet).</summary>
    public IPEndPoint? Find(HostPort address)
    {
        if (!_entries.TryGetValue(address, out var entry))
        {
            entry = IPAddress.TryParse(address.Host, out var literal)
                ? new Entry(new IPEndPoint(literal, address.Port), long.MaxValue)
                : new Entry(null, 0);
            Store(address, entry);
        }

        if (_time.GetTimestamp() >= entry.Expires && _questions.TryAdd(address))
        {
            Store(address, entry with { Expires = ExpiresIn(Lifetime) });
        }

        return entry.EndPoint;
    }

    /// <summary>Looks the address up here and now: for threads that may wait. Null when there is none.</summary>
    public IPEndPoint? Resolve(HostPort address)
    {
        if (IPAddress.TryParse(address.Host, out var literal))
        {
            return new IPEndPoint(literal, address.Port);
        }

        try
        {
            var found = Dns.GetHostAddresses(address.Host);
            var suitable = found.FirstOrDefault(ip => ip.AddressFamily == _family);
            return suitable is null ? null : new IPEndPoint(suitable, address.Port);
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _questions.CompleteAdding();

    private void AnswerQuestions()
    {
        foreach (var address in _questions.GetConsumingEnumerable())
        {
            var found = Resolve(address);
            var known = _entries.TryGetValue(address, out var entry) ? entry.EndPoint : null;
            Store(address, new Entry(found ?? known, ExpiresIn(Lifetime)));
        }
    }

    private void Store(HostPort address, Entry entry)
    {
        if (_entries.Count >= MaxEntries)
        {
            _entries.Clear();
        }

        _entries[address] = entry;
    }

    private long ExpiresIn(TimeSpan lifetime) => _time.GetTimestamp() + (long)(lifetime.TotalSeconds * _time.TimestampFrequency);

    private sealed record Entry(IPEndPoint? EndPoint, long Expires);
}
