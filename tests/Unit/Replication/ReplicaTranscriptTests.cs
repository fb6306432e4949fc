using Trefoil.Replication;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Replication;

/// <summary>The talk of two nodes, as golden text: read a change of it as you would read code.</summary>
public sealed class ReplicaTranscriptTests
{
    [Fact]
    public void A_normal_life()
    {
        var bench = new ReplicaBench(2);
        Chapter("the first election: a set of one");
        bench.Elect(0, 0);
        Chapter("the other enters the set");
        bench.Pass(100);
        bench.SetReplicaSet(0, 1);
        bench.Settle();
        Chapter("a write");
        bench.Write(0);
        bench.Settle();
        Chapter("a write whose record is lost");
        bench.Loses = (_, _, message) => message is ReplicaMessage.Records;
        bench.Write(0);
        bench.Settle();
        bench.Loses = (_, _, _) => false;
        bench.Pass(400);
        Chapter("the replica is cut off, and removed from the set");
        bench.Loses = (from, to, _) => from == 1 || to == 1;
        bench.Pass(1700);
        bench.SetReplicaSet(0);
        bench.Write(0);
        bench.Settle();
        Chapter("it is back, and gets what it missed");
        bench.Loses = (_, _, _) => false;
        bench.Pass(800);
        Chapter("it was away for longer than the backlog");
        bench.SetReplicaSet(0);
        bench.Loses = (from, to, _) => from == 1 || to == 1;
        bench.Write(0);
        bench.Pass(1200);
        bench.Logs[0].Trim(bench.Logs[0].LastLsn + 1);
        bench.Loses = (_, _, _) => false;
        bench.Pass(400);
        Chapter("it is elected");
        bench.Elect(1, 1);

        Golden.Check("Replication", "a-normal-life", bench.Story.ToString());

        void Chapter(string title) => bench.Story.Append($"== {title}\n");
    }
}
