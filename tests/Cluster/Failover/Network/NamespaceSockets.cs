using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Trefoil.Cluster.Failover.Network;

/// <summary>Sockets of another network namespace in this process: a socket stays in the namespace that its maker's thread was in.</summary>
internal static partial class NamespaceSockets
{
    private const int AnyKind = 0;

    public static Socket Tcp(string name)
    {
        using var here = File.OpenHandle("/proc/thread-self/ns/net");
        using var there = File.OpenHandle($"/run/netns/{name}");
        Enter(there, name);
        try
        {
            return new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        }
        finally
        {
            Enter(here, "the one it came from");
        }
    }

    private static void Enter(SafeFileHandle handle, string name)
    {
        if (SetNamespace(handle, AnyKind) != 0)
        {
            // A thread left in a foreign network would spoil whatever runs on it next.
            Environment.FailFast($"the thread could not enter the network namespace {name}: error {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeFileHandle handle, int kind);
}
