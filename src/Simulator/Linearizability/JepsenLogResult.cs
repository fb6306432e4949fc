namespace Trefoil.Simulator.Linearizability;

/// <summary>A recorded history, or the first line that could not be read.</summary>
public abstract record JepsenLogResult
{
    private JepsenLogResult()
    {
    }

    /// <summary>The whole of it.</summary>
    public sealed record History(IReadOnlyList<RegisterOperation> Operations) : JepsenLogResult;

    /// <summary>A line that is none.</summary>
    /// <param name="Line">Its number, from 1.</param>
    /// <param name="Problem">What is wrong with it.</param>
    public sealed record Unreadable(int Line, string Problem) : JepsenLogResult;
}
