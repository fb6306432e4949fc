namespace Trefoil.Cluster.Assertions;

/// <summary>An assertion that was acknowledged under an id.</summary>
/// <param name="Id">As the server named it.</param>
/// <param name="Text">What was posted: fields in the order and spelling in which the server writes them.</param>
internal sealed record PostedClaim(string Id, string Text)
{
    /// <summary>The only bytes that a read of it may answer.</summary>
    public string Answer => $"{{\"id\":\"{Id}\",{Text.AsSpan(1)}\n";

    /// <summary>A claim that nobody else makes.</summary>
    /// <param name="writer">Who makes it.</param>
    /// <param name="number">Of this writer's claims.</param>
    /// <param name="random">For its text of up to 600 characters, which do not compress much.</param>
    public static string Make(int writer, int number, Random random)
    {
        var bytes = new byte[random.Next(1, 300)];
        random.NextBytes(bytes);
        return $$$"""
            {"subject":"kill/s{{{number % 20}}}","predicate":"says","object":{"type":"Text","value":"{{{Convert.ToHexString(bytes)}}}"},"confidence":0.9,"nonce":"{{{writer}}}-{{{number}}}"}
            """;
    }
}
