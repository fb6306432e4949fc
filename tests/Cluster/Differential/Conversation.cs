using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Trefoil.Cluster.Differential;

/// <summary>Several clients of one server, and what each of them hears after each step.</summary>
internal sealed partial class Conversation : IDisposable
{
    /// <summary>
    /// Both servers answer a question only after everything that arrived before it; what that sets free (a client that was blocked, and what it had
    /// sent meanwhile) takes another round or two.
    /// </summary>
    private const int Rounds = 4;

    private readonly RawConnection _control;
    private readonly RawConnection[] _clients;
    private readonly string[] _ids;

    /// <param name="port">Where the server is.</param>
    /// <param name="clients">How many talk.</param>
    /// <param name="protocol">2 or 3; 0: every second one speaks 3.</param>
    public Conversation(int port, int clients, int protocol)
    {
        _control = new RawConnection(port);
        _clients = Enumerable.Range(0, clients).Select(_ => new RawConnection(port)).ToArray();
        _ids = new string[clients];
        for (var i = 0; i < clients; i++)
        {
            _clients[i].Call("HELLO", protocol > 0 ? $"{protocol}" : $"{2 + (i % 2)}");
            _ids[i] = Encoding.ASCII.GetString(_clients[i].Call("CLIENT", "ID")).Trim()[1..];
        }
    }

    /// <summary>One client says something; returns once it, and what follows from it, has happened. <c>@n</c> is the id of client n.</summary>
    public void Say(int client, string[] words)
    {
        _clients[client].Send([Words.Bytes(words.Select(word => IsId(word, out var other) ? _ids[other] : word))]);
        Settle();
    }

    /// <summary>Whether a client waits. What it says meanwhile is heard later, and if several are set free at once nobody promises in which order.</summary>
    public bool IsBlocked(int client) => Encoding.Latin1.GetString(_control.Call("CLIENT", "LIST", "ID", _ids[client])).Contains(" flags=b ", StringComparison.Ordinal);

    /// <summary>Ends a client's wait.</summary>
    public void Unblock(int client)
    {
        _control.Call("CLIENT", "UNBLOCK", _ids[client]);
        Settle();
    }

    public byte[] Control(params string[] words) => _control.Call(words);

    /// <summary>What a client has heard since it was asked last; times, addresses and ids made the same.</summary>
    public string Heard(int client)
    {
        var text = Encoding.Latin1.GetString(_clients[client].ReadArrived());
        return HelloId().Replace(MonitorHead().Replace(text, "+TIME [0 ADDRESS]"), "$1:ID");
    }

    public void Dispose()
    {
        _control.Dispose();
        Array.ForEach(_clients, client => client.Dispose());
    }

    private void Settle()
    {
        for (var round = 0; round < Rounds; round++)
        {
            // Administration: no monitor sees it.
            _control.Call("CONFIG", "GET", "nope");
        }
    }

    private bool IsId(string word, out int client) =>
        int.TryParse(word.AsSpan(word.StartsWith('@') ? 1 : word.Length), NumberStyles.None, CultureInfo.InvariantCulture, out client) && client < _ids.Length;

    [GeneratedRegex(@"\+\d+\.\d{6} \[0 [0-9.:]+\]")]
    private static partial Regex MonitorHead();

    [GeneratedRegex(@"(\$2\r\nid\r\n):\d+")]
    private static partial Regex HelloId();
}
