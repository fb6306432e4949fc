using System.Text;
using Trefoil.Primitives;
using Trefoil.Sharding;

var random = new Prng(seed: 1);
var self = new NodeRecord { Id = NodeId.Draw(random), Endpoints = new NodeEndpoints("127.0.0.1", RespPort: 6379) };
var topology = Topology.OneNode(self, ClusterId.Draw(random), "embedded");

foreach (var key in new[] { "user:1", "{user:1}:cart", "order:7" })
{
    var slot = Topology.SlotOf(Encoding.UTF8.GetBytes(key));
    Console.WriteLine($"{key} is in slot {slot}; owned here: {topology.Owns(self.Id, slot)}");
}
