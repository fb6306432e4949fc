namespace Trefoil.Storage;

/// <summary>A sync or a log write failed: what the disk holds is unknown, and the process must end and recover from it.</summary>
/// <remarks>
/// Retrying an fsync is wrong: the kernel may have dropped the dirty pages and would report success (Rebello et al.,
/// "Can Applications Recover from fsync Failures?", 2020). Nothing catches this in order to go on.
/// </remarks>
public sealed class DiskFailure(string message, Exception? cause = null) : IOException(message, cause);
