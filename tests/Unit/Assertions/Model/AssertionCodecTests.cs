using FsCheck;
using FsCheck.Fluent;
using Trefoil.Assertions.Model;
using Trefoil.Primitives;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Assertions.Model;

public sealed class AssertionCodecTests
{
    /// <summary>The bytes that every node, client and later version must make of these: never to change.</summary>
    [Fact]
    public void The_canonical_bytes_and_ids_are_those_published()
    {
        var many = SampleAssertions.Smallest with { Parents = [.. Enumerable.Range(0, 8).Select(i => new ParentLink(SampleAssertions.Id(i), (ParentKind)(i % 3)))] };
        (string Name, Assertion Assertion)[] samples =
        [
            ("smallest", SampleAssertions.Smallest),
            ("every field", SampleAssertions.Fullest),
            ("text", SampleAssertions.Smallest with { Object = ClaimObject.Text("größer\0𝄞") }),
            ("empty text", SampleAssertions.Smallest with { Object = ClaimObject.Text("") }),
            ("long text", SampleAssertions.Smallest with { Object = ClaimObject.Text(new string('t', 200)) }),
            ("integer", SampleAssertions.Smallest with { Object = ClaimObject.Integer(long.MinValue) }),
            ("number", SampleAssertions.Smallest with { Object = ClaimObject.Number(0.1) }),
            ("reference", SampleAssertions.Smallest with { Object = ClaimObject.Reference(ConceptPath.Of("fda://drug/ibuprofen")) }),
            ("stated defaults", SampleAssertions.Smallest with { StatedClass = SourceClass.Expert, StatedLifecycle = Lifecycle.Proposed, AssertedAtMs = 0 }),
            ("eight parents", many),
        ];

        Golden.Check("Assertions", "canonical", string.Join("\n\n", samples.Select(sample =>
        {
            var body = AssertionCodec.Encode(sample.Assertion);
            return $"{sample.Name}\nid   {AssertionCodec.IdOf(body)}\nbody {Convert.ToHexStringLower(body)}";
        })));
    }

    [Fact]
    public void The_id_is_the_hash_of_tag_and_body_however_long()
    {
        foreach (var length in new[] { 1, 1000, 1024, 1025, 5000, AssertionCodec.MaxBytes })
        {
            var body = new byte[length];
            Assert.Equal(Blake3.Hash([.. "trefoil.assertion.v1\0"u8, .. body]), AssertionCodec.IdOf(body).ToArray());
        }
    }

    [Fact]
    public void What_is_encoded_is_read_back_and_encodes_to_the_same_bytes() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), seed =>
        {
            var assertion = SampleAssertions.Draw(new Prng(seed));
            var body = AssertionCodec.Encode(assertion);

            Assert.Null(AssertionCodec.TryDecode(body.AsSpan(), out var read));
            Assert.Equal(assertion, read);
            Assert.Equal(body, AssertionCodec.Encode(read!));
        }).QuickCheckThrowOnFailure();

    /// <summary>An id has one body: whatever is accepted is exactly what its content encodes to.</summary>
    [Fact]
    public void Damaged_bytes_are_refused_or_are_canonical_for_something_else() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), seed =>
        {
            var random = new Prng(seed);
            var body = AssertionCodec.Encode(SampleAssertions.Draw(random));
            for (var i = 0; i < 50; i++)
            {
                var damaged = Damage(random, body);
                var invalid = AssertionCodec.TryDecode(damaged.AsSpan(), out var read);
                Assert.Equal(invalid is null, read is not null);
                if (read is not null)
                {
                    Assert.Equal(damaged, AssertionCodec.Encode(read));
                }
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_beginning_of_a_body_is_cut_short()
    {
        var body = AssertionCodec.Encode(SampleAssertions.Fullest);
        for (var length = 0; length < body.Length; length++)
        {
            Assert.Equal(InvalidCodes.EncodingMalformed, AssertionCodec.TryDecode(body.AsSpan(0, length), out _)?.Code);
        }

        Assert.Equal(InvalidCodes.EncodingMalformed, AssertionCodec.TryDecode([.. body, 0], out _)?.Code);
    }

    [Fact]
    public void Another_version_is_named_and_too_many_bytes_are_not_looked_at()
    {
        var body = AssertionCodec.Encode(SampleAssertions.Smallest);
        body[0] = 2;

        Assert.Equal(InvalidCodes.EncodingVersion, AssertionCodec.TryDecode(body.AsSpan(), out _)?.Code);
        Assert.Equal(InvalidCodes.EncodingMalformed, AssertionCodec.TryDecode(new byte[AssertionCodec.MaxBytes + 1], out _)?.Code);
    }

    [Fact]
    public void A_length_in_a_longer_form_than_needed_is_refused()
    {
        var body = AssertionCodec.Encode(SampleAssertions.Smallest);
        Assert.Equal([1, 1, (byte)'a'], body[..3]);

        Assert.Equal(InvalidCodes.EncodingMalformed, AssertionCodec.TryDecode([1, 0x81, 0, (byte)'a', .. body[3..]], out _)?.Code);
    }

    [Fact]
    public void Parents_are_one_set_whatever_the_order_and_unsorted_bytes_are_refused()
    {
        ParentLink[] links = [new(SampleAssertions.Id(1), ParentKind.Refines), new(SampleAssertions.Id(2), ParentKind.Refutes)];
        var body = AssertionCodec.Encode(SampleAssertions.Smallest with { Parents = links });
        Assert.Equal(body, AssertionCodec.Encode(SampleAssertions.Smallest with { Parents = [links[1], links[0]] }));

        var at = body.Length - (2 * 33) - 2;
        byte[] swapped = [.. body[..at], .. body[(at + 33)..(at + 66)], .. body[at..(at + 33)], .. body[(at + 66)..]];
        Assert.Equal("/parents", AssertionCodec.TryDecode(swapped.AsSpan(), out _)?.Field);
    }

    [Fact]
    public void The_fullest_assertion_just_fits()
    {
        var fullest = SampleAssertions.Fullest with
        {
            Subject = ConceptPath.Of(new string('s', ConceptPath.MaxBytes)),
            Predicate = new string('p', Assertion.MaxPredicateBytes),
            Object = ClaimObject.Text(new string('t', ClaimObject.MaxTextBytes)),
            SourceHash = new byte[Assertion.MaxSourceHashBytes],
            SourceUri = new string('u', Assertion.MaxSourceUriBytes),
            Parents = [.. Enumerable.Range(0, Assertion.MaxParents).Select(i => new ParentLink(SampleAssertions.Id(i), ParentKind.Refines))],
            Nonce = new string('n', Assertion.MaxNonceBytes),
        };
        var body = AssertionCodec.Encode(fullest);

        Assert.InRange(body.Length, AssertionCodec.MaxBytes - 40, AssertionCodec.MaxBytes);
        Assert.Null(AssertionCodec.TryDecode(body.AsSpan(), out _));
    }

    [Fact]
    public void An_assertion_that_breaks_a_rule_is_not_encoded() =>
        Assert.Throws<ArgumentException>(() => AssertionCodec.Encode(SampleAssertions.Smallest with { ConfidencePpm = Ppm.One + 1 }));

    /// <summary>Thirty thousand assertions a second go through here: their bytes may not cost garbage.</summary>
    [Fact]
    public void Encoding_into_a_reused_writer_allocates_nothing()
    {
        var (writer, fullest) = (new ByteWriter(4096), SampleAssertions.Fullest);
        AssertionCodec.Write(writer, fullest);
        writer.Clear();

        var before = GC.GetAllocatedBytesForCurrentThread();
        AssertionCodec.Write(writer, fullest);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static byte[] Damage(Prng random, byte[] body)
    {
        var at = random.Below(body.Length);
        switch (random.Below(4))
        {
            case 0: // a byte replaced
                var replaced = body.ToArray();
                replaced[at] = (byte)random.Next();
                return replaced;
            case 1: // a byte flipped in one bit, which is where lengths and flags break
                var flipped = body.ToArray();
                flipped[at] ^= (byte)(1 << random.Below(8));
                return flipped;
            case 2:
                return [.. body[..at], .. body[(at + 1)..]];
            default:
                return [.. body[..at], (byte)random.Next(), .. body[at..]];
        }
    }
}
