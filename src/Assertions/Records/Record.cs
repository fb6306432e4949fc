using Trefoil.Assertions.Model;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Records;

/// <summary>One record: a key and a state that only grows by <see cref="RecordMerge"/>. The unit that nodes reconcile.</summary>
/// <param name="Id">The assertion it belongs to.</param>
public abstract record Record(AssertionId Id)
{
    public abstract RecordKey Key { get; }

    /// <summary>The claim itself. State: the earliest acceptance by any node, and the body.</summary>
    /// <param name="Id">The hash of the body.</param>
    /// <param name="Ingested">When it was first accepted: a min register, which orders everything.</param>
    /// <param name="Body">The canonical body; empty once it was redacted.</param>
    public sealed record Claim(AssertionId Id, HybridTime Ingested, ReadOnlyMemory<byte> Body) : Record(Id)
    {
        public override RecordKey Key => new(Id, RecordKind.Assertion);

        public bool Equals(Claim? other) =>
            other is not null && Id == other.Id && Ingested == other.Ingested && Body.Span.SequenceEqual(other.Body.Span);

        public override int GetHashCode() => Id.GetHashCode();
    }

    /// <summary>A signature over the id: the author's own, or a co-signature. State: its bytes.</summary>
    public sealed record Signature(AssertionId Id, AgentKey Agent, ReadOnlyMemory<byte> Bytes) : Record(Id)
    {
        public override RecordKey Key => new(Id, RecordKind.Signature, Agent);

        public bool Equals(Signature? other) =>
            other is not null && Id == other.Id && Agent == other.Agent && Bytes.Span.SequenceEqual(other.Bytes.Span);

        public override int GetHashCode() => Id.GetHashCode();
    }

    /// <summary>An agent's opinion of the claim. State: the last one.</summary>
    /// <param name="Id">The assertion voted on.</param>
    /// <param name="Agent">Who votes.</param>
    /// <param name="ValuePpm">−<see cref="Ppm.One"/>..<see cref="Ppm.One"/>.</param>
    /// <param name="At">When a node accepted it.</param>
    public sealed record Vote(AssertionId Id, AgentKey Agent, int ValuePpm, HybridTime At) : Record(Id)
    {
        public override RecordKey Key => new(Id, RecordKind.Vote, Agent);
    }

    /// <summary>A tombstone, for ever. It counts if its agent is the claim's author or <see cref="AgentKey.Administrator"/>. State: the first time.</summary>
    public sealed record Retraction(AssertionId Id, AgentKey Agent, HybridTime At) : Record(Id)
    {
        public override RecordKey Key => new(Id, RecordKind.Retraction, Agent);
    }

    /// <summary>A step in the claim's review. State: the last one; of two at the same physical time and counter the one of higher rank.</summary>
    /// <param name="Id">The assertion reviewed.</param>
    /// <param name="State">Where it stands now.</param>
    /// <param name="At">When a node accepted it.</param>
    /// <param name="By">Who decided so.</param>
    public sealed record LifecycleEvent(AssertionId Id, Lifecycle State, HybridTime At, AgentKey By) : Record(Id)
    {
        public override RecordKey Key => new(Id, RecordKind.Lifecycle);
    }

    /// <summary>The body must go, for ever: the id, its votes and its links stay. State: the first time.</summary>
    public sealed record Redaction(AssertionId Id, HybridTime At) : Record(Id)
    {
        public override RecordKey Key => new(Id, RecordKind.Redaction);
    }
}
