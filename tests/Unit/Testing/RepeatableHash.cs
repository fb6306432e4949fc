using System.Runtime.CompilerServices;
using Trefoil.KeyValue.Values;

namespace Trefoil.Unit.Testing;

/// <summary>A seed gives the same run here as from the command line: before any test has hashed a key.</summary>
internal static class RepeatableHash
{
    [ModuleInitializer]
    internal static void Set() => AppContext.SetSwitch(KeyHash.Repeatable, true);
}
