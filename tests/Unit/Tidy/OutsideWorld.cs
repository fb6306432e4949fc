using System.Reflection;
using System.Reflection.Metadata;

namespace Trefoil.Unit.Tidy;

/// <summary>Reads from an assembly's metadata which types of the outside world its code mentions anywhere.</summary>
/// <remarks>
/// The banned-symbol analyzer stops calls in source; this sees what the compiler made of it as well: the Monitor behind a
/// lock statement, the builder behind an async method, a type that only appears in a field or as a type argument.
/// </remarks>
internal static class OutsideWorld
{
    private static readonly string[] Namespaces =
    [
        "System.Threading", "System.Threading.Tasks", "System.Threading.Channels", "System.Collections.Concurrent",
        "System.Collections.Frozen", "System.Collections.Immutable", "System.Net.Sockets", "System.IO.Pipelines",
        "Microsoft.Extensions.Logging",
    ];

    private static readonly string[] Types =
    [
        "System.TimeProvider", "System.Random", "System.HashCode", "System.Console", "System.Diagnostics.Stopwatch",
        "System.Diagnostics.Process", "System.Security.Cryptography.RandomNumberGenerator", "System.IO.File",
        "System.IO.Directory", "System.IO.FileInfo", "System.IO.DirectoryInfo", "System.IO.Stream", "System.IO.FileStream",
        "System.IO.MemoryStream", "System.IO.RandomAccess", "System.Runtime.CompilerServices.AsyncTaskMethodBuilder",
    ];

    /// <summary>Full names, sorted; empty for a core.</summary>
    public static IEnumerable<string> MentionedBy(Assembly assembly)
    {
        using var file = new System.Reflection.PortableExecutable.PEReader(File.OpenRead(assembly.Location));
        var metadata = file.GetMetadataReader();
        return metadata.TypeReferences
            .Select(metadata.GetTypeReference)
            .Select(type => (Space: metadata.GetString(type.Namespace), Name: metadata.GetString(type.Name)))
            .Where(type => Namespaces.Contains(type.Space) || Types.Contains($"{type.Space}.{type.Name}"))
            .Select(type => $"{type.Space}.{type.Name}")
            .Order(StringComparer.Ordinal)
            .ToArray();
    }
}
