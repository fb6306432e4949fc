using FsCheck;
using FsCheck.Fluent;
using Trefoil.Assertions.Model;
using Trefoil.Primitives;
using Trefoil.Unit.Assertions.Model;
using Record = Trefoil.Assertions.Records.Record;

namespace Trefoil.Unit.Assertions.Records;

/// <summary>Records of one assertion by few agents at few instants, so that keys and times meet often.</summary>
internal static class RecordSamples
{
    public static readonly Assertion Claim = SampleAssertions.Smallest with { Agent = SampleAssertions.Alice };

    public static readonly byte[] Body = AssertionCodec.Encode(Claim);

    public static readonly AssertionId Id = AssertionCodec.IdOf(Body);

    public static readonly AgentKey[] Agents = [AgentKey.Anonymous, SampleAssertions.Alice, AgentKey.Read(Body), AgentKey.Administrator];

    public static readonly Gen<HybridTime> Times =
        from ms in Gen.Choose(1, 2)
        from counter in Gen.Choose(0, 1)
        from node in Gen.Choose(1, 2)
        select At(ms, counter, node);

    public static readonly Gen<Record> All =
        from kind in Gen.Choose(0, 5)
        from agent in Gen.Elements(Agents)
        from at in Times
        from choice in Gen.Choose(0, 4)
        select Make(kind, agent, at, choice);

    public static HybridTime At(long ms, int counter = 0, int node = 1) => new(ms, (ushort)counter, new NodeId(0, (ulong)node));

    private static Record Make(int kind, AgentKey agent, HybridTime at, int choice) => kind switch
    {
        0 => new Record.Claim(Id, at, choice == 0 ? default : Body.AsMemory()),
        1 => new Record.Signature(Id, agent, Enumerable.Repeat((byte)choice, Ed25519.SignatureSize).ToArray()),
        2 => new Record.Vote(Id, agent, (choice - 2) * (Ppm.One / 2), at),
        3 => new Record.Retraction(Id, agent, at),
        4 => new Record.LifecycleEvent(Id, (Lifecycle)choice, at, agent),
        _ => new Record.Redaction(Id, at),
    };
}
