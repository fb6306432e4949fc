using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Trefoil.KeyValue.Transport;

/// <summary>An epoll instance (level-triggered) and an eventfd in it that wakes the loop from other threads.</summary>
internal sealed unsafe class EpollSet : IDisposable
{
    /// <summary>Events taken per wait.</summary>
    private const int MaxEvents = 512;

    private readonly int _epoll;
    private readonly int _wake;
    private readonly byte[] _events = GC.AllocateArray<byte>(MaxEvents * LibC.EventSize, pinned: true);

    public EpollSet()
    {
        _epoll = Checked(LibC.EpollCreate(LibC.EpollCloseOnExec));
        _wake = Checked(LibC.EventDescriptor(0, LibC.EventNonBlocking | LibC.EpollCloseOnExec));
        Add(_wake, LibC.EpollIn);
    }

    public void Add(int descriptor, int interest) => Checked(Control(LibC.EpollAdd, descriptor, interest));

    public void Modify(int descriptor, int interest) => Checked(Control(LibC.EpollModify, descriptor, interest));

    public void Remove(int descriptor) => Control(LibC.EpollDelete, descriptor, 0);

    /// <summary>Waits up to <paramref name="timeoutMs"/>; returns how many events there are.</summary>
    public int Wait(int timeoutMs)
    {
        fixed (byte* events = _events)
        {
            var count = LibC.EpollWait(_epoll, events, MaxEvents, timeoutMs);
            return count >= 0 ? count : Marshal.GetLastPInvokeError() == LibC.Interrupted ? 0 : Checked(count);
        }
    }

    /// <summary>Event <paramref name="index"/>: what is ready where.</summary>
    public (int Descriptor, int Ready) Event(int index)
    {
        var at = _events.AsSpan(index * LibC.EventSize, LibC.EventSize);
        return (MemoryMarshal.Read<int>(at[LibC.EventData..]), MemoryMarshal.Read<int>(at));
    }

    /// <summary>True, and reset, if it was <see cref="Wake"/> that is ready.</summary>
    public bool WasWoken(int descriptor)
    {
        if (descriptor != _wake)
        {
            return false;
        }

        long count;
        _ = LibC.Read(_wake, (byte*)&count, sizeof(long));
        return true;
    }

    /// <summary>Makes <see cref="Wait"/> return; from any thread.</summary>
    public void Wake()
    {
        long one = 1;
        _ = LibC.Write(_wake, (byte*)&one, sizeof(long));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = LibC.Close(_wake);
        _ = LibC.Close(_epoll);
    }

    private int Control(int operation, int descriptor, int interest)
    {
        var change = stackalloc byte[16];
        *(int*)change = interest;
        *(long*)(change + LibC.EventData) = descriptor;
        return LibC.EpollControl(_epoll, operation, descriptor, change);
    }

    private static int Checked(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());
}
