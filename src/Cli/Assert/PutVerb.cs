namespace Trefoil.Cli.Assert;

/// <summary>put: one claim.</summary>
internal static class PutVerb
{
    public static async Task<CliFailure?> RunAsync(AssertClient client, byte[] claim, bool json, TextWriter output, CancellationToken cancellation)
    {
        var (answer, failure) = await client.AskAsync("/v1/assertions", claim, cancellation);
        if (failure is not null)
        {
            return failure;
        }

        var note = answer.Said("retracted") == "true" ? "known, and retracted" : answer.Said("created") == "true" ? "stored" : "known";
        await output.WriteLineAsync(json ? answer.GetRawText() : $"{Screen.Safe(answer.Said("id"))} {note}");
        return null;
    }

    /// <summary>Reads one claim from a stream; null if it is longer than a node takes.</summary>
    public static async Task<byte[]?> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var claim = new MemoryStream();
        var buffer = new byte[64 << 10];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation)) > 0)
        {
            claim.Write(buffer, 0, read);
            if (claim.Length > LineReader.MaxLine)
            {
                return null;
            }
        }

        return claim.ToArray();
    }
}
