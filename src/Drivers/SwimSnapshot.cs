using Trefoil.Membership;

namespace Trefoil.Drivers;

/// <summary>What other threads may see of the core: immutable, and replaced as a whole.</summary>
/// <param name="Members">Everyone known, this node and dead ones included, sorted by id.</param>
/// <param name="Contacts">When members were last probed and last answered, in time since the driver's start.</param>
/// <param name="Counters">The core's counters; up to <see cref="SwimDriver.PublishInterval"/> old.</param>
public sealed record SwimSnapshot(IReadOnlyList<Member> Members, IReadOnlyList<Contact> Contacts, SwimCounters Counters);
