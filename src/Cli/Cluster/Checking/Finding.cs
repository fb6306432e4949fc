namespace Trefoil.Cli.Cluster.Checking;

/// <summary>How bad a finding is. <see cref="Error"/>: data is not served, or the nodes contradict each other.</summary>
internal enum Severity
{
    Note,
    Warning,
    Error,
}

/// <summary>One thing that a check found.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Code">A stable word for scripts.</param>
/// <param name="Text">What, and where.</param>
/// <param name="Remedy">What to do; "" if nothing.</param>
internal sealed record Finding(Severity Severity, string Code, string Text, string Remedy = "");
