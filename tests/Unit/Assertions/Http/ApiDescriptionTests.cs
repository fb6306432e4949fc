using System.Text;
using System.Text.Json;
using Trefoil.Assertions.Http;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Assertions.Http;

public class ApiDescriptionTests
{
    [Fact]
    public void The_description_names_every_route_and_no_other()
    {
        using var description = JsonDocument.Parse(OpenApi.Bytes);
        var described = description.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}"));

        Assert.Equal(AssertionApi.Routes.Select(route => $"{route.Method} {route.Pattern}").Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_description_names_every_parameter_of_every_route_and_no_other()
    {
        using var description = JsonDocument.Parse(OpenApi.Bytes);
        using var metricsEnd = new CancellationTokenSource();
        foreach (var route in RouteTable.Of(null, null, new ApiMetrics(), metricsEnd.Token))
        {
            var operation = description.RootElement.GetProperty("paths").GetProperty(route.Pattern).GetProperty(route.Method == "GET" ? "get" : "post");
            var named = operation.TryGetProperty("parameters", out var parameters)
                ? parameters.EnumerateArray().Where(p => p.TryGetProperty("in", out var place) && place.GetString() == "query").Select(p => p.GetProperty("name").GetString()!)
                : [];
            Assert.Equal(route.Parameters.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Every_reference_of_the_description_leads_somewhere()
    {
        var text = Encoding.UTF8.GetString(OpenApi.Bytes);
        using var description = JsonDocument.Parse(text);
        foreach (System.Text.RegularExpressions.Match match in System.Text.RegularExpressions.Regex.Matches(text, "\"#/components/(\\w+)/(\\w+)\""))
        {
            Assert.True(description.RootElement.GetProperty("components").GetProperty(match.Groups[1].Value).TryGetProperty(match.Groups[2].Value, out _), match.Value);
        }
    }

    [Fact]
    public void The_codes_of_problems_are_those_that_were_published()
    {
        Assert.Equal(ProblemCodes.All.Count, ProblemCodes.All.Select(known => known.Code).Distinct().Count());
        Golden.Check("Assertions", "problem-codes", string.Join('\n', ProblemCodes.All.Select(known => $"{known.Status} {known.Code}: {known.Title}")));
    }
}
