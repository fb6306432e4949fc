using System.Globalization;

namespace Trefoil.Simulator.Clients;

/// <summary>Lists, counters, sets, hashes and sorted sets that only grow, each element given once: what was acknowledged is there once, what was not at most once.</summary>
/// <remarks>What finds a record that was applied twice, or not at all, or in another order.</remarks>
internal sealed class CollectionWorkload(ClientTraffic traffic) : IWorkload
{
    private const int MostOperations = 100;

    private readonly List<Collection> _all = [];
    private readonly Collection?[] _current = new Collection?[TestKeys.Slots * Kinds];
    private Queue<Collection>? _unread;
    private long _elements;

    /// <inheritdoc/>
    public int Weight => 4;

    private static int Kinds => Enum.GetValues<CollectionKind>().Length;

    /// <inheritdoc/>
    public void Act(ClusterClient client, Action done)
    {
        var collection = Pick(traffic.PickSlot(client), (CollectionKind)client.Random.Below(Kinds));
        if (client.Random.Chance(0.25))
        {
            Read(client, collection, TimeSpan.FromSeconds(5), isLast: false, done);
        }
        else
        {
            Grow(client, collection, done);
        }
    }

    /// <inheritdoc/>
    public bool Finish(ClusterClient client, Action done)
    {
        _unread ??= new Queue<Collection>(_all);
        if (!traffic.TryNext(_unread, each => each.Slot, out var collection))
        {
            return false;
        }

        Read(client, collection, ClientTraffic.LastPatience, isLast: true, done);
        return true;
    }

    /// <inheritdoc/>
    public void Judge()
    {
        // Every look at a collection was judged as it came.
    }

    private Collection Pick(int slot, CollectionKind kind)
    {
        ref var current = ref _current[(slot * Kinds) + (int)kind];
        if (current is null || current.Count >= MostOperations)
        {
            var generation = (current?.Generation ?? -1) + 1;
            current = new Collection(kind, slot, TestKeys.Name(slot, kind.ToString(), 0, generation), generation, traffic.IsDurable && !traffic.Flushes);
            _all.Add(current);
        }

        return current;
    }

    private void Grow(ClusterClient client, Collection collection, Action done)
    {
        var element = "e" + (++_elements).ToString(CultureInfo.InvariantCulture);
        var called = collection.Tried(element);
        client.Do(ClientRequest.Write(collection.Slot, collection.Growth(element)), TimeSpan.FromSeconds(5), answer =>
        {
            collection.Told(called, answer);
            traffic.World.Counts.Add(SimulationCounts.Progress.Acknowledged(traffic.Mode), answer.Kind == AnswerKind.Done ? 1 : 0);
            traffic.World.Counts.Add(SimulationCounts.Progress.Unanswered, answer.Kind == AnswerKind.Unknown ? 1 : 0);
            done();
        });
    }

    private void Read(ClusterClient client, Collection collection, TimeSpan patience, bool isLast, Action done)
    {
        client.Do(ClientRequest.Read(collection.Slot, collection.Look()), patience, answer =>
        {
            ClientTraffic.Require(answer, patience, collection.Key);
            if (answer.Kind == AnswerKind.Done)
            {
                collection.Seen(answer.Reply!, answer.Called);
                traffic.World.Counts.Add(isLast ? SimulationCounts.Progress.CollectionsJudged : SimulationCounts.Progress.ReadsChecked);
            }

            done();
        });
    }
}
