using Trefoil.ControlPlane;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.ControlPlane;

public sealed class VoterControllerTests
{
    /// <summary>Members: number, then flags: d not usable, g gone for good, l leaving, and a letter A..C for a zone.</summary>
    [Theory]
    [InlineData("1", "1", 1, "1")]
    [InlineData("1 2", "1", 1, "1")]
    [InlineData("1 2 3", "1", 1, "1 2 3")]
    [InlineData("1 2 3d", "1", 1, "1")] // two would rest on an even number
    [InlineData("1 2 3 4 5 6", "1", 1, "1 2 3")]
    [InlineData("1 2 3 4 5 6 7", "1 2 3", 1, "1 2 3 4 5")]
    [InlineData("1 2 3 4", "1 2 3", 1, "1 2 3")]
    [InlineData("1 2 3gd 4", "1 2 3", 1, "1 2 4")]
    [InlineData("1 2 3gd", "1 2 3", 1, "1 2 3")] // no spare: the dead voter stays
    [InlineData("1 2 3d 4", "1 2 3", 1, "1 2 3")] // dead to gossip alone
    [InlineData("1 2 3l 4", "1 2 3", 1, "1 2 4")]
    [InlineData("1 2 3l", "1 2 3", 1, "1")]
    [InlineData("1l 2 3 4", "1 2 3", 1, "2 3 4")]
    [InlineData("1 2 3", "1 2 3 9", 1, "1 2 3")] // 9 is no member any more
    [InlineData("1 2 3 4 5gd 6 7", "1 2 3 4 5", 1, "1 2 3 4 6")]
    [InlineData("1 2 3 4gd 5gd 6d 7d", "1 2 3 4 5", 1, "1 2 3 4 5")]
    [InlineData("1A 2A 3A 4B 5C", "1", 1, "1 4 5")]
    [InlineData("1A 2A 3B 4B", "1", 1, "1 2 3")]
    [InlineData("1 2 3 4 5 6", "1 2 3 4 5", 4, "1 2 4")]
    public void The_voters_move_to(string members, string voters, ulong leader, string expected)
    {
        var decided = VoterController.Decide([.. members.Split(' ').Select(Member)], [.. voters.Split(' ').Select(ulong.Parse)], leader);
        Assert.Equal(expected, string.Join(' ', decided));
    }

    [Fact]
    public void Never_to_an_even_number_and_never_without_the_leader_that_stays()
    {
        var random = new Prng(5);
        for (var turn = 0; turn < 20_000; turn++)
        {
            var members = Enumerable.Range(1, 1 + random.Below(9))
                .Select(id => new VoterCandidate(
                    (ulong)id, new NodeId(1, (ulong)id), random.Chance(0.5) ? $"{random.Below(3)}" : "",
                    random.Chance(0.7), random.Chance(0.2), random.Chance(0.1)))
                .ToList();
            var voters = Enumerable.Range(1, 9).Select(id => (ulong)id).Where(_ => random.Chance(0.5)).DefaultIfEmpty(1UL).ToList();
            var leader = voters[random.Below(voters.Count)];
            var decided = VoterController.Decide(members, voters, leader);

            Assert.True(decided.SequenceEqual(voters) || decided.Count % 2 == 1, $"turn {turn}: {string.Join(' ', decided)}");
            Assert.Equal(decided.Order().Distinct(), decided);
            if (members.Find(member => member.MemberId == leader) is { Leaving: false, GoneForGood: false })
            {
                Assert.Contains(leader, decided);
            }

            Assert.True(VoterController.Decide([.. members.AsEnumerable().Reverse()], voters, leader).SequenceEqual(decided));
        }
    }

    private static VoterCandidate Member(string text)
    {
        var id = ulong.Parse(text.AsSpan(0, 1), System.Globalization.CultureInfo.InvariantCulture);
        var zone = new string([.. text.Where(char.IsUpper)]);
        return new VoterCandidate(id, new NodeId(1, id), zone, !text.Contains('d'), text.Contains('g'), text.Contains('l'));
    }
}
