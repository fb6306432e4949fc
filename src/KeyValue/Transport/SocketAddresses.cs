using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Trefoil.KeyValue.Transport;

/// <summary>Socket addresses as text.</summary>
internal static unsafe class SocketAddresses
{
    public const int MaxBytes = 128;
    private const int Inet6 = 10;

    /// <summary><c>ip:port</c> of a sockaddr_in or sockaddr_in6.</summary>
    public static string Text(ReadOnlySpan<byte> address)
    {
        if (address.Length < 8)
        {
            return "";
        }

        var port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        if (BitConverter.ToUInt16(address) == Inet6 && address.Length >= 24)
        {
            var ip = new IPAddress(address.Slice(8, 16));
            return string.Create(CultureInfo.InvariantCulture, $"{(ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip)}:{port}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{address[4]}.{address[5]}.{address[6]}.{address[7]}:{port}");
    }

    /// <summary>Where the client connected to.</summary>
    public static string Local(int descriptor)
    {
        var address = stackalloc byte[MaxBytes];
        var length = MaxBytes;
        return LibC.LocalName(descriptor, address, &length) == 0 ? Text(new ReadOnlySpan<byte>(address, length)) : "";
    }
}
