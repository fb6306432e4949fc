using System.Globalization;
using Trefoil.KeyValue.Server;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>The text of client-output-buffer-limit: <c>class hard soft seconds</c>, for one or more classes.</summary>
internal static class OutputLimits
{
    public static string Show(ServerSettings settings) =>
        $"normal {Show(settings.NormalOutput)} slave {Show(settings.ReplicaOutput)} pubsub {Show(settings.PubSubOutput)}";

    public static string? Problem(string value)
    {
        var words = Words(value);
        if (words.Length == 0 || words.Length % 4 != 0)
        {
            return "Wrong number of arguments in buffer limit configuration.";
        }

        for (var i = 0; i < words.Length; i += 4)
        {
            if (words[i].ToLowerInvariant() is not ("normal" or "slave" or "replica" or "pubsub"))
            {
                return "Invalid client class specified in buffer limit configuration.";
            }

            if (Limit(words, i) is null)
            {
                return "Error in hard, soft or soft_seconds setting in buffer limit configuration.";
            }
        }

        return null;
    }

    public static void Apply(ServerSettings settings, string value)
    {
        var words = Words(value);
        for (var i = 0; i < words.Length; i += 4)
        {
            var limit = Limit(words, i)!.Value;
            switch (words[i].ToLowerInvariant())
            {
                case "normal":
                    settings.NormalOutput = limit;
                    break;
                case "pubsub":
                    settings.PubSubOutput = limit;
                    break;
                default:
                    settings.ReplicaOutput = limit;
                    break;
            }
        }
    }

    private static OutputLimit? Limit(string[] words, int at) =>
        MemoryText.TryParse(words[at + 1]) is { } hard && MemoryText.TryParse(words[at + 2]) is { } soft
            && int.TryParse(words[at + 3], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? new OutputLimit(hard, soft, seconds)
            : null;

    private static string Show(OutputLimit limit) => string.Create(CultureInfo.InvariantCulture, $"{limit.Hard} {limit.Soft} {limit.SoftSeconds}");

    private static string[] Words(string value) => value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
