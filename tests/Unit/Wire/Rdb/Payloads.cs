using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Trefoil.Unit.Testing;
using Trefoil.Wire.Rdb;
using Xunit;

namespace Trefoil.Unit.Wire.Rdb;

/// <summary>Payloads of real servers with what they hold, and how to say what a reader found in one.</summary>
internal static class Payloads
{
    /// <summary>name, kind, elements, payload.</summary>
    public static TheoryData<string, string, string, string> Of(string file)
    {
        var data = new TheoryData<string, string, string, string>();
        foreach (var line in File.ReadAllLines(Repository.Data($"rdb/{file}.txt")))
        {
            var parts = line.Split('\t');
            data.Add(parts[0], parts[1], parts[2], parts[3]);
        }

        return data;
    }

    /// <summary>Every payload as type and value without the footer.</summary>
    public static IEnumerable<byte[]> Bodies() =>
        new[] { "redis-7.0.15", "older-encodings" }
            .SelectMany(file => File.ReadAllLines(Repository.Data($"rdb/{file}.txt")))
            .Select(line => Convert.FromHexString(line.Split('\t')[3])[..^DumpPayload.FooterBytes]);

    /// <summary>The value as the data files write it, e.g. <c>Hash f,v</c>, or the failure.</summary>
    public static string Show(scoped ref RdbReader reader)
    {
        var parts = new List<string>();
        var kind = RdbKind.String;
        if (reader.TryByte(out var type) && reader.TryBegin(type, out kind))
        {
            switch (kind)
            {
                case RdbKind.Hash:
                    while (reader.TryNextField(out var field, out var value))
                    {
                        parts.Add(Element(field));
                        parts.Add(Element(value));
                    }

                    break;
                case RdbKind.SortedSet:
                    while (reader.TryNextMember(out var member, out var score))
                    {
                        parts.Add(Element(member));
                        parts.Add(double.IsInfinity(score) ? (score > 0 ? "inf" : "-inf") : score.ToString("G17", CultureInfo.InvariantCulture).ToLowerInvariant());
                    }

                    break;
                default:
                    while (reader.TryNext(out var element))
                    {
                        parts.Add(Element(element));
                    }

                    break;
            }
        }

        return reader.Failure is { } failure ? $"Refused: {failure}" : $"{kind} {string.Join(',', parts)}";
    }

    private static string Element(ReadOnlySpan<byte> bytes) => bytes.Length <= 24
        ? Encoding.Latin1.GetString(bytes)
        : $"{bytes.Length}:{Convert.ToHexStringLower(SHA256.HashData(bytes))[..12]}";
}
