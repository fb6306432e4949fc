using FsCheck;
using FsCheck.Fluent;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;
using Trefoil.Primitives;
using Trefoil.Unit.Assertions.Model;
using Trefoil.Unit.Testing;
using Xunit;
using static Trefoil.Unit.Assertions.Records.RecordSamples;
using Record = Trefoil.Assertions.Records.Record;

namespace Trefoil.Unit.Assertions.Records;

public sealed class RecordCodecTests
{
    [Fact]
    public void The_bytes_of_records_are_those_published()
    {
        Record[] records =
        [
            new Record.Claim(Id, At(1, 2, 3), Body),
            new Record.Claim(Id, At(1, 2, 3), default),
            new Record.Signature(Id, SampleAssertions.Alice, Ed25519.Sign(SampleAssertions.AliceSeed, Id)),
            new Record.Vote(Id, SampleAssertions.Alice, -Ppm.One, At(1, 2, 3)),
            new Record.Retraction(Id, AgentKey.Administrator, At(1, 2, 3)),
            new Record.LifecycleEvent(Id, Lifecycle.Rejected, At(1, 2, 3), SampleAssertions.Alice),
            new Record.Redaction(Id, At(HybridTime.MaxPhysicalMs, ushort.MaxValue, 3)),
        ];

        Golden.Check("Assertions", "records", string.Join('\n', records.Select(record => $"{record.Key.Kind,-11}{Convert.ToHexStringLower(RecordCodec.Encode(record))}")));
    }

    [Fact]
    public void What_is_written_is_read_back() =>
        Prop.ForAll(RecordSamples.All.ToArbitrary(), record =>
        {
            var bytes = RecordCodec.Encode(record);
            Assert.Equal(record, RecordCodec.TryRead(bytes));
            Assert.InRange(bytes.Length, AssertionId.Size + 1, RecordCodec.MaxBytes);
        }).QuickCheckThrowOnFailure();

    /// <summary>A claim's body and nothing else may have any length; whether it is one is not the codec's question.</summary>
    [Fact]
    public void What_is_cut_short_or_longer_is_no_record() =>
        Prop.ForAll(RecordSamples.All.Where(record => record is not Record.Claim).ToArbitrary(), record =>
        {
            var bytes = RecordCodec.Encode(record);
            Assert.All(Enumerable.Range(0, bytes.Length), length => Assert.Null(RecordCodec.TryRead(bytes.AsMemory(0, length))));
            byte[] longer = [.. bytes, 0];
            Assert.Null(RecordCodec.TryRead(longer));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Unknown_kinds_states_and_votes_beyond_one_are_no_records()
    {
        Assert.Null(RecordCodec.TryRead(Changed(new Record.Redaction(Id, At(1)), AssertionId.Size, 0)));
        Assert.Null(RecordCodec.TryRead(Changed(new Record.Redaction(Id, At(1)), AssertionId.Size, 7)));
        Assert.Null(RecordCodec.TryRead(Changed(new Record.LifecycleEvent(Id, Lifecycle.Rejected, At(1), default), AssertionId.Size + 1 + HybridTime.Size, 5)));
        Assert.Null(RecordCodec.TryRead(RecordCodec.Encode(new Record.Vote(Id, default, Ppm.One + 1, At(1)))));
        Assert.Null(RecordCodec.TryRead(RecordCodec.Encode(new Record.Vote(Id, default, -Ppm.One - 1, At(1)))));
        Assert.Null(RecordCodec.TryRead(RecordCodec.Encode(new Record.Claim(Id, At(1), new byte[AssertionCodec.MaxBytes + 1]))));
    }

    [Fact]
    public void Keys_are_ordered_as_their_bytes() =>
        Prop.ForAll(RecordSamples.All.ToArbitrary(), RecordSamples.All.ToArbitrary(), (a, b) =>
        {
            var other = b.Key with { Id = a.Key.Kind == b.Key.Kind ? SampleAssertions.Id(1) : b.Key.Id };
            Assert.Equal(Math.Sign(a.Key.CompareTo(other)), Math.Sign(Bytes(a.Key).AsSpan().SequenceCompareTo(Bytes(other))));
            var reader = new ByteReader(Bytes(a.Key));
            Assert.Equal(a.Key, RecordKey.Read(ref reader));
            Assert.True(reader.Ended);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_body_under_another_id_and_a_signature_of_another_agent_are_refused()
    {
        Assert.Null(RecordRules.Check(new Record.Claim(Id, At(1), Body)));
        Assert.Equal(InvalidCodes.HashMismatch, RecordRules.Check(new Record.Claim(SampleAssertions.Id(1), At(1), Body))?.Code);
        byte[] odd = [7, 7];
        Assert.Equal(InvalidCodes.EncodingVersion, RecordRules.Check(new Record.Claim(AssertionCodec.IdOf(odd), At(1), odd))?.Code);

        var signature = Ed25519.Sign(SampleAssertions.AliceSeed, Id);
        Assert.Null(RecordRules.Check(new Record.Signature(Id, SampleAssertions.Alice, signature)));
        Assert.Equal(InvalidCodes.SignatureWrong, RecordRules.Check(new Record.Signature(SampleAssertions.Id(1), SampleAssertions.Alice, signature))?.Code);
        Assert.Null(RecordRules.Check(new Record.Redaction(Id, At(1))));
    }

    private static byte[] Changed(Record record, int at, byte value)
    {
        var bytes = RecordCodec.Encode(record);
        bytes[at] = value;
        return bytes;
    }

    private static byte[] Bytes(RecordKey key)
    {
        var bytes = new byte[RecordKey.MaxSize];
        return bytes[..key.Write(bytes)];
    }
}
