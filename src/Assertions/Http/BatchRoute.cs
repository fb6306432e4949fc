using System.Buffers;
using Trefoil.Assertions.Engine;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;
using Trefoil.Assertions.Store;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Http;

/// <summary>Many assertions at once, a JSON object per line (NDJSON): one commit, and a result per line in the order of the lines.</summary>
/// <remarks>A line that is refused does not hold up the others. A batch that is too long is refused whole.</remarks>
internal sealed class BatchRoute(AssertionService service)
{
    /// <summary>Most lines of a batch.</summary>
    public const int MaxLines = 10_000;

    /// <summary>Longest batch, in bytes.</summary>
    public const int MaxBytes = 16 << 20;

    public async Task PostAsync(Exchange exchange)
    {
        if (WriteRoutes.AckOf(exchange) is { } hopeless)
        {
            await exchange.RefuseAsync(hopeless);
            return;
        }

        if (await exchange.BodyAsync(MaxBytes, ProblemCodes.BatchTooLong) is not { } body)
        {
            return;
        }

        var count = CountLines(body.Span);
        if (count > MaxLines)
        {
            await exchange.RefuseAsync(ProblemCodes.BatchTooLong, $"the batch has {count} lines, at most {MaxLines} are allowed: nothing of it was stored");
            return;
        }

        var lines = Read(body, count);
        PostResult result = new PostResult.Stored([], service.LastArrival);
        if (lines.Exists(line => line.Posted is not null))
        {
            (result, _) = await service.WriteAsync((clock, records) => Post(lines, clock, records));
        }

        await (result is PostResult.Stored stored
            ? exchange.AnswerAsync(200, "application/x-ndjson", Results(lines, stored.Outcomes))
            : exchange.RefuseAsync(WriteRoutes.NotTaken(result)));
    }

    private static int CountLines(ReadOnlySpan<byte> body) =>
        body.Count((byte)'\n') + (body.IsEmpty || body[^1] == (byte)'\n' ? 0 : 1);

    private static List<Line> Read(ReadOnlyMemory<byte> body, int count)
    {
        var lines = new List<Line>(count);
        var scratch = new ByteWriter(1024);
        for (var rest = body; !rest.IsEmpty;)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            var text = end < 0 ? rest.Span : rest.Span[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            var invalid = AssertionJson.TryRead(text, scratch, out var posted) ?? posted!.CheckSignature();
            lines.Add(new Line { Posted = invalid is null ? posted : null, Refusal = invalid });
        }

        return lines;
    }

    private static void Post(List<Line> lines, Func<HybridTime> clock, List<Record> records)
    {
        foreach (var line in lines)
        {
            if (line.Posted is { } posted)
            {
                line.FirstRecord = records.Count;
                line.At = clock();
                AssertionEngine.Post(posted, line.At, records);
            }
        }
    }

    private ReadOnlyMemory<byte> Results(List<Line> lines, IReadOnlyList<RecordOutcome> outcomes)
    {
        var buffer = new ArrayBufferWriter<byte>(lines.Count * 160 + 16);
        using var json = Exchange.Json(buffer);
        using var reader = service.Read();
        foreach (var line in lines)
        {
            var refusal = line.Refusal;
            var created = refusal is null && outcomes[line.FirstRecord] == RecordOutcome.Created;

            // Known already, or redacted: only the store knows.
            if (refusal is null && !created)
            {
                refusal = AssertionEngine.Find(reader, line.Posted!.Id, out _);
            }

            json.WriteStartObject();
            if (refusal is null)
            {
                json.WriteNumber("status", created ? 201 : 200);
                json.WriteString("id", line.Posted!.Id.ToString());
            }
            else
            {
                var (status, title) = ProblemCodes.Of(refusal.Code);
                Exchange.WriteProblem(json, refusal, status, title);
            }

            json.WriteEndObject();
            json.Flush();
            json.Reset();
            buffer.Write("\n"u8);
        }

        return buffer.WrittenMemory;
    }

    private sealed class Line
    {
        public PostedAssertion? Posted { get; init; }

        public Invalid? Refusal { get; init; }

        public int FirstRecord { get; set; }

        public HybridTime At { get; set; }
    }
}
