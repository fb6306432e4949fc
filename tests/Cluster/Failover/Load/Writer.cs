using System.Globalization;
using Trefoil.Wire.Resp;

namespace Trefoil.Cluster.Failover.Load;

/// <summary>Writes in rounds: a SET of a key never used before, an INCR, and a transaction on two keys.</summary>
internal sealed class Writer(LoadClient client, WriterRecord record, ShardHistory history, Complaints regressions, LoadOptions options)
{
    private readonly string _padding = new('x', options.Padding);

    public void Round()
    {
        Set();
        Increment();
        Pair();
    }

    private void Set()
    {
        var number = record.Sets;
        var answer = client.Execute(record.Slot, ["SET", record.SetKey(number), Text(number) + _padding]);
        record.AddSet(answer.Outcome);
        Note(answer);
    }

    private void Increment()
    {
        var floor = record.SumFloor;
        var answer = client.Execute(record.Slot, ["INCR", record.SumKey]);
        var (acknowledged, unknown) = record.Increments;
        if (answer.Outcome == Outcome.Unknown)
        {
            record.Increments = (acknowledged, unknown + 1);
            return;
        }

        if (answer.Outcome == Outcome.Done)
        {
            record.Increments = (acknowledged + 1, unknown);
            var told = answer.Last.Integer;
            if (told <= floor || told > acknowledged + 1 + unknown)
            {
                regressions.Add($"INCR {record.SumKey} made {told} after {floor} was told, {acknowledged} acknowledged and {unknown} unknown before");
            }

            record.RaiseSum(told);
            Note(answer);
        }
    }

    private void Pair()
    {
        var number = Text(++record.PairSent);
        var answer = client.Execute(
            record.Slot, ["MULTI"], ["SET", record.LeftKey, number], ["SET", record.RightKey, number], ["EXEC"]);
        if (answer.Outcome == Outcome.Done)
        {
            record.RaisePair(record.PairSent);
            Note(answer);
        }
    }

    private void Note(Answer answer)
    {
        if (answer.Outcome == Outcome.Done)
        {
            history.Acknowledge(answer);
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Reads what writers of its shard wrote: nothing that anybody was told may be gone, and no transaction half done.</summary>
internal sealed class Reader(LoadClient client, IReadOnlyList<WriterRecord> writers, Complaints regressions, Complaints torn, Random random)
{
    private int _turn;

    public void Round()
    {
        var record = writers[_turn++ % writers.Count];
        Sum(record);
        Pair(record);
        Set(record);
    }

    private void Sum(WriterRecord record)
    {
        var floor = record.SumFloor;
        if (client.Execute(record.Slot, ["GET", record.SumKey]) is { Outcome: Outcome.Done } answer)
        {
            Compare(record.SumKey, Number(answer.Last), floor);
            record.RaiseSum(Number(answer.Last));
        }
    }

    private void Pair(WriterRecord record)
    {
        var floor = record.PairFloor;
        if (client.Execute(record.Slot, ["MGET", record.LeftKey, record.RightKey]) is { Outcome: Outcome.Done } answer)
        {
            var (left, right) = (Number(answer.Last.Items![0]), Number(answer.Last.Items[1]));
            if (left != right)
            {
                torn.Add($"{record.LeftKey} is {left} and {record.RightKey} {right}, which are written together");
            }

            Compare(record.LeftKey, left, floor);
            record.RaisePair(left);
        }
    }

    private void Set(WriterRecord record)
    {
        var number = random.Next(Math.Max(1, record.Sets));
        if (number < record.Sets && record.SetOutcome(number) == Outcome.Done
            && client.Execute(record.Slot, ["GET", record.SetKey(number)]) is { Outcome: Outcome.Done } answer && answer.Last.Text is null)
        {
            regressions.Add($"{record.SetKey(number)} was acknowledged, and {answer.Node} does not have it");
        }
    }

    private void Compare(string key, long seen, long floor)
    {
        if (seen < floor)
        {
            regressions.Add($"{key} was {floor} and is {seen}");
        }
    }

    private static long Number(RespReply reply) => reply.Text is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : 0;
}
