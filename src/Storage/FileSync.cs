using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Trefoil.Storage;

/// <summary>The only calls of fsync and its kin.</summary>
internal static partial class FileSync
{
    private const int Interrupted = 4;

    /// <summary>Syncs a file's data and what is needed to read it back (its length), not its times.</summary>
    public static void Data(SafeFileHandle handle, string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            FlushToDisk(handle, path);
            return;
        }

        while (FDataSync(handle) != 0)
        {
            ThrowUnlessInterrupted(path);
        }
    }

    /// <summary>Syncs the names in a directory. Windows has no such call and needs none.</summary>
    public static void Directory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var handle = OpenDirectory(path);
        while (FSync(handle) != 0)
        {
            ThrowUnlessInterrupted(path);
        }
    }

    private static SafeFileHandle OpenDirectory(string path)
    {
        const int readOnly = 0;
        var descriptor = OpenPath(path, readOnly, 0);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"Cannot open the directory '{path}': {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    /// <summary>An interrupted call has not run, so repeating it is not the retry that DiskFailure forbids.</summary>
    private static void ThrowUnlessInterrupted(string path)
    {
        if (Marshal.GetLastPInvokeError() != Interrupted)
        {
            throw new DiskFailure($"fsync of '{path}' failed: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    /// <summary>fsync, or F_FULLFSYNC on macOS, where fsync alone does not reach the medium.</summary>
    private static void FlushToDisk(SafeFileHandle handle, string path)
    {
        try
        {
            RandomAccess.FlushToDisk(handle);
        }
        catch (IOException error)
        {
            throw new DiskFailure($"fsync of '{path}' failed: {error.Message}", error);
        }
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenPath(string path, int flags, int mode);
}
