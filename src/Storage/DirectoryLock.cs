using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Trefoil.Storage;

/// <summary>Keeps a second process out of a data directory, by flock on its <c>LOCK</c> file.</summary>
/// <remarks>The kernel releases it when the process ends, however it ends, so a stale file never has to be removed.</remarks>
public sealed partial class DirectoryLock : IDisposable
{
    private const string FileName = "LOCK";
    private const int Exclusive = 2;
    private const int NonBlocking = 4;
    private readonly SafeFileHandle _handle;

    private DirectoryLock(SafeFileHandle handle) => _handle = handle;

    /// <summary>Takes the lock of <paramref name="directory"/> (created if missing), or says who holds it.</summary>
    /// <returns>The lock to keep for the life of the process, or null and the text of the refusal.</returns>
    public static DirectoryLock? TryAcquire(string directory, out string refusal)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, FileName);
        var handle = OpenUnlocked(path);
        if (handle.IsInvalid || (!OperatingSystem.IsWindows() && Flock(handle, Exclusive | NonBlocking) != 0))
        {
            refusal = $"The data directory '{directory}' is in use by another process{Holder(handle)}. "
                + "Stop it, or give this one a data_dir of its own.";
            handle.Dispose();
            return null;
        }

        RandomAccess.SetLength(handle, 0);
        RandomAccess.Write(handle, Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"), 0);
        refusal = "";
        return new DirectoryLock(handle);
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _handle.Dispose();

    /// <summary>Opens by the system call: the runtime takes a flock of its own, with any FileShare, on what it opens to write.</summary>
    private static SafeFileHandle OpenUnlocked(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            try
            {
                return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                return new SafeFileHandle();
            }
        }

        const int readWrite = 2;
        const int ownerWritesAllRead = 0x1A4; // 0644
        var createAndCloseOnExec = OperatingSystem.IsMacOS() ? 0x200 | 0x1000000 : 0x40 | 0x80000;
        var handle = OpenPath(path, readWrite | createAndCloseOnExec, ownerWritesAllRead);
        return handle >= 0
            ? new SafeFileHandle(handle, ownsHandle: true)
            : throw new IOException($"Cannot open '{path}': {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    private static string Holder(SafeFileHandle handle)
    {
        if (handle.IsInvalid)
        {
            return "";
        }

        var bytes = new byte[16];
        var count = RandomAccess.Read(handle, bytes, 0);
        var text = Encoding.ASCII.GetString(bytes, 0, count).Trim();
        return text.Length == 0 ? "" : $" (pid {text})";
    }

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeFileHandle handle, int operation);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenPath(string path, int flags, int mode);
}
