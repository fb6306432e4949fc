namespace Trefoil.Assertions.Http;

/// <summary>Memory that bodies of requests may take, all together: many batches at once are refused, not taken until there is none left.</summary>
internal sealed class BodyBudget
{
    /// <summary>Sixteen batches of the largest size.</summary>
    public const long MaxBytes = 16L * BatchRoute.MaxBytes;

    private long _taken;

    /// <summary>Bytes that are taken now.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Takes bytes; false, and none taken, if there are not as many left.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= MaxBytes)
        {
            return true;
        }

        Return(bytes);
        return false;
    }

    /// <summary>Gives bytes back.</summary>
    public void Return(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
