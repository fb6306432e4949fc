namespace Trefoil.KeyValue.Migration;

/// <summary>What all MIGRATEs of a server share.</summary>
internal sealed class Migrations(TimeProvider time) : IDisposable
{
    /// <summary>Keys whose commands wait.</summary>
    public KeysInFlight InFlight { get; } = new();

    /// <summary>Open connections to targets that nobody uses now.</summary>
    public TargetLinks Links { get; } = new(time);

    /// <inheritdoc/>
    public void Dispose() => Links.Dispose();
}
