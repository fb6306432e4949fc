using Xunit;

namespace Trefoil.Cluster.Harness;

/// <summary>What the nodes of a test logged stays in <c>artifacts/logs/TEST</c> until the test runs again: a failure is understood by it, or not at all.</summary>
internal static class KeptLogs
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "logs");

    /// <summary>Copies <c>node-*/log</c> of a cluster's directory.</summary>
    public static void Keep(string directory)
    {
        var target = Path.Combine(Root, TestContext.Current.TestMethod?.MethodName ?? "none");
        System.IO.Directory.CreateDirectory(target);
        foreach (var node in System.IO.Directory.GetDirectories(directory, "node-*"))
        {
            if (File.Exists(Path.Combine(node, "log")))
            {
                File.Copy(Path.Combine(node, "log"), Path.Combine(target, Path.GetFileName(node) + ".log"), overwrite: true);
            }
        }
    }
}
