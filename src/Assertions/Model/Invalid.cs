namespace Trefoil.Assertions.Model;

/// <summary>Why an input was refused: nothing of it was stored.</summary>
/// <param name="Code">One of <see cref="InvalidCodes"/>; stable, for programs.</param>
/// <param name="Field">Where, as a JSON pointer into the input ("/parents/3/id"); "" for the whole of it.</param>
/// <param name="Reason">One sentence for people: what was found, what is allowed.</param>
public sealed record Invalid(string Code, string Field, string Reason)
{
    /// <summary>The same refusal seen from one level further out: "/value" within "/object" is "/object/value".</summary>
    internal Invalid Within(string field) => this with { Field = field + Field };
}
