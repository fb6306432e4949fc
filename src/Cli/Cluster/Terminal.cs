namespace Trefoil.Cli.Cluster;

/// <summary>Who is in front of the program: a person who can be asked, a screen that can be drawn on, or a script.</summary>
/// <param name="CanAsk">stdin is a terminal.</param>
/// <param name="CanDraw">stdout is a terminal.</param>
/// <param name="Input">Where an answer is read.</param>
internal sealed record Terminal(bool CanAsk, bool CanDraw, TextReader Input)
{
    public static Terminal OfProcess => new(!Console.IsInputRedirected, !Console.IsOutputRedirected, Console.In);
}
