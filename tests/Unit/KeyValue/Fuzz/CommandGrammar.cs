using System.Text.Json;
using Trefoil.KeyValue.Commands;
using Trefoil.Primitives;

namespace Trefoil.Unit.KeyValue.Fuzz;

/// <summary>Draws calls of a command from what COMMAND DOCS says of its arguments, then spoils some of them.</summary>
internal sealed class CommandGrammar(Prng random, Words words)
{
    private const double Spoiled = 0.35;
    private const int MostRepeats = 4;

    /// <summary>The words of one call, the name first.</summary>
    public List<byte[]> Draw(CommandSpec spec)
    {
        var call = spec.Name.Split('|').Select(Words.Latin).ToList();
        if (spec.Documentation.ValueKind == JsonValueKind.Object && spec.Documentation.TryGetProperty("arguments", out var arguments))
        {
            Arguments(arguments, spec.Group, call);
        }

        if (random.Chance(Spoiled))
        {
            Spoil(call, spec.Name.Contains('|', StringComparison.Ordinal) ? 2 : 1);
        }

        return call;
    }

    private void Arguments(JsonElement arguments, string group, List<byte[]> call)
    {
        foreach (var argument in arguments.EnumerateArray())
        {
            var flags = argument.TryGetProperty("flags", out var given) ? given.EnumerateArray().Select(flag => flag.GetString()).ToArray() : [];
            if (flags.Contains("optional") && random.Chance(0.6))
            {
                continue;
            }

            var repeats = flags.Contains("multiple") ? 1 + random.Below(MostRepeats) : 1;
            for (var i = 0; i < repeats; i++)
            {
                Argument(argument, group, call, withToken: i == 0 || flags.Contains("multiple_token"));
            }
        }
    }

    private void Argument(JsonElement argument, string group, List<byte[]> call, bool withToken)
    {
        if (withToken && argument.TryGetProperty("token", out var token))
        {
            call.Add(Words.Latin(token.GetString()!));
        }

        switch (argument.GetProperty("type").GetString())
        {
            case "pure-token":
                break;
            case "key":
                call.Add(words.Key(group));
                break;
            case "integer":
            case "unix-time":
                call.Add(argument.GetProperty("name").GetString() == "numkeys" ? Words.Latin($"{1 + random.Below(3)}") : words.Integer());
                break;
            case "double":
                call.Add(words.Double());
                break;
            case "pattern":
                call.Add(words.Pattern());
                break;
            case "block":
                Arguments(argument.GetProperty("arguments"), group, call);
                break;
            case "oneof":
                var choices = argument.GetProperty("arguments").EnumerateArray().ToList();
                Argument(words.Pick(choices), group, call, withToken: true);
                break;
            default:
                call.Add(words.Text());
                break;
        }
    }

    /// <summary>One to three words more, fewer, others, twice, cut or flipped; never the name, so that it stays the command it was.</summary>
    private void Spoil(List<byte[]> call, int first)
    {
        for (var changes = 1 + random.Below(3); changes > 0; changes--)
        {
            var at = first + random.Below(Math.Max(1, call.Count - first));
            switch (random.Below(6))
            {
                case 0 when at < call.Count:
                    call.RemoveAt(at);
                    break;
                case 1 when at < call.Count:
                    call[at] = words.Text();
                    break;
                case 2 when at < call.Count:
                    call.Insert(at, call[at]);
                    break;
                case 3 when at < call.Count && call[at].Length > 0:
                    call[at] = call[at][..random.Below(call[at].Length)];
                    break;
                case 4 when at < call.Count && call[at].Length > 0:
                    call[at] = [.. call[at]];
                    call[at][random.Below(call[at].Length)] ^= (byte)(1 << random.Below(8));
                    break;
                default:
                    call.Insert(Math.Min(at, call.Count), words.Text());
                    break;
            }
        }
    }
}
