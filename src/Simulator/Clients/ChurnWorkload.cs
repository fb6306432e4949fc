using System.Globalization;

namespace Trefoil.Simulator.Clients;

/// <summary>Keys where members come and go and slots are given away without them: nobody can promise anything of them, but copies must be copies.</summary>
internal sealed class ChurnWorkload(ClientTraffic traffic) : IWorkload
{
    private long _values;

    /// <inheritdoc/>
    public int Weight => 1;

    /// <inheritdoc/>
    public void Act(ClusterClient client, Action done)
    {
        var slot = traffic.PickSlot(client);
        var value = (++_values).ToString(CultureInfo.InvariantCulture);
        var key = TestKeys.Name(slot, "churn", client.Random.Below(3));
        var list = TestKeys.Name(slot, "list", client.Random.Below(3));
        string[] command = client.Random.Below(6) switch
        {
            0 => ["DEL", list],
            1 or 2 => ["RPUSH", list, value],
            3 => ["SET", key, value, "PX", "2000"],
            _ => ["SET", key, value],
        };
        client.Do(ClientRequest.Write(slot, command), TimeSpan.FromSeconds(3), _ => done());
    }

    /// <inheritdoc/>
    public bool Finish(ClusterClient client, Action done) => false;

    /// <inheritdoc/>
    public void Judge()
    {
        // Whether copies are equal is asked when a run has healed (CopyOracle).
    }
}
