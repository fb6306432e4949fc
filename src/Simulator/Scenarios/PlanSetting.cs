using System.Reflection;
using System.Text;
using Trefoil.Primitives;

namespace Trefoil.Simulator.Scenarios;

/// <summary>One thing that a scenario says of the faults: a property of <see cref="FaultPlan"/>, and how each seed draws its value.</summary>
/// <remarks>
/// The keys are the plan's own properties in snake_case, found by reflection: a kind of fault that is added there can be written in a
/// scenario the same day, and none can be forgotten. Times are in seconds; where the plan has a time between two faults, false means never.
/// </remarks>
internal sealed record PlanSetting
{
    private static readonly SortedDictionary<string, PropertyInfo> Properties = Find();

    private readonly PropertyInfo _property;

    private PlanSetting(PropertyInfo property) => _property = property;

    /// <summary>How likely a seed has it at all.</summary>
    public double Chance { get; private init; } = 1;

    /// <summary>Those that have it draw from this...</summary>
    public double From { get; private init; }

    /// <summary>... to this.</summary>
    public double To { get; private init; }

    /// <summary>For a property that is a word: that word's value.</summary>
    private object? Word { get; init; }

    /// <summary>What can be said, in order.</summary>
    public static IReadOnlyCollection<string> Keys => Properties.Keys;

    /// <summary>Reads one key; null after saying what is wrong.</summary>
    public static PlanSetting? Read(TomlEntry entry, ICollection<TomlError> errors)
    {
        var property = Properties[entry.Key];
        var setting = new PlanSetting(property);
        if (property.PropertyType.IsEnum)
        {
            var names = Enum.GetNames(property.PropertyType);
            var index = entry.Value is TomlValue.Text word ? Array.FindIndex(names, name => Snake(name) == word.Value) : -1;
            return index >= 0 ? setting with { Word = Enum.Parse(property.PropertyType, names[index]) }
                : Refuse(entry, $"one of {string.Join(", ", names.Select(name => $"\"{Snake(name)}\""))}", errors);
        }

        if (property.PropertyType == typeof(bool))
        {
            return entry.Value is TomlValue.Boolean flag ? setting with { Word = flag.Value }
                : Number(entry.Value) is { } share and <= 1 ? setting with { Word = true, Chance = share }
                : Refuse(entry, "true, false, or the share of seeds that have it", errors);
        }

        return entry.Value switch
        {
            TomlValue.Boolean { Value: false } => setting with { Chance = 0 },
            TomlValue.Array { Items: [var low, var high] } when Number(low) is { } from && Number(high) is { } to && from <= to =>
                setting with { From = from, To = to },
            TomlValue.Table table => Drawn(setting, entry, table.Value, errors),
            var value when Number(value) is { } number => setting with { From = number, To = number },
            _ => Refuse(entry, "a number, [from, to], { chance, from, to }, or false", errors),
        };
    }

    /// <summary>The plan with this in it.</summary>
    public FaultPlan Over(FaultPlan plan, Prng random)
    {
        var (chosen, number) = (random.Fraction() < Chance, From + (random.Fraction() * (To - From)));
        var type = _property.PropertyType;
        object? value = Word is not null ? (chosen ? Word : false)
            : type == typeof(TimeSpan?) ? (chosen ? TimeSpan.FromSeconds(number) : null)
            : type == typeof(TimeSpan) ? (chosen ? TimeSpan.FromSeconds(number) : TimeSpan.Zero)
            : type == typeof(double) ? (chosen ? number : 0.0)
            : type == typeof(int) ? (chosen ? (int)Math.Round(number) : 0)
            : chosen ? (long)Math.Round(number) : 0L;
        var copy = plan with { };
        _property.SetValue(copy, value);
        return copy;
    }

    private static PlanSetting? Drawn(PlanSetting setting, TomlEntry entry, TomlTable table, ICollection<TomlError> errors)
    {
        table.RefuseUnknown(["chance", "from", "to"], errors);
        var (chance, from, to) = (table.Float("chance", errors) ?? 1, table.Float("from", errors), table.Float("to", errors));
        return chance is >= 0 and <= 1 && from is >= 0 && to >= from ? setting with { Chance = chance, From = from.Value, To = to.Value }
            : Refuse(entry, "as in { chance = 0.5, from = 1, to = 10 }: a chance up to 1, and from not above to", errors);
    }

    private static PlanSetting? Refuse(TomlEntry entry, string wanted, ICollection<TomlError> errors)
    {
        errors.Add(new TomlError(entry.Value.At, $"'{entry.Key}' must be {wanted}"));
        return null;
    }

    private static double? Number(TomlValue value) => value switch
    {
        TomlValue.Integer { Value: >= 0 } integer => integer.Value,
        TomlValue.Float { Value: >= 0 and < double.PositiveInfinity } number => number.Value,
        _ => null,
    };

    private static SortedDictionary<string, PropertyInfo> Find()
    {
        Type[] kinds = [typeof(double), typeof(int), typeof(long), typeof(bool), typeof(TimeSpan), typeof(TimeSpan?)];
        var found = new SortedDictionary<string, PropertyInfo>(StringComparer.Ordinal);
        foreach (var property in typeof(FaultPlan).GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            // AckDurable goes with a setting of the cluster: Scenario.Ack sets both.
            if (property.CanWrite && property.Name != nameof(FaultPlan.AckDurable) && (kinds.Contains(property.PropertyType) || property.PropertyType.IsEnum))
            {
                found.Add(Snake(property.Name), property);
            }
        }

        return found;
    }

    private static string Snake(string name)
    {
        var text = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}
