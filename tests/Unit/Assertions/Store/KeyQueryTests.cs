using Trefoil.Assertions.Model;
using Trefoil.Assertions.Store;
using Xunit;
using Record = Trefoil.Assertions.Records.Record;
using static Trefoil.Unit.Assertions.Store.StoreWorld;

namespace Trefoil.Unit.Assertions.Store;

/// <summary>Queries by subject, prefix and predicate.</summary>
public class KeyQueryTests
{
    [Fact]
    public void Candidates_of_a_key_come_in_the_order_of_acceptance_and_no_others()
    {
        using var world = Filled("a/b dose 1 30", "a/b dose 2 10", "a/b dose 3 20", "a/b dos 9 1", "a/b dose2 9 1", "a/b/c dose 9 1", "a/bc dose 9 1", "a dose 9 1");
        using var reader = world.Store.Read();
        var found = reader.Candidates(ConceptPath.Of("a/b"), "dose", 10);

        Assert.Equal("a/b dose: 2 3 1", Show(found));
        Assert.Equal("a/b dose: 2 3 and more", Show(reader.Candidates(ConceptPath.Of("a/b"), "dose", 2)));
        Assert.Equal("a/x dose:", Show(reader.Candidates(ConceptPath.Of("a/x"), "dose", 2)));
    }

    [Theory]
    [InlineData("a/b", "a/b p: 1 | a/b q: 2 | a/b/c p: 3 | a/b/d/e p: 4")]
    [InlineData("a", "a/b p: 1 | a/b q: 2 | a/b!x p: 5 | a/b-c p: 6 | a/b/c p: 3 | a/b/d/e p: 4 | a/bc p: 7")]
    [InlineData("a/b/", "a/b/c p: 3 | a/b/d/e p: 4")]
    [InlineData("fda://", "fda://b p: 8")]
    [InlineData("f", "")]
    [InlineData("", "a/b p: 1 | a/b q: 2 | a/b!x p: 5 | a/b-c p: 6 | a/b/c p: 3 | a/b/d/e p: 4 | a/bc p: 7 | fda://b p: 8 | z p: 9")]
    public void A_prefix_means_whole_segments(string prefix, string expected)
    {
        using var world = Filled("a/b p 1 1", "a/b q 2 1", "a/b/c p 3 1", "a/b/d/e p 4 1", "a/b!x p 5 1", "a/b-c p 6 1", "a/bc p 7 1", "fda://b p 8 1", "z p 9 1");
        using var reader = world.Store.Read();

        Assert.Equal(expected, Show(reader.Keys(KeySelection.Under(prefix), null, 100, 100)));
        Assert.Equal(expected, Paged(reader, KeySelection.Under(prefix), 1, 100));
        Assert.Equal(expected, Paged(reader, KeySelection.Under(prefix), 100, 1));
        Assert.Equal(expected, Paged(reader, KeySelection.Under(prefix), 2, 2));
    }

    [Fact]
    public void A_predicate_is_found_below_a_prefix_whatever_else_is_there()
    {
        using var world = Filled("a m 1 1", "a p 2 1", "a z 3 1", "a/b a 4 1", "a/b pp 5 1", "a/c p 6 1", "a/d z 7 1", "a/e a 8 1", "a/e p 9 1");
        using var reader = world.Store.Read();

        Assert.Equal("a p: 2 | a/c p: 6 | a/e p: 9", Show(reader.Keys(KeySelection.Under("a", "p"), null, 100, 100)));
        Assert.Equal("a p: 2 | a/c p: 6 | a/e p: 9", Paged(reader, KeySelection.Under("a", "p"), 1, 1));
        Assert.Equal("a m: 1 | a p: 2 | a z: 3", Show(reader.Keys(KeySelection.Of(ConceptPath.Of("a")), null, 100, 100)));
    }

    [Fact]
    public void A_page_that_ends_with_the_last_key_says_so()
    {
        using var world = Filled("a p 1 1", "b p 2 1");
        using var reader = world.Store.Read();

        Assert.True(reader.Keys(KeySelection.Under(""), null, 1, 100).HasMore);
        Assert.False(reader.Keys(KeySelection.Under(""), null, 2, 100).HasMore);
        Assert.False(reader.Keys(KeySelection.Of(ConceptPath.Of("a")), null, 1, 100).HasMore);
    }

    [Fact]
    public void Concepts_are_browsed_segment_by_segment()
    {
        using var world = Filled("a p 1 1", "a/b p 2 1", "a/b!x p 3 1", "a/b/c p 4 1", "a-b p 5 1", "fda://x/y p 6 1", "fda://z p 7 1", "q/r/s p 8 1", "q/r/t p 8 1");
        using var reader = world.Store.Read();

        Assert.Equal("a* a-b fda://* q*", Browse(reader, ""));
        Assert.Equal("a/b* a/b!x", Browse(reader, "a"));
        Assert.Equal("fda://x* fda://z", Browse(reader, "fda://"));
        Assert.Equal("q/r*", Browse(reader, "q"));
        Assert.Equal("", Browse(reader, "z"));
    }

    [Fact]
    public void Claims_below_a_path_are_counted_up_to_a_limit()
    {
        using var world = Filled("a p 1 1", "a/b p 2 1", "a/b q 3 1", "a/b!x p 3 1", "ab p 4 1");
        using var reader = world.Store.Read();

        Assert.Equal((4, 2, 5, 3), (Count("a"), Count("a/b"), Count(""), Count("a", 3)));

        int Count(string path, int limit = 100) => reader.CountUnder(path, limit);
    }

    /// <summary>Each as "subject predicate value ms".</summary>
    private static StoreWorld Filled(params string[] claims)
    {
        var world = Open();
        world.Post([.. claims.Select(text => text.Split(' ')).Select(parts =>
            (Record)Claim(parts[0], parts[1], parts[2], long.Parse(parts[3], System.Globalization.CultureInfo.InvariantCulture)))]);
        return world;
    }

    private static string Show(KeyPage page) => string.Join(" | ", page.Keys.Select(Show));

    private static string Show(KeyCandidates found) =>
        $"{found.Key.Subject} {found.Key.Predicate}:{string.Concat(found.Claims.Select(state => $" {System.Text.Encoding.UTF8.GetString(state.Assertion.Object.Canonical.Span[1..])}"))}"
        + (found.IsComplete ? "" : " and more");

    private static string Paged(AssertionReader reader, KeySelection selection, int maxKeys, int maxClaims)
    {
        var (keys, after) = (new List<KeyCandidates>(), (ClaimKey?)null);
        while (true)
        {
            var page = reader.Keys(selection, after, maxKeys, maxClaims);
            keys.AddRange(page.Keys);
            if (!page.HasMore)
            {
                return string.Join(" | ", keys.Select(Show));
            }

            after = page.Keys[^1].Key;
        }
    }

    private static string Browse(AssertionReader reader, string path)
    {
        var all = reader.Concepts(path, default, 100);
        var (paged, after) = (new List<Concept>(), default(Utf8Text));
        while (reader.Concepts(path, after, 1) is [var next])
        {
            paged.Add(next);
            after = next.Path;
        }

        Assert.Equal(all, paged);
        return string.Join(' ', all.Select(concept => $"{concept.Path}{(concept.HasBelow ? "*" : "")}"));
    }
}
