using System.Text.Json;

namespace Trefoil.Assertions.Model;

/// <summary>Reads what agents do to assertions: votes, retractions, steps of the lifecycle. Refusals are as precise as those of assertions.</summary>
public static class ActJson
{
    /// <summary>Longest body, in bytes.</summary>
    public const int MaxBytes = 4096;

    private static readonly FieldTable VoteFields = new(2, "id", "value", "agent");

    private static readonly FieldTable RetractionFields = new(1, "id", "agent");

    private static readonly FieldTable StepFields = new(2, "id", "state", "agent");

    public static Invalid? TryReadVote(ReadOnlySpan<byte> utf8, out PostedVote? vote) =>
        TryRead(utf8, VoteFields, read => new PostedVote(read.Id, read.Agent, read.ValuePpm), out vote);

    public static Invalid? TryReadRetraction(ReadOnlySpan<byte> utf8, out PostedRetraction? retraction) =>
        TryRead(utf8, RetractionFields, read => new PostedRetraction(read.Id, read.Agent), out retraction);

    public static Invalid? TryReadStep(ReadOnlySpan<byte> utf8, out PostedStep? step) =>
        TryRead(utf8, StepFields, read => new PostedStep(read.Id, read.Agent, read.State), out step);

    private static Invalid? TryRead<T>(ReadOnlySpan<byte> utf8, FieldTable table, Func<Act, T> make, out T? made)
        where T : class
    {
        made = null;
        var invalid = JsonBody.Read(utf8, MaxBytes, (ref JsonFields fields, out Act read) => Read(ref fields, table, out read), out Act act);
        if (invalid is null && act.Agent == AgentKey.Administrator)
        {
            invalid = new Invalid(InvalidCodes.ReservedAgent, "/agent", $"{act.Agent} marks an administrator's acts and is nobody's key");
        }

        made = invalid is null ? make(act) : null;
        return invalid;
    }

    private static Invalid? Read(ref JsonFields fields, FieldTable table, out Act read)
    {
        read = default;
        if (fields.Begin("one JSON object") is { } other)
        {
            return other;
        }

        for (var given = 0; ;)
        {
            var invalid = fields.NextField(table, "", ref given, out var index);
            if (invalid is not null || index < 0)
            {
                return invalid ?? fields.End();
            }

            var field = table.Paths[index];
            invalid = field switch
            {
                "/id" => fields.Id(field, out read.Id),
                "/agent" => fields.Agent(field, out read.Agent),
                "/state" => fields.State(field, out read.State),
                _ => Value(fields, field, out read.ValuePpm),
            };
            if (invalid is not null)
            {
                return invalid;
            }
        }
    }

    private static Invalid? Value(in JsonFields fields, string field, out int ppm)
    {
        ppm = 0;
        return fields.Json.TokenType != JsonTokenType.Number ? fields.Wrong(field, "a number from -1 to 1")
            : fields.Json.TryGetDecimal(out var value) && Ppm.TryFrom(value, Ppm.One, out ppm) ? null
            : new Invalid(InvalidCodes.VoteOutOfRange, field, $"a vote lies between -1 and 1, this is {fields.Digits()}");
    }

    private struct Act
    {
        public AssertionId Id;
        public AgentKey Agent;
        public Lifecycle State;
        public int ValuePpm;
    }
}
