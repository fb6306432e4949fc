using System.Text;
using BenchmarkDotNet.Attributes;
using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Connections;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Commands;

/// <summary>One client's pipeline of a hundred commands, from the bytes of the request to the bytes of the reply, without sockets and log.</summary>
/// <remarks>What a command allocates here is what it allocates in the server: parser, dispatch, engine and reply are the same code.</remarks>
public class HotCommands
{
    private const int Pipeline = 100;

    private static readonly string Value = new('v', 64);

    /// <summary>What is there before: a hundred fields, members or elements where there are any.</summary>
    private static readonly string[] Preparation =
    [
        $"SET string {Value}", "SET number 41", $"SET volatile {Value} EX 10000",
        .. Enumerable.Range(0, 10).Select(i => $"SET {{m}}{i} {Value}"),
        .. Enumerable.Range(0, 100).SelectMany(i => new[] { $"HSET hash field:{i} {Value}", $"RPUSH list element:{i}", $"SADD set member:{i}", $"ZADD zset {i} member:{i}" }),
    ];

    private readonly KeyValueServer _server = Whole();
    private Connection _client = null!;
    private byte[] _request = [];

    /// <summary>The command, its words split at blanks.</summary>
    [Params(
        "PING", "GET string", "GET absent", "SET string value64", "SET number 12", "SET volatile value64 EX 10000", "INCR number", "APPEND absent \"\"", "EXISTS string", "TTL volatile",
        "MGET {m}0 {m}1 {m}2 {m}3 {m}4 {m}5 {m}6 {m}7 {m}8 {m}9", "HGET hash field:50", "HSET hash field:50 value64", "HMGET hash field:1 field:50 field:99",
        "LINDEX list 50", "LSET list 50 element:99", "LRANGE list 0 9", "SISMEMBER set member:50", "SADD set member:50", "ZSCORE zset member:50", "ZADD zset 50.5 member:50",
        "ZRANGE zset 0 9", "ZRANGEBYSCORE zset 10 19")]
    public string Command { get; set; } = "";

    /// <summary>Connects, prepares, and writes the pipeline.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _client = new Connection("127.0.0.1:50000", "127.0.0.1:7000", _server, () => { });
        _server.Clients.Add(_client);
        foreach (var command in Preparation)
        {
            Send(Encode(command));
        }

        var one = Encode(Command.Replace("value64", Value, StringComparison.Ordinal).Replace("\"\"", "", StringComparison.Ordinal));
        _request = [.. Enumerable.Repeat(one, Pipeline).SelectMany(bytes => bytes)];
        var reply = Send(_request);
        if (reply.StartsWith('-'))
        {
            throw new InvalidOperationException($"{Command}: {reply}");
        }
    }

    /// <summary>The pipeline, once; the reply is dropped as a socket would take it.</summary>
    [Benchmark(OperationsPerInvoke = Pipeline)]
    public int Run()
    {
        var start = 0;
        _client.Loop.Run(_request, ref start, _request.Length);
        var bytes = _client.Output.Length;
        _client.Output.Drain(bytes);
        return bytes;
    }

    private string Send(byte[] request)
    {
        var start = 0;
        _client.Loop.Run(request, ref start, request.Length);
        var reply = Encoding.Latin1.GetString(_client.Output.Written);
        _client.Output.Drain(_client.Output.Length);
        return reply;
    }

    private static byte[] Encode(string command)
    {
        var words = command.Split(' ');
        return Encoding.Latin1.GetBytes($"*{words.Length}\r\n" + string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n")));
    }

    /// <summary>A node that owns every slot.</summary>
    private static KeyValueServer Whole()
    {
        var random = new Prng(1);
        var machine = new TopologyMachine();
        var self = NodeId.Draw(random);
        var node = new NodeRecord { Id = self, ShardId = self, Endpoints = new NodeEndpoints("127.0.0.1", RespPort: 7000) };
        machine.Apply(1, new TopologyCommand.FoundCluster(new RequestId(self, 1), ClusterId.Draw(random), "bench", node));
        machine.Apply(2, new TopologyCommand.AssignSlots(new RequestId(self, 2), self, [new SlotRange(0, HashSlot.Count - 1)]));
        return new KeyValueServer(new Keyspace(), new StaticClusterSource(self, machine.Topology), TimeProvider.System, new ServerSettings(), random);
    }
}
