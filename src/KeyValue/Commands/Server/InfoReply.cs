using System.Text;
using Trefoil.KeyValue.Server;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>INFO [section ...]: sections and field names of Redis 7.0. A field of something this server does not have is left out, not invented.</summary>
internal static class InfoReply
{
    private delegate void Section(InfoText text, KeyValueServer server);

    /// <summary>Sections, in Redis' order, and whether a plain INFO shows them.</summary>
    private static readonly (string Name, bool ByDefault, Section Write)[] Sections =
    [
        ("server", true, InfoSections.Server),
        ("clients", true, InfoSections.Clients),
        ("memory", true, InfoSections.Memory),
        ("persistence", true, InfoPersistence.Write),
        ("stats", true, InfoSections.Statistics),
        ("replication", true, InfoReplication.Write),
        ("cpu", true, InfoSections.Cpu),
        ("modules", true, InfoSections.Modules),
        ("commandstats", false, InfoSections.Commands),
        ("errorstats", true, InfoSections.Errors),
        ("latencystats", false, InfoSections.Latencies),
        ("cluster", true, InfoSections.Cluster),
        ("raft", true, InfoSections.Raft),
        ("keyspace", true, InfoSections.Keyspace),
    ];

    public static void Run(CommandContext context)
    {
        var asked = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 1; i < context.Count; i++)
        {
            asked.Add(Encoding.Latin1.GetString(context[i]));
        }

        var everything = asked.Contains("all") || asked.Contains("everything");
        var defaults = asked.Count == 0 || asked.Contains("default");
        var text = new InfoText();
        foreach (var (name, byDefault, write) in Sections)
        {
            if (everything || (defaults && byDefault) || asked.Contains(name))
            {
                text.Begin(name);
                write(text, context.Server);
            }
        }

        context.Reply.Verbatim("txt", text.ToString());
    }
}
