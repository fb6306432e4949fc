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
            // fsync, or F_FULLFSYNC on macOS, where fsync alone does not reach the medium.
            Guard(path, () => RandomAccess.FlushToDisk(handle));
            return;
        }

        Check(path, () => FDataSync(handle));
    }

    /// <summary>Syncs the names in a directory. Windows has no such call and needs none.</summary>
    public static void Directory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var handle = OpenDirectory(path);
        Check(path, () => FSync(handle));
    }

    private static SafeFileHandle OpenDirectory(string path)
    {
        const int readOnly = 0;
        var descriptor = OpenPath(path, readOnly, 0);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"Cannot open the directory '{path}': {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    private static void Check(string path, Func<int> call)
    {
        // An interrupted call has not run, so repeating it is not the retry that DiskFailure forbids.
        int result;
        do
        {
            result = call();
        }
        while (result != 0 && Marshal.GetLastPInvokeError() == Interrupted);

        if (result != 0)
        {
            throw new DiskFailure($"fsync of '{path}' failed: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    private static void Guard(string path, Action call)
    {
        try
        {
            call();
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
