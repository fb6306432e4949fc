using System.Buffers;
using System.Text;

namespace Trefoil.Cli.Assert;

/// <summary>A line that was not taken.</summary>
internal sealed record RefusedLine(long Number, Problem Problem);

/// <summary>Posts lines in batches and keeps count.</summary>
/// <remarks>A batch is on disk when it is answered. What was posted before is known and not stored twice, so an import that broke off is run again.</remarks>
internal sealed class ImportRun(AssertClient client, LineReader lines, Func<RefusedLine, Task> refused, Action<long> progress)
{
    /// <summary>Lines of a batch: a node takes 10 000.</summary>
    public const int BatchLines = 2000;

    /// <summary>Bytes of a batch, not counting its last line: a node takes 16 MiB.</summary>
    public const int BatchBytes = 4 << 20;

    private readonly List<long> _numbers = [];
    private readonly ArrayBufferWriter<byte> _batch = new();
    private long _line;

    public long Created { get; private set; }

    public long Known { get; private set; }

    public long Refused { get; private set; }

    public async Task<CliFailure?> RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var (found, line) = await lines.ReadAsync(cancellation);
            if (!found)
            {
                return await SendAsync(cancellation);
            }

            _line++;
            if (line is null)
            {
                await RefuseAsync(_line, new Problem("body_too_large", "", $"the line is longer than {LineReader.MaxLine} bytes"));
            }
            else if (!line.All(letter => letter is (byte)' ' or (byte)'\t'))
            {
                _numbers.Add(_line);
                _batch.Write(line);
                _batch.Write("\n"u8);
            }

            if ((_numbers.Count >= BatchLines || _batch.WrittenCount >= BatchBytes) && await SendAsync(cancellation) is { } failure)
            {
                return failure;
            }
        }
    }

    private async Task<CliFailure?> SendAsync(CancellationToken cancellation)
    {
        if (_numbers.Count == 0)
        {
            return null;
        }

        var (answer, failure) = await client.SendAsync("/v1/assertions:batch", _batch.WrittenSpan.ToArray(), "application/x-ndjson", cancellation);
        if (failure is not null)
        {
            return failure with { Message = $"{failure.Message} Lines from {_numbers[0]} on are not stored for certain: run it again, what is known already is not stored twice." };
        }

        var results = Encoding.UTF8.GetString(answer).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (results.Length != _numbers.Count)
        {
            return client.Strange($"{results.Length} results to {_numbers.Count} lines");
        }

        foreach (var (result, number) in results.Zip(_numbers))
        {
            if (Problem.Read(Encoding.UTF8.GetBytes(result)) is { } problem)
            {
                await RefuseAsync(number, problem);
            }
            else if (result.StartsWith("{\"status\":201", StringComparison.Ordinal))
            {
                Created++;
            }
            else
            {
                Known++;
            }
        }

        _numbers.Clear();
        _batch.ResetWrittenCount();
        progress(lines.BytesRead);
        return null;
    }

    private Task RefuseAsync(long number, Problem problem)
    {
        Refused++;
        return refused(new RefusedLine(number, problem));
    }
}
