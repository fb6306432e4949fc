using System.Net;
using System.Net.Sockets;
using System.Text;
using Trefoil.Unit.Testing;
using Trefoil.Wire.Resp;

namespace Trefoil.Unit.KeyValue.Migration;

/// <summary>A target that answers when and what the test says.</summary>
internal sealed class FakeTarget : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private readonly TcpListener _listener = Loopback.Listen();
    private Socket? _socket;
    private RespReplyReader _reader = new();

    public string Port => ((IPEndPoint)_listener.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Takes the next connection in the place of the one before.</summary>
    public async Task AcceptAsync()
    {
        using var limit = new CancellationTokenSource(Deadline);
        _socket?.Dispose();
        _socket = await _listener.AcceptSocketAsync(limit.Token);
        _reader = new RespReplyReader();
    }

    /// <summary>The next command, its arguments separated by blanks; of a payload only its length.</summary>
    public async Task<string> ReadAsync()
    {
        var bytes = new byte[4096];
        using var limit = new CancellationTokenSource(Deadline);
        RespReply? command;
        while (!_reader.TryRead(out command))
        {
            var count = await _socket!.ReceiveAsync(bytes, limit.Token);
            if (count == 0)
            {
                return "closed";
            }

            _reader.Feed(bytes.AsSpan(0, count));
        }

        var words = command.Items!.Select(item => Encoding.Latin1.GetString(item.Bytes!.Value.Span)).ToArray();
        if (words[0].StartsWith("RESTORE", StringComparison.Ordinal))
        {
            words[3] = $"({words[3].Length})";
        }

        return string.Join(' ', words);
    }

    public async Task AnswerAsync(string text) => await _socket!.SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Ends the connection.</summary>
    public void HangUp() => _socket!.Dispose();

    /// <summary>Nobody listens any more.</summary>
    public void Dispose()
    {
        _socket?.Dispose();
        _listener.Dispose();
    }
}
