using Trefoil.Assertions.Engine;
using Trefoil.Assertions.Lenses;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Store;
using Xunit;
using Record = Trefoil.Assertions.Records.Record;
using static Trefoil.Unit.Assertions.Store.StoreWorld;

namespace Trefoil.Unit.Assertions.Engine;

public class AssertionEngineTests
{
    [Fact]
    public void A_post_is_its_claim_and_then_its_signature()
    {
        var records = new List<Record>();
        var body = """{"subject":"a","predicate":"p","object":{"Integer":1},"confidence":1,"agent":"AGENT","signature":"SIGNATURE"}"""
            .Replace("AGENT", new string('1', 64), StringComparison.Ordinal).Replace("SIGNATURE", new string('2', 128), StringComparison.Ordinal);
        Assert.Null(AssertionJson.TryRead(System.Text.Encoding.UTF8.GetBytes(body), out var posted));

        AssertionEngine.Post(posted!, At(5), records);

        Assert.Equal([posted!.Id, posted.Id], records.Select(record => record.Id));
        Assert.Equal(At(5), Assert.IsType<Record.Claim>(records[0]).Ingested);
        Assert.IsType<Record.Signature>(records[1]);
    }

    [Fact]
    public void What_is_not_there_is_unknown_and_what_was_redacted_is_gone()
    {
        using var world = Open();
        var claim = Claim("a", "p", "1", 10);
        using (var empty = world.Store.Read())
        {
            Assert.Equal(RefusalCodes.UnknownAssertion, AssertionEngine.Find(empty, claim.Id, out _)!.Code);
        }

        world.Post(claim);
        world.Post(new Record.Redaction(claim.Id, At(20)));

        using var reader = world.Store.Read();
        Assert.Equal(RefusalCodes.Redacted, AssertionEngine.Find(reader, claim.Id, out _)!.Code);
        Assert.Equal(RefusalCodes.Redacted, AssertionEngine.Check(reader, new PostedVote(claim.Id, default, 1))!.Code);
    }

    [Fact]
    public void Only_the_author_retracts()
    {
        using var world = Open();
        var claim = Claim("a", "p", "1", 10);
        world.Post(claim);
        using var reader = world.Store.Read();

        Assert.Equal(RefusalCodes.NotTheAuthor, AssertionEngine.Check(reader, new PostedRetraction(claim.Id, Agent(1)))!.Code);
        Assert.Null(AssertionEngine.Check(reader, new PostedRetraction(claim.Id, AgentKey.Anonymous)));
    }

    [Fact]
    public void Pages_of_a_query_are_together_the_whole()
    {
        using var world = Open();
        world.Post([.. Enumerable.Range(0, 30).Select(i => Claim($"drug/{i % 7}", $"p{i % 3}", $"{i}", i))]);
        using var reader = world.Store.Read();
        var selection = KeySelection.Under("drug");
        Assert.Null(AssertionEngine.Ask(reader, selection, new LensOptions(), null, 1000, out var whole));

        var pages = new List<ClaimKey>();
        ClaimKey? after = null;
        do
        {
            Assert.Null(AssertionEngine.Ask(reader, selection, new LensOptions(), after, 4, out var page));
            Assert.InRange(page.Answers.Count, 1, 4);
            pages.AddRange(page.Answers.Select(answer => answer.Key));
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal(21, whole.Answers.Count);
        Assert.Equal(whole.Answers.Select(answer => answer.Key), pages);
    }

    [Fact]
    public void A_trace_names_every_ancestor_once_by_distance_and_who_refers_to_it()
    {
        using var world = Open();
        var root = Claim("a", "p", "root", 1);
        var missing = AssertionCodec.IdOf([9]);
        var left = Claim("a", "p", "left", 2, root.Id, missing);
        var right = Claim("a", "p", "right", 3, root.Id);
        var top = Claim("a", "p", "top", 4, left.Id, right.Id);
        world.Post(root, left, right, top);
        using var reader = world.Store.Read();

        Assert.Null(AssertionEngine.Trace(reader, top.Id, 10, out var trace));
        Assert.Equal([(top.Id, 0), .. new[] { left.Id, right.Id }.Order().Select(id => (id, 1))], trace!.Claims.Take(3).Select(claim => (claim.Id, claim.Depth)));
        Assert.Equal(new[] { root.Id, missing }.Order(), trace.Claims.Skip(3).Select(claim => claim.Id).Order());
        Assert.Null(trace.Claims.Single(claim => claim.Id == missing).State);
        Assert.False(trace.IsCut);

        Assert.Null(AssertionEngine.Trace(reader, top.Id, 1, out var cut));
        Assert.Equal((3, true), (cut!.Claims.Count, cut.IsCut));
        Assert.Null(AssertionEngine.Trace(reader, root.Id, 1, out var below));
        Assert.Equal(new[] { left.Id, right.Id }.Order(), below!.Children.Select(child => child.Id));
    }

    [Fact]
    public void A_diff_shows_what_was_added_and_retracted_in_between_and_nothing_else()
    {
        using var world = Open();
        var (same, old, late) = (Claim("a/same", "p", "1", 10), Claim("a/old", "p", "1", 10), Claim("a/late", "p", "2", 30));
        world.Post(same, old, late, Claim("b", "p", "3", 30));
        world.Post(new Record.Retraction(old.Id, AgentKey.Anonymous, At(40)));
        using var reader = world.Store.Read();

        Assert.Null(AssertionEngine.Compare(reader, KeySelection.Under("a"), new LensOptions(), (20, 50), null, 10, out var page));

        Assert.Equal(["a/late", "a/old"], page.Changes.Select(change => change.Key.Subject.ToString()));
        Assert.Equal([late.Id], page.Changes[0].Added);
        Assert.Equal((old.Id, null), (page.Changes[1].Before.Winner?.Id, page.Changes[1].After.Winner));
        Assert.Equal([old.Id], page.Changes[1].Retracted);
        Assert.Null(page.Next);

        Assert.Null(AssertionEngine.Compare(reader, KeySelection.Under("a"), new LensOptions(), (20, 50), null, 1, out var first));
        Assert.Null(AssertionEngine.Compare(reader, KeySelection.Under("a"), new LensOptions(), (20, 50), first.Next, 1, out var second));
        Assert.Equal(page.Changes.Select(change => change.Key), first.Changes.Concat(second.Changes).Select(change => change.Key));
    }

    [Fact]
    public void A_proof_leads_to_the_root_over_all_claims_of_the_subject()
    {
        using var world = Open();
        var claims = Enumerable.Range(0, 9).Select(i => Claim("a", $"p{i % 2}", $"{i}", i)).ToArray();
        world.Post([.. claims, Claim("a/b", "p", "other", 1)]);
        using var reader = world.Store.Read();

        foreach (var claim in claims)
        {
            Assert.Null(AssertionEngine.Prove(reader, claim.Id, out var proof));
            Assert.Equal(claims.Length, proof!.Count);
            Assert.True(MerkleTree.Leads(claim.Id, proof.Index, proof.Count, proof.Path, MerkleTree.Root([.. claims.Select(other => other.Id).Order()])));
        }
    }

    [Fact]
    public void A_place_shows_its_own_predicates_and_the_worst_conflict_of_each_child()
    {
        using var world = Open();
        world.Post(Claim("drug", "p", "1", 1), Claim("drug/a/deep", "p", "1", 2), Claim("drug/a/deep", "p", "2", 3), Claim("drug/b", "p", "1", 4), Claim("fda://x", "p", "1", 5));
        using var reader = world.Store.Read();

        var page = AssertionEngine.Browse(reader, "drug", default, 1);

        Assert.Equal(new ClaimCount(4, false), page.Claims);
        Assert.Equal("p", Assert.Single(page.Own).Key.Predicate.ToString());
        var child = Assert.Single(page.Below);
        Assert.Equal(("drug/a", false, true, 2, Verdict.Contested), (child.Path.ToString(), child.HasOwn, child.HasBelow, child.Claims.Count, child.Verdict));
        var next = AssertionEngine.Browse(reader, "drug", page.Next, 1);
        Assert.Equal(("drug/b", Verdict.Unanimous), (Assert.Single(next.Below).Path.ToString(), next.Below[0].Verdict));
        Assert.True(next.Next.IsEmpty);
        Assert.Equal(["drug", "fda://"], AssertionEngine.Browse(reader, default, default, 10).Below.Select(root => root.Path.ToString()));
    }
}
