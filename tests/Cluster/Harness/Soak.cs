namespace Trefoil.Cluster.Harness;

/// <summary>How often a test repeats: a few times in a test run, many times under <c>./build.sh soak</c>.</summary>
internal static class Soak
{
    /// <summary>Trait of the tests that <c>./build.sh soak</c> runs in full.</summary>
    public const string Trait = "Soak";

    /// <summary>Value of the trait for tests that vary what another one shows: only <c>./build.sh soak</c> runs them, so that a test run stays below twenty minutes.</summary>
    public const string Only = "only";

    /// <summary>True under <c>./build.sh soak</c>.</summary>
    public static bool IsOn => Environment.GetEnvironmentVariable("TREFOIL_SOAK") == "1";

    /// <summary>Repetitions: <paramref name="inTest"/>, or <paramref name="inSoak"/> under soak.</summary>
    public static int Times(int inTest, int inSoak) => IsOn ? inSoak : inTest;
}
