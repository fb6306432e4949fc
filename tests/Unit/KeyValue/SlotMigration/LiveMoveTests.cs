using System.Globalization;
using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Unit.KeyValue.Server;
using Xunit;

namespace Trefoil.Unit.KeyValue.SlotMigration;

/// <summary>The store under the real core, with clients that follow their map: messages get lost, nodes see changes late, and no increment is lost or done twice.</summary>
public sealed class LiveMoveTests
{
    private const int MaxSteps = 20_000;
    private static readonly string[] Tags = ["a", "b", "c", "d"];

    [Theory]
    [InlineData(1, 0.0)]
    [InlineData(2, 0.0)]
    [InlineData(3, 0.1)]
    [InlineData(4, 0.1)]
    [InlineData(5, 0.3)]
    [InlineData(6, 0.3)]
    public void Increments_go_on_while_their_slots_move_there_and_back(ulong seed, double loss)
    {
        using var cluster = new Live(seed, loss);
        cluster.Run(300);
        for (var round = 0; round < 4; round++)
        {
            cluster.Move(TwoShards.SlotsOf(round < 2 ? Tags[..3] : Tags));
        }

        cluster.Run(50);
        cluster.Check(loss == 0 ? 4 : int.MaxValue);
    }

    [Theory]
    [InlineData(11, 0.0)]
    [InlineData(12, 0.0)]
    [InlineData(13, 0.1)]
    [InlineData(14, 0.1)]
    [InlineData(15, 0.3)]
    [InlineData(16, 0.3)]
    public void Elections_at_both_ends_void_attempts_and_lose_nothing(ulong seed, double loss)
    {
        using var cluster = new Live(seed, loss) { ElectsEvery = 60 };
        cluster.Run(300);
        for (var round = 0; round < 6; round++)
        {
            cluster.Move(TwoShards.SlotsOf(Tags));
        }

        Assert.True(cluster.Attempts > 6, "no election came in between");
        cluster.Check(int.MaxValue);
    }

    [Fact]
    public void A_flush_at_the_target_makes_the_copy_begin_anew()
    {
        using var cluster = new Live(9, 0);
        cluster.Run(300);
        cluster.FlushesTarget = true;
        cluster.Move(TwoShards.SlotsOf(Tags));
        Assert.True(cluster.LastRecord.Attempt > 1, $"attempt {cluster.LastRecord.Attempt}");
        cluster.Check(1);
    }

    private sealed class Live : IDisposable
    {
        private readonly TwoShards _shards = new();
        private readonly Prng _random;
        private readonly double _loss;
        private readonly MigrationNode[] _nodes;
        private readonly Queue<(int To, NodeId From, MigrationMessage Message)> _network = new();
        private readonly Queue<(int Due, Func<Topology, RequestId, TopologyCommand> Build)>[] _commits = [new(), new()];
        private readonly Client[] _clients;
        private readonly Dictionary<string, long> _counts = [];
        private int _step;
        private readonly ulong[] _epochs = [0, 0];
        private readonly int[] _elected = [0, 0];
        private int _elections;

        public Live(ulong seed, double loss)
        {
            (_random, _loss) = (new Prng(seed), loss);
            _nodes =
            [
                new(_shards.SourceId, new MigrationConfig(), _shards.From, TimeSpan.Zero), new(_shards.TargetId, new MigrationConfig(), _shards.To, TimeSpan.Zero),
            ];
            _clients = [.. Enumerable.Range(0, 5).Select(_ => new Client([_shards.Source.Session.Another(), _shards.Target.Session.Another()]))];
            for (var end = 0; end < 2; end++)
            {
                Hand(end, new MigrationInput.TopologyChanged(Map(end)));
                Serve(end);
            }
        }

        /// <summary>Steps between elections at a random end, on average; 0: none.</summary>
        public int ElectsEvery { get; init; }

        /// <summary>Of all migrations so far.</summary>
        public long Attempts => Map(0).Migrations.Sum(record => record.Attempt);

        /// <summary>The target's keys are flushed once in the middle of the copy, which is slow then.</summary>
        public bool FlushesTarget { get; set; }

        public MigrationRecord LastRecord => Map(0).Migrations[^1];

        /// <summary>Moves slots to the other end, which is done once that has been emptied which was left.</summary>
        public void Move(SlotRange[] ranges)
        {
            var (from, to) = Map(0).OwnerOf(ranges[0].Start)!.Id == Self(0) ? (Self(0), Self(1)) : (Self(1), Self(0));
            SlotRange[] mine = [.. ranges.Where(range => Map(0).OwnerOf(range.Start)!.Id == from)];
            var began = _step;
            Hand(0, new MigrationInput.Settings(FlushesTarget ? 500 : 0));
            var count = Map(0).Migrations.Count + 1;
            Commit((_, request) => new TopologyCommand.BeginMigrations(request, from, [new MigrationPart(to, mine)], 1));
            while (!IsDone(0, count) || !IsDone(1, count))
            {
                Run(1);
                if (_step - began == MaxSteps)
                {
                    Assert.Fail($"still {LastRecord.State} in attempt {LastRecord.Attempt}: {LastRecord.Message}");
                }

                if (FlushesTarget && _shards.Target.Keys.TotalCount > 0)
                {
                    FlushesTarget = false;
                    Assert.Equal("+OK\r\n", _shards.Target.Session.Call("FLUSHALL"));
                }
            }

            Assert.Equal(MigrationState.Completed, LastRecord.State);
            Assert.All(mine, range => Assert.Equal(to, Map(1).OwnerOf(range.Start)!.Id));
        }

        public void Run(int steps)
        {
            for (; steps > 0; steps--, _step++)
            {
                _shards.Clock.Advance(TimeSpan.FromMilliseconds(1));
                foreach (var client in _clients)
                {
                    client.Act(_random, _counts);
                }

                if (ElectsEvery > 0 && _elected.All(seen => seen == _elections) && _random.Below(ElectsEvery) == 0)
                {
                    Elect(_random.Below(2));
                }

                for (var end = 0; end < 2; end++)
                {
                    At(end).Server.CommitLog();
                    See(end);
                    Hand(end, new MigrationInput.Held(Map(end).ShardOf(Self(end))!.Epoch, ulong.MaxValue));
                    Hand(end, new MigrationInput.Appended());
                    Perform(end, effects => _nodes[end].Tick(Now, effects));
                }

                for (var left = _network.Count; left > 0; left--)
                {
                    var (to, from, message) = _network.Dequeue();
                    if (!_random.Chance(_loss))
                    {
                        Hand(to, new MigrationInput.Peer(from, message));
                    }
                }

                if (_step % 100 == 0)
                {
                    _shards.Source.Server.Tick();
                    _shards.Target.Server.Tick();
                }
            }
        }

        public void Check(int mostMoved)
        {
            while (_clients.Any(client => client.IsWaiting))
            {
                Run(1);
            }

            Assert.NotEmpty(_counts);
            foreach (var (key, count) in _counts)
            {
                var owner = Map(0).OwnerOf(TwoShards.SlotOf(key))!.Id == Self(0) ? _shards.Source : _shards.Target;
                Assert.Equal($"${count.ToString(CultureInfo.InvariantCulture).Length}\r\n{count}\r\n", owner.Session.Call("GET", key));
                Assert.Equal(0, (owner == _shards.Source ? _shards.Target : _shards.Source).Keys.CountIn(TwoShards.SlotOf(key)));
            }

            Assert.InRange(_clients.Max(client => client.MostMoved), 1, mostMoved);
            Assert.False(_shards.Source.Server.Holds.Any || _shards.Target.Server.Holds.Any);
        }

        public void Dispose()
        {
            foreach (var client in _clients)
            {
                client.Dispose();
            }

            _shards.Dispose();
        }

        private bool IsDone(int end, int count) => Map(end).Migrations.Count == count && Map(end).Migrations[^1].IsClean;

        private TimeSpan Now => TimeSpan.FromMilliseconds(_step);

        private NodeId Self(int end) => end == 0 ? _shards.SourceId : _shards.TargetId;

        private Trefoil.Unit.KeyValue.Replication.Copy At(int end) => end == 0 ? _shards.Source : _shards.Target;

        private Topology Map(int end) => At(end).Server.Cluster.Topology;

        /// <summary>The only member of a shard is deposed, and elected again a little later.</summary>
        private void Elect(int end)
        {
            var shard = Map(end).ShardOf(Self(end))!;
            _elections++;
            Commit((_, request) => new TopologyCommand.BeginElection(request, shard.Id, shard.Epoch, NodeId.None, IsForced: false));
            Commit((map, request) => new TopologyCommand.Promote(request, shard.Id, map.FindShard(shard.Id)!.Epoch, Self(end), [Self(end)]));
        }

        /// <summary>A node follows nobody while its shard elects, and serves the epoch that it was elected for.</summary>
        private void Serve(int end)
        {
            var shard = Map(end).ShardOf(Self(end))!;
            if (shard.IsElecting && !At(end).Log.IsFollowing)
            {
                At(end).Replica.Follow();
                Hand(end, new MigrationInput.Serving(0));
            }
            else if (!shard.IsElecting && shard.Epoch != _epochs[end])
            {
                _epochs[end] = shard.Epoch;
                At(end).Lead(Map(end).ClusterId, shard.Epoch);
                Hand(end, new MigrationInput.Serving(shard.Epoch));
            }
        }

        /// <summary>Agreed on, and seen by each node in its own time.</summary>
        private void Commit(Func<Topology, RequestId, TopologyCommand> build)
        {
            foreach (var commits in _commits)
            {
                commits.Enqueue((_step + _random.Below(12), build));
            }
        }

        private void See(int end)
        {
            while (_commits[end].TryPeek(out var commit) && commit.Due <= _step)
            {
                _commits[end].Dequeue();
                var (map, isElecting) = (Map(end), Map(end).Shards.Any(shard => shard.IsElecting));
                At(end).Session.Cluster.Commit(request => commit.Build(map, request));
                _elected[end] += isElecting && !Map(end).Shards.Any(shard => shard.IsElecting) ? 1 : 0;
                Serve(end);
                Hand(end, new MigrationInput.TopologyChanged(Map(end)));
            }
        }

        private void Hand(int end, MigrationInput input) => Perform(end, effects => _nodes[end].Handle(Now, input, effects));

        private void Perform(int end, Action<List<MigrationEffect>> action)
        {
            var effects = new List<MigrationEffect>();
            action(effects);
            foreach (var effect in effects)
            {
                switch (effect)
                {
                    case MigrationEffect.Send send:
                        _network.Enqueue((send.To == Self(0) ? 0 : 1, Self(end), send.Message));
                        break;
                    case MigrationEffect.Propose propose when !_random.Chance(_loss):
                        Commit((_, request) => propose.Proposal switch
                        {
                            MigrationProposal.Restart restart => new TopologyCommand.RestartMigration(request, restart.Migration, restart.Attempt, restart.Reason, 2),
                            MigrationProposal.Complete complete => new TopologyCommand.CompleteMigration(request, complete.Migration, complete.Attempt, 2),
                            MigrationProposal.Clean clean => new TopologyCommand.CleanMigration(request, clean.Migration, clean.Epoch),
                            var abort => new TopologyCommand.AbortMigration(request, abort.Migration, ((MigrationProposal.Abort)abort).Reason, 2),
                        });
                        break;
                }
            }
        }
    }

    /// <summary>Increments keys, one after the other, where its map says; an answer counts at the moment in which the command ran.</summary>
    private sealed class Client(RespSession[] sessions) : IDisposable
    {
        private readonly Dictionary<string, (int End, int Moved)> _map = [];
        private string? _key;

        public bool IsWaiting => _key is not null;

        /// <summary>How often one slot sent it on.</summary>
        public int MostMoved => _map.Values.Max(place => place.Moved);

        public void Act(Prng random, Dictionary<string, long> counts)
        {
            string reply;
            if (_key is not null)
            {
                if (!sessions[_map[_key].End].CanResume)
                {
                    return;
                }

                reply = sessions[_map[_key].End].Resume();
            }
            else
            {
                _key = $"{{{Tags[random.Below(Tags.Length)]}}}{random.Below(3)}";
                reply = Send(random);
            }

            while (Take(reply, counts))
            {
                reply = Send(random);
            }
        }

        public void Dispose()
        {
            foreach (var session in sessions)
            {
                session.Dispose();
            }
        }

        private string Send(Prng random)
        {
            _map.TryAdd(_key!, (0, 0));
            var session = sessions[_map[_key!].End];
            return random.Below(3) > 0 ? session.Call("INCR", _key!)
                : session.Send(RespSession.Encode("MULTI") + RespSession.Encode("INCR", _key!) + RespSession.Encode("EXEC"));
        }

        /// <summary>True if the command has to be sent again.</summary>
        private bool Take(string reply, Dictionary<string, long> counts)
        {
            var (end, moved) = _map[_key!];
            if (sessions[end].Waits)
            {
                return false;
            }

            if (reply.Contains("-MOVED", StringComparison.Ordinal))
            {
                _map[_key!] = (1 - end, moved + 1);
                return true;
            }

            Assert.DoesNotContain("-", reply, StringComparison.Ordinal);
            var count = counts[_key!] = counts.GetValueOrDefault(_key!) + 1;
            Assert.EndsWith($":{count}\r\n", reply, StringComparison.Ordinal);
            _key = null;
            return false;
        }
    }
}
