using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Trefoil.Cluster.Differential;

/// <summary>A RESP connection that hands out replies as the bytes they are: nothing is interpreted on the way to a comparison.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    public RawConnection(int port)
    {
        _socket.ReceiveTimeout = 30_000;
        _socket.Connect(IPAddress.Loopback, port);
    }

    public void Dispose() => _socket.Dispose();

    public byte[] Call(params string[] arguments)
    {
        Send([arguments.Select(Encoding.Latin1.GetBytes).ToArray()]);
        return ReadReply();
    }

    /// <summary>Sends commands as one pipeline.</summary>
    public void Send(IEnumerable<byte[][]> commands)
    {
        using var request = new MemoryStream();
        foreach (var command in commands)
        {
            request.Write(Encoding.ASCII.GetBytes($"*{command.Length}\r\n"));
            foreach (var argument in command)
            {
                request.Write(Encoding.ASCII.GetBytes($"${argument.Length}\r\n"));
                request.Write(argument);
                request.Write("\r\n"u8);
            }
        }

        var bytes = request.ToArray();
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += _socket.Send(bytes.AsSpan(sent));
        }
    }

    public byte[] ReadReply()
    {
        using var reply = new MemoryStream();
        Copy(reply);
        return reply.ToArray();
    }

    /// <summary>Everything that has arrived, replies or not.</summary>
    public byte[] ReadArrived()
    {
        using var arrived = new MemoryStream();
        arrived.Write(_buffer, _start, _end - _start);
        _start = _end = 0;
        while (_socket.Available > 0)
        {
            arrived.Write(_buffer, 0, _socket.Receive(_buffer));
        }

        return arrived.ToArray();
    }

    /// <summary>Copies one reply with everything inside it.</summary>
    private void Copy(MemoryStream reply)
    {
        var line = Line();
        reply.Write(line);
        var type = (char)line[0];
        if (!"$=*~>%!".Contains(type, StringComparison.Ordinal))
        {
            return;
        }

        var length = int.Parse(Encoding.ASCII.GetString(line.AsSpan(1)));
        if ("$=!".Contains(type, StringComparison.Ordinal))
        {
            for (var left = length < 0 ? 0 : length + 2; left > 0; left--)
            {
                reply.WriteByte(Next());
            }

            return;
        }

        for (var i = 0; i < (type == '%' ? 2 * length : length); i++)
        {
            Copy(reply);
        }
    }

    private byte[] Line()
    {
        var line = new List<byte>();
        do
        {
            line.Add(Next());
        }
        while (line[^1] != '\n');
        return [.. line];
    }

    private byte Next()
    {
        if (_start == _end)
        {
            _start = 0;
            _end = _socket.Receive(_buffer);
            if (_end == 0)
            {
                throw new IOException("the server closed the connection");
            }
        }

        return _buffer[_start++];
    }
}
