using System.Globalization;

namespace Trefoil.Cluster.Failover.Load;

/// <summary>What is there once the load has ended, compared with what was told.</summary>
/// <param name="Acknowledged">Writes of all kinds that were acknowledged.</param>
/// <param name="Unknown">Writes whose answer never came.</param>
/// <param name="Lost">Each acknowledged write that is missing.</param>
/// <param name="Wrong">What is there and cannot be.</param>
internal sealed record Verification(long Acknowledged, long Unknown, Complaints Lost, Complaints Wrong)
{
    private const int Batch = 100;

    public static Verification Of(LoadClient client, IReadOnlyList<WriterRecord> writers)
    {
        var (lost, wrong) = (new Complaints(), new Complaints());
        var (acknowledged, unknown) = (0L, 0L);
        foreach (var writer in writers)
        {
            for (var first = 0; first < writer.Sets; first += Batch)
            {
                CompareSets(client, writer, first, Math.Min(writer.Sets, first + Batch), lost, wrong);
            }

            CompareSum(client, writer, lost, wrong);
            ComparePair(client, writer, lost, wrong);
            var sets = Enumerable.Range(0, writer.Sets).Select(writer.SetOutcome).ToList();
            acknowledged += sets.Count(s => s == Outcome.Done) + writer.Increments.Acknowledged;
            unknown += sets.Count(s => s == Outcome.Unknown) + writer.Increments.Unknown;
        }

        return new Verification(acknowledged, unknown, lost, wrong);
    }

    private static void CompareSets(LoadClient client, WriterRecord writer, int first, int end, Complaints lost, Complaints wrong)
    {
        var values = Ask(client, writer.Slot, ["MGET", .. Enumerable.Range(first, end - first).Select(writer.SetKey)]).Last.Items!;
        for (var number = first; number < end; number++)
        {
            var (found, outcome) = (values[number - first].Text?.TrimEnd('x'), writer.SetOutcome(number));
            if (found is null && outcome == Outcome.Done)
            {
                lost.Add($"SET {writer.SetKey(number)}");
            }
            else if (found is not null && (outcome == Outcome.NotDone || found != number.ToString(CultureInfo.InvariantCulture)))
            {
                wrong.Add($"{writer.SetKey(number)} is '{found}', its SET was {outcome}");
            }
        }
    }

    private static void CompareSum(LoadClient client, WriterRecord writer, Complaints lost, Complaints wrong)
    {
        var text = Ask(client, writer.Slot, ["GET", writer.SumKey]).Last.Text;
        var sum = text is null ? 0 : long.Parse(text, CultureInfo.InvariantCulture);
        var (acknowledged, unknown) = writer.Increments;
        for (var missing = sum; missing < acknowledged; missing++)
        {
            lost.Add($"INCR {writer.SumKey}: {acknowledged} were acknowledged, the sum is {sum}");
        }

        if (sum > acknowledged + unknown)
        {
            wrong.Add($"{writer.SumKey} is {sum} after {acknowledged} acknowledged and {unknown} unknown increments");
        }
    }

    private static void ComparePair(LoadClient client, WriterRecord writer, Complaints lost, Complaints wrong)
    {
        var items = Ask(client, writer.Slot, ["MGET", writer.LeftKey, writer.RightKey]).Last.Items!;
        var (left, right) = (items[0].Text ?? "0", items[1].Text ?? "0");
        if (left != right)
        {
            wrong.Add($"{writer.LeftKey} is {left} and {writer.RightKey} {right}, which are written together");
        }

        if (long.Parse(left, CultureInfo.InvariantCulture) < writer.PairFloor)
        {
            lost.Add($"EXEC of {writer.LeftKey} and {writer.RightKey}: {writer.PairFloor} was acknowledged, {left} is there");
        }
    }

    private static Answer Ask(LoadClient client, int slot, string[] command)
    {
        // A read may be asked again as often as it takes; the client gives up when its own deadline cancels it.
        while (true)
        {
            switch (client.Execute(slot, command))
            {
                case { Outcome: Outcome.Done } answer:
                    return answer;
                case { Outcome: Outcome.NotDone }:
                    throw new TimeoutException($"nobody answers for slot {slot}");
            }
        }
    }
}
