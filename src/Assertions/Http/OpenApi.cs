namespace Trefoil.Assertions.Http;

/// <summary>The description of the API that generators of clients read: <c>openapi.json</c>, written by hand and embedded.</summary>
public static class OpenApi
{
    private const string Name = "openapi.json";

    /// <summary>The whole file.</summary>
    public static byte[] Bytes { get; } = Load();

    private static byte[] Load()
    {
        using var stream = typeof(OpenApi).Assembly.GetManifestResourceStream(Name) ?? throw new InvalidOperationException($"{Name} is not embedded");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
