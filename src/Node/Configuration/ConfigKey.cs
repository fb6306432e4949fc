using System.Globalization;
using Trefoil.Primitives;

namespace Trefoil.Node.Configuration;

/// <summary>One configuration key: its name in TOML (<c>TREFOIL_NAME</c> in the environment, <c>--name-with-dashes</c> as a flag), its form and meaning.</summary>
public abstract record ConfigKey(string Name, string Summary)
{
    /// <summary>The flag, such as <c>--resp-port</c>.</summary>
    public string Flag => "--" + Name.Replace('_', '-');

    /// <summary>The environment variable, such as <c>TREFOIL_RESP_PORT</c>.</summary>
    public string Variable => "TREFOIL_" + Name.ToUpperInvariant();

    /// <summary>What a value looks like, for help texts.</summary>
    public abstract string Form { get; }

    /// <summary>The default, as it would be written.</summary>
    public abstract string Default { get; }

    /// <summary>Sets the key from the text of a flag or variable; null and the problem when it does not fit.</summary>
    public abstract NodeConfig? Set(NodeConfig config, string text, out string problem);

    /// <summary>A text, possibly restricted to some values.</summary>
    public sealed record Text(
        string Name, string Summary, Func<NodeConfig, string> Get, Func<NodeConfig, string, NodeConfig> With, params string[] Choices)
        : ConfigKey(Name, Summary)
    {
        public override string Form => Choices.Length > 0 ? string.Join('|', Choices) : "text";

        public override string Default => $"\"{Get(new NodeConfig())}\"";

        public override NodeConfig? Set(NodeConfig config, string text, out string problem)
        {
            problem = Choices.Length > 0 && !Choices.Contains(text)
                ? $"{Name} must be one of {string.Join(", ", Choices)}, not '{text}'"
                : "";
            return problem.Length == 0 ? With(config, text) : null;
        }
    }

    /// <summary>A whole number in a range.</summary>
    public sealed record Number(
        string Name, string Summary, int Min, int Max, Func<NodeConfig, int> Get, Func<NodeConfig, int, NodeConfig> With)
        : ConfigKey(Name, Summary)
    {
        public override string Form => $"{Min}..{Max}";

        public override string Default => Get(new NodeConfig()).ToString(CultureInfo.InvariantCulture);

        public override NodeConfig? Set(NodeConfig config, string text, out string problem)
        {
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                && value >= Min && value <= Max)
            {
                problem = "";
                return With(config, value);
            }

            problem = $"{Name} must be a whole number in {Form}, not '{text}'";
            return null;
        }
    }

    /// <summary>true or false.</summary>
    public sealed record Flagged(
        string Name, string Summary, Func<NodeConfig, bool> Get, Func<NodeConfig, bool, NodeConfig> With)
        : ConfigKey(Name, Summary)
    {
        public override string Form => "true|false";

        public override string Default => Get(new NodeConfig()) ? "true" : "false";

        public override NodeConfig? Set(NodeConfig config, string text, out string problem)
        {
            problem = text is "true" or "false" ? "" : $"{Name} must be true or false, not '{text}'";
            return problem.Length == 0 ? With(config, text == "true") : null;
        }
    }

    /// <summary>true, false, or auto: as what is installed allows.</summary>
    public sealed record Automatic(
        string Name, string Summary, Func<NodeConfig, bool?> Get, Func<NodeConfig, bool?, NodeConfig> With)
        : ConfigKey(Name, Summary)
    {
        public override string Form => "true|false|auto";

        public override string Default => Get(new NodeConfig()) switch { true => "true", false => "false", null => "\"auto\"" };

        public override NodeConfig? Set(NodeConfig config, string text, out string problem)
        {
            problem = text is "true" or "false" or "auto" ? "" : $"{Name} must be true, false or auto, not '{text}'";
            return problem.Length == 0 ? With(config, text == "auto" ? null : text == "true") : null;
        }
    }

    /// <summary>A list of addresses: an array of texts in TOML, separated by commas elsewhere.</summary>
    public sealed record Addresses(
        string Name, string Summary, Func<NodeConfig, IReadOnlyList<HostPort>, NodeConfig> With) : ConfigKey(Name, Summary)
    {
        public override string Form => "host:port,...";

        public override string Default => "[]";

        public override NodeConfig? Set(NodeConfig config, string text, out string problem)
        {
            var addresses = new List<HostPort>();
            foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (!HostPort.TryParse(part, out var address))
                {
                    problem = $"{Name} must hold addresses like 127.0.0.1:6379, not '{part}'";
                    return null;
                }

                addresses.Add(address);
            }

            problem = "";
            return With(config, addresses);
        }
    }
}
