namespace Trefoil.Assertions.Lenses;

/// <summary>What decided between a winner and the best of those it beat.</summary>
public enum DecisionRule : byte
{
    /// <summary>There was nothing else to choose.</summary>
    Only = 0,

    /// <summary>The higher confidence.</summary>
    Confidence = 1,

    /// <summary>More distinct agents state the value.</summary>
    Agents = 2,

    /// <summary>The higher sum of votes.</summary>
    Votes = 3,

    /// <summary>The higher product of confidence, tier weight and trust.</summary>
    Authority = 4,

    /// <summary>The claims for the value have the higher sum of confidences.</summary>
    Weight = 5,

    /// <summary>The more authoritative tier.</summary>
    Tier = 6,

    /// <summary>Equal so far; accepted later, by physical time.</summary>
    Physical = 7,

    /// <summary>Equal so far, at the same physical time; the higher logical counter.</summary>
    Logical = 8,

    /// <summary>Equal so far, at the same time; accepted by the node with the greater id.</summary>
    Node = 9,

    /// <summary>Equal in everything else; the greater assertion id.</summary>
    Id = 10,
}
