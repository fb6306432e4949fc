namespace Trefoil.Unit.Replication;

/// <summary>One call of a client: a write of a value that nobody writes twice, or a read.</summary>
internal sealed class ClientCall(ShardWorld world, int slot, ulong value, int padding)
{
    /// <summary>What had been shown of this slot before the call was made: it may not be undone.</summary>
    private readonly ulong _floor = world.Oracle.Shown(slot);
    private ulong _epoch;
    private ulong _lsn;
    private ulong _seen;

    public bool IsWrite => value != 0;

    public int Slot => slot;

    public ulong Value => value;

    public int Padding => padding;

    public void Refused() => world.Count("refused");

    public void Executed(ShardMember by, ulong lsn, ulong seen) => (_epoch, _lsn, _seen) = (by.ServingEpoch, lsn, seen);

    public void Closed() => world.Count("closed");

    public void Answered()
    {
        world.Count(IsWrite ? "written" : "read");
        world.Oracle.Answered(this, _epoch, _lsn, _seen, _floor);
    }
}

/// <summary>Clients that know every member and ask whoever answers.</summary>
internal sealed class ShardClients(ShardWorld world)
{
    private ulong _values;

    public void Start() => world.After(world.Plan.ClientEvery, Call);

    private void Call()
    {
        world.After(world.Plan.ClientEvery * (0.2 + (1.6 * world.Random.Fraction())), Call);
        var random = world.Random;
        var member = world.Members.FirstOrDefault(member => member.Answers) ?? world.Members[random.Below(world.Members.Count)];
        var padding = random.Below(20) == 0 ? random.Below(2000) : random.Below(60);
        member.Execute(new ClientCall(world, random.Below(8), random.Chance(0.6) ? ++_values : 0, padding));
    }
}
