namespace Trefoil.Simulator;

/// <summary>How a run ended.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="TraceHash">A hash of everything that happened: equal for equal runs.</param>
/// <param name="VirtualTime">How long it took in there.</param>
/// <param name="Counts">What happened how often.</param>
/// <param name="Failure">What an oracle objected to; null when nothing did.</param>
/// <param name="TraceTail">The last lines of the trace, oldest first; empty without a failure.</param>
public sealed record SimulationResult(
    ulong Seed, ulong TraceHash, TimeSpan VirtualTime, SimulationCounts Counts, string? Failure, IReadOnlyList<string> TraceTail);

/// <summary>An oracle saw what must never be. Ends the run; never leaves it.</summary>
internal sealed class OracleViolation(string message) : Exception(message);
