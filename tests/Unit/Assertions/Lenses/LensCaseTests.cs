using Trefoil.Assertions.Lenses;
using Trefoil.Primitives;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Assertions.Lenses;

/// <summary>The cases of tests/Unit/Golden/Assertions/lenses, each question also asked of shuffled and repeated records.</summary>
public sealed class LensCaseTests
{
    public static TheoryData<string, string> Cases =>
        [.. Golden.Names("Assertions/lenses").SelectMany(row => LensCase.Read(row.Data).Select(one => (row.Data, one.Title)))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_case_is_answered_as_written(string file, string title)
    {
        var one = Assert.Single(LensCase.Read(file), one => one.Title == title);
        Assert.NotEmpty(one.Questions);
        var random = new Prng(1);
        foreach (var question in one.Questions)
        {
            var options = question.Options();
            var answer = Lens.Resolve(LensCase.Fold(one.Records), options);
            Assert.Equal($"ask {question.Query}\n{string.Join('\n', question.Expected)}", $"ask {question.Query}\n{question.Lines(answer)}");

            for (var i = 0; i < 4; i++)
            {
                var delivered = one.Records.Concat(one.Records).ToArray();
                random.Shuffle(delivered);
                Assert.Equal(answer.ToJson(), Lens.Resolve(LensCase.Fold(delivered), options).ToJson());
            }
        }
    }

    [Fact]
    public void There_are_more_than_a_hundred_cases() => Assert.InRange(Cases.Count, 100, 1000);
}
