using System.Reflection;
using System.Text;
using Microsoft.Extensions.Logging;
using Trefoil.ControlPlane;
using Trefoil.Node;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Node;

public sealed class NodeLogTests
{
    [Fact]
    public void The_log_vocabulary_is_as_published()
    {
        var text = new StringBuilder();
        var events = typeof(NodeLog).GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Select(method => (method.Name, Message: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(found => found.Message is not null)
            .OrderBy(found => found.Message!.EventId);
        foreach (var (name, message) in events)
        {
            text.Append(message!.EventId).Append(' ').Append(name).Append(' ').Append(message.Level).Append(": ").Append(message.Message).Append('\n');
        }

        text.Append("control events: ").AppendJoin(' ', Enum.GetNames<ControlEvent>()).Append('\n');
        Golden.Check("Node", "log-events", text.ToString());
    }
}
