namespace Trefoil.Cli.Local;

/// <summary>The six ports of node <paramref name="Index"/> (from 1) of a local cluster with base port <paramref name="Base"/>.</summary>
internal readonly record struct NodePorts(int Base, int Index)
{
    /// <summary>The kinds of port lie 100 apart, so a local cluster has room for 99 nodes.</summary>
    public const int MostNodes = 99;

    /// <summary>The highest base whose last port (line protocol of node 99) is still a port.</summary>
    public const int HighestBase = 65535 - 500 - MostNodes;

    public int Resp => Base + Index;

    public int Api => Base + 100 + Index;

    public int Gateway => Base + 200 + Index;

    public int Rpc => Base + 300 + Index;

    public int Swim => Base + 400 + Index;

    public int LineProtocol => Base + 500 + Index;

    /// <summary>The configuration key of each port, and the port.</summary>
    public IReadOnlyList<(string Key, int Port)> All =>
    [
        ("resp_port", Resp), ("api_port", Api), ("gateway_port", Gateway),
        ("rpc_port", Rpc), ("swim_port", Swim), ("line_protocol_port", LineProtocol),
    ];
}
