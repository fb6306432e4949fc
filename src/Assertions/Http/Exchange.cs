using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Trefoil.Assertions.Engine;
using Trefoil.Assertions.Model;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Http;

/// <summary>One request and its answer.</summary>
internal sealed class Exchange(HttpContext context, RequestTarget target)
{
    private long _bodyBytes;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public HttpContext Context => context;

    public RequestTarget Target => target;

    public CancellationToken Aborted => context.RequestAborted;

    /// <summary>Where a session is that has this answer; null before recovery.</summary>
    public Func<HybridTime>? Visible { get; init; }

    /// <summary>What all bodies together may take.</summary>
    public BodyBudget? Bodies { get; init; }

    /// <summary>What stands in the path for {id} or {path}, undecoded.</summary>
    public string Variable { get; set; } = "";

    /// <summary>The value of a query parameter; null if it is not given.</summary>
    public Utf8Text? Parameter(string name)
    {
        foreach (var (known, value) in target.Parameters)
        {
            if (known == name)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>The assertion that the path names.</summary>
    public Invalid? Id(out AssertionId id) => AssertionId.TryParse(Variable.AsSpan(), out id)
        ? null
        : new Invalid(RefusalCodes.BadId, "/id", $"an id is {AssertionId.HexLength} hex digits, this has {Variable.Length} characters or others than those");

    /// <summary>Reads the body whole; null, with a problem answered, if it is longer than <paramref name="limit"/> bytes.</summary>
    public async Task<ReadOnlyMemory<byte>?> BodyAsync(int limit, string tooLong)
    {
        var announced = context.Request.ContentLength ?? 0;
        if (announced > limit)
        {
            await RefuseAsync(TooLarge(limit, tooLong, $"{announced}"));
            return null;
        }

        // Without an announced length it may become as long as it may be.
        var wanted = announced > 0 ? announced : limit;
        if (Bodies?.TryTake(wanted) == false)
        {
            await RefuseAsync(ProblemCodes.Busy, "the bodies of other requests take all the memory that bodies may: nothing was stored, send it again in a second");
            return null;
        }

        _bodyBytes = wanted;
        var body = new ArrayBufferWriter<byte>((int)Math.Max(announced, 1024));
        while (true)
        {
            var read = await context.Request.BodyReader.ReadAsync(Aborted);
            if (body.WrittenCount + read.Buffer.Length > limit)
            {
                context.Request.BodyReader.AdvanceTo(read.Buffer.End);
                await RefuseAsync(TooLarge(limit, tooLong, "more"));
                return null;
            }

            foreach (var part in read.Buffer)
            {
                body.Write(part.Span);
            }

            context.Request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return body.WrittenMemory;
            }
        }
    }

    /// <summary>The request is over: its body's memory is another's.</summary>
    public void End() => Bodies?.Return(_bodyBytes);

    /// <summary>Answers with a JSON object, whose members <paramref name="write"/> writes.</summary>
    public Task AnswerAsync(int status, Action<Utf8JsonWriter> write) => AnswerAsync(status, "application/json", write);

    /// <summary>Answers with a problem (RFC 9457) that has a stable code.</summary>
    public Task RefuseAsync(Invalid invalid)
    {
        var (status, title) = ProblemCodes.Of(invalid.Code);
        context.Response.Headers.CacheControl = "no-store";
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        return AnswerAsync(status, "application/problem+json", json => WriteProblem(json, invalid, status, title));
    }

    /// <summary>As <see cref="RefuseAsync(Invalid)"/>, about the whole request.</summary>
    public Task RefuseAsync(string code, string reason) => RefuseAsync(new Invalid(code, "", reason));

    /// <summary>The members of a problem.</summary>
    public static void WriteProblem(Utf8JsonWriter json, Invalid invalid, int status, string title)
    {
        json.WriteString("type", "urn:trefoil:problem:" + invalid.Code);
        json.WriteString("title", title);
        json.WriteNumber("status", status);
        json.WriteString("code", invalid.Code);
        if (invalid.Field.Length > 0)
        {
            json.WriteString("field", invalid.Field);
        }

        json.WriteString("detail", invalid.Reason);
    }

    /// <summary>Answers with bytes of a type.</summary>
    public async Task AnswerAsync(int status, string type, ReadOnlyMemory<byte> bytes)
    {
        WriteToken();
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        await context.Response.BodyWriter.WriteAsync(bytes, Aborted);
    }

    /// <summary>Sets the session token: at the end, so that it covers what this request has written.</summary>
    public void WriteToken()
    {
        if (Visible is not null)
        {
            context.Response.Headers["X-Trefoil-Hlc"] = SessionToken.Write(Visible());
        }
    }

    /// <summary>A writer of JSON as all answers are written.</summary>
    public static Utf8JsonWriter Json(IBufferWriter<byte> buffer) => new(buffer, Plain);

    private Task AnswerAsync(int status, string type, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = Json(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return AnswerAsync(status, type, buffer.WrittenMemory);
    }

    private static Invalid TooLarge(int limit, string code, string found) =>
        new(code, "", $"the body has {found} bytes, at most {limit} are allowed");
}
