using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Lenses;

/// <summary>Which states of review a lens lets in, one bit each.</summary>
public readonly record struct LifecycleSet(byte Bits)
{
    /// <summary>All but Rejected: what counts unless a query says otherwise.</summary>
    public static readonly LifecycleSet NotRejected = new((1 << Lifecycles.Count) - 1 - (1 << (int)Lifecycle.Rejected));

    public bool Contains(Lifecycle state) => (Bits & (1 << (int)state)) != 0;

    public LifecycleSet With(Lifecycle state) => new((byte)(Bits | (1 << (int)state)));

    /// <summary>The states in the set, by rank.</summary>
    public IEnumerable<Lifecycle> States
    {
        get
        {
            for (var state = 0; state < Lifecycles.Count; state++)
            {
                if (Contains((Lifecycle)state))
                {
                    yield return (Lifecycle)state;
                }
            }
        }
    }
}
