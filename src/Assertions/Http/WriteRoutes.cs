using System.Text.Json;
using Trefoil.Assertions.Engine;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;
using Trefoil.Assertions.Store;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Http;

/// <summary>What changes something: assertions, votes, retractions, steps of a review.</summary>
internal sealed class WriteRoutes(AssertionService service)
{
    public async Task PostAsync(Exchange exchange)
    {
        if (AckOf(exchange) is { } hopeless)
        {
            await exchange.RefuseAsync(hopeless);
            return;
        }

        if (await exchange.BodyAsync(AssertionJson.MaxBytes, InvalidCodes.BodyTooLarge) is not { } body)
        {
            return;
        }

        if ((AssertionJson.TryRead(body.Span, out var posted) ?? posted!.CheckSignature()) is { } invalid)
        {
            await exchange.RefuseAsync(invalid);
            return;
        }

        var (result, at) = await service.WriteAsync((clock, records) => AssertionEngine.Post(posted!, clock(), records));
        if (result is not PostResult.Stored stored)
        {
            await exchange.RefuseAsync(NotTaken(result));
            return;
        }

        await AnswerAsync(exchange, posted!, stored, at);
    }

    public Task VoteAsync(Exchange exchange) => ActAsync<PostedVote>(
        exchange, ActJson.TryReadVote, AssertionEngine.Check, AssertionEngine.RecordOf,
        (json, vote) =>
        {
            json.WriteString("id", vote.Id.ToString());
            json.WriteNumber("value", Ppm.ToDecimal(vote.ValuePpm));
        });

    public Task RetractAsync(Exchange exchange) => ActAsync<PostedRetraction>(
        exchange, ActJson.TryReadRetraction, AssertionEngine.Check, AssertionEngine.RecordOf,
        (json, retraction) => json.WriteString("id", retraction.Id.ToString()));

    public Task StepAsync(Exchange exchange) => ActAsync<PostedStep>(
        exchange, ActJson.TryReadStep, AssertionEngine.Check, AssertionEngine.RecordOf,
        (json, step) =>
        {
            json.WriteString("id", step.Id.ToString());
            json.WriteString("state", Lifecycles.NameOf(step.State));
        });

    /// <summary>Why a post was not taken.</summary>
    public static Invalid NotTaken(PostResult result) => result is PostResult.Full
        ? new Invalid(ProblemCodes.Busy, "", "too much is waiting for the disk: nothing was stored, send it again in a second")
        : new Invalid(ProblemCodes.Stopping, "", "the server is shutting down: nothing was stored");

    /// <summary>The refusal, if as many copies as asked for cannot be: this node is alone.</summary>
    public static Invalid? AckOf(Exchange exchange) => exchange.Parameter("ack")?.ToString() switch
    {
        null or "local" or "quorum" or "all" => null,
        "one" => new Invalid(ProblemCodes.TooFewCopies, "?ack", "ack=one asks for a copy on another node, and assertions are on this one alone: use local, quorum or all"),
        var other => new Invalid(RefusalCodes.BadParameter, "?ack", $"ack is local, one, quorum or all, not '{other}'"),
    };

    private delegate Invalid? Reading<T>(ReadOnlySpan<byte> utf8, out T? posted);

    private async Task ActAsync<T>(
        Exchange exchange, Reading<T> read, Func<AssertionReader, T, Invalid?> check, Func<T, HybridTime, Record> recordOf, Action<Utf8JsonWriter, T> write)
        where T : class
    {
        if (await exchange.BodyAsync(ActJson.MaxBytes, InvalidCodes.BodyTooLarge) is not { } body)
        {
            return;
        }

        var invalid = read(body.Span, out var posted);
        if (invalid is null)
        {
            using var reader = service.Read();
            invalid = check(reader, posted!);
        }

        if (invalid is not null)
        {
            await exchange.RefuseAsync(invalid);
            return;
        }

        var (result, at) = await service.WriteAsync((clock, records) => records.Add(recordOf(posted!, clock())));
        if (result is not PostResult.Stored stored)
        {
            await exchange.RefuseAsync(NotTaken(result));
            return;
        }

        await exchange.AnswerAsync(stored.Outcomes[0] == RecordOutcome.Created ? 201 : 200, json =>
        {
            write(json, posted!);
            json.WriteBoolean("changed", stored.Outcomes[0] != RecordOutcome.Unchanged);
            json.WriteString("hlc", SessionToken.Write(at));
            Copies(json);
        });
    }

    private async Task AnswerAsync(Exchange exchange, PostedAssertion posted, PostResult.Stored stored, HybridTime at)
    {
        var created = stored.Outcomes[0] == RecordOutcome.Created;
        ClaimState? known;
        Invalid? gone;
        using (var reader = service.Read())
        {
            gone = AssertionEngine.Find(reader, posted.Id, out known);
        }

        if (gone is not null)
        {
            await exchange.RefuseAsync(gone);
            return;
        }

        exchange.Context.Response.Headers.Location = "/v1/assertions/" + posted.Id;
        await exchange.AnswerAsync(created ? 201 : 200, json =>
        {
            json.WriteString("id", posted.Id.ToString());
            json.WriteBoolean("created", created);
            json.WriteString("hlc", SessionToken.Write(created ? at : known!.Ingested));
            if (known!.IsRetracted)
            {
                json.WriteBoolean("retracted", true);
            }

            Copies(json);
        });
    }

    private void Copies(Utf8JsonWriter json)
    {
        json.WriteStartArray("copies");
        json.WriteStringValue(service.Self.ToString());
        json.WriteEndArray();
    }
}
