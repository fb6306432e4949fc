namespace Trefoil.Assertions.Lenses;

/// <summary>How far the claims agree.</summary>
public enum Verdict : byte
{
    /// <summary>One value.</summary>
    Unanimous = 0,

    /// <summary>Conflict below 0.5, and one value has two thirds of the weight or more.</summary>
    Agreed = 1,

    /// <summary>Neither.</summary>
    Contested = 2,
}
