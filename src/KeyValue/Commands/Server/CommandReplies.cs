using System.Text.Json;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>How COMMAND prints a row: ten elements, never nil; and COMMAND DOCS: a map.</summary>
internal static class CommandReplies
{
    public static void Entry(RespWriter reply, CommandSpec spec)
    {
        reply.Array(10);
        reply.Bulk(spec.Name);
        reply.Integer(spec.Arity);
        var flags = CommandFlagNames.All.Where(pair => spec.Has(pair.Flag)).ToList();
        reply.Set(flags.Count);
        foreach (var (_, name) in flags)
        {
            reply.Simple(name);
        }

        reply.Integer(spec.Keys.First);
        reply.Integer(spec.Keys.Last);
        reply.Integer(spec.Keys.Step);
        reply.Set(spec.AclCategories.Count);
        foreach (var category in spec.AclCategories)
        {
            reply.Simple("@" + category);
        }

        reply.Set(spec.Tips.Count);
        foreach (var tip in spec.Tips)
        {
            reply.Bulk(tip);
        }

        reply.Set(spec.KeySpecs.Count);
        foreach (var specification in spec.KeySpecs)
        {
            Specification(reply, specification);
        }

        // Redis: an array of those there are, the empty set where there are none.
        if (spec.Subcommands.Count == 0)
        {
            reply.Set(0);
            return;
        }

        reply.Array(spec.Subcommands.Count);
        foreach (var child in spec.Subcommands)
        {
            Entry(reply, child);
        }
    }

    public static void Documentation(RespWriter reply, CommandSpec spec)
    {
        var docs = spec.Documentation;
        var more = docs.ValueKind == JsonValueKind.Object ? docs.EnumerateObject().ToList() : [];
        var texts = new[] { ("summary", spec.Summary), ("since", spec.Since), ("group", spec.Group), ("complexity", spec.Complexity) };
        var shown = texts.Where(text => text.Item2.Length > 0).ToList();
        reply.Map(shown.Count + more.Count + (spec.Subcommands.Count > 0 ? 1 : 0));
        foreach (var (name, text) in shown)
        {
            reply.Bulk(name);
            reply.Bulk(text);
        }

        foreach (var field in more)
        {
            reply.Bulk(field.Name);
            Json(reply, field.Name, field.Value);
        }

        if (spec.Subcommands.Count > 0)
        {
            reply.Bulk("subcommands"u8);
            reply.Map(spec.Subcommands.Count);
            foreach (var child in spec.Subcommands)
            {
                reply.Bulk(child.Name);
                Documentation(reply, child);
            }
        }
    }

    public static void Keys(CommandContext context, int offset, List<(int Position, KeySpecification Specification)> keys, bool withFlags)
    {
        context.Reply.Array(keys.Count);
        foreach (var (position, specification) in keys)
        {
            if (withFlags)
            {
                context.Reply.Array(2);
            }

            context.Reply.Bulk(context[position + offset]);
            if (withFlags)
            {
                Names(context.Reply, VariableKeyFlags.Of(context, offset, specification.Flags));
            }
        }
    }

    private static void Specification(RespWriter reply, KeySpecification specification)
    {
        reply.Map(specification.Notes.Length > 0 ? 4 : 3);
        if (specification.Notes.Length > 0)
        {
            reply.Bulk("notes"u8);
            reply.Bulk(specification.Notes);
        }

        reply.Bulk("flags"u8);
        Names(reply, specification.Flags);
        reply.Bulk("begin_search"u8);
        switch (specification.Begin)
        {
            case KeySearchStart.Index index:
                Typed(reply, "index", ("index", index.Position));
                break;
            case KeySearchStart.Keyword keyword:
                Typed(reply, "keyword", ("keyword", keyword.Word), ("startfrom", keyword.StartFrom));
                break;
            default:
                Typed(reply, "unknown");
                break;
        }

        reply.Bulk("find_keys"u8);
        switch (specification.Find)
        {
            case KeySearch.Range range:
                Typed(reply, "range", ("lastkey", range.LastKey), ("keystep", range.Step), ("limit", range.Limit));
                break;
            case KeySearch.KeyNumber number:
                Typed(reply, "keynum", ("keynumidx", number.NumberIndex), ("firstkey", number.FirstKey), ("keystep", number.Step));
                break;
            default:
                Typed(reply, "unknown");
                break;
        }
    }

    private static void Typed(RespWriter reply, string type, params ReadOnlySpan<(string Name, object Value)> fields)
    {
        reply.Map(2);
        reply.Bulk("type"u8);
        reply.Bulk(type);
        reply.Bulk("spec"u8);
        reply.Map(fields.Length);
        foreach (var (name, value) in fields)
        {
            reply.Bulk(name);
            if (value is int number)
            {
                reply.Integer(number);
            }
            else
            {
                reply.Bulk((string)value);
            }
        }
    }

    private static void Names(RespWriter reply, IReadOnlyList<string> names)
    {
        reply.Set(names.Count);
        foreach (var name in names)
        {
            reply.Simple(name);
        }
    }

    /// <summary>Objects are maps, flags and histories sets, other lists arrays: what Redis sends for each.</summary>
    private static void Json(RespWriter reply, string name, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                reply.Map(value.EnumerateObject().Count());
                foreach (var field in value.EnumerateObject())
                {
                    reply.Bulk(field.Name);
                    Json(reply, field.Name, field.Value);
                }

                break;
            case JsonValueKind.Array when name is "flags" or "doc_flags":
                Names(reply, [.. value.EnumerateArray().Select(flag => flag.GetString() ?? "")]);
                break;
            case JsonValueKind.Array:
                if (name == "history")
                {
                    reply.Set(value.GetArrayLength());
                }
                else
                {
                    reply.Array(value.GetArrayLength());
                }

                foreach (var item in value.EnumerateArray())
                {
                    Json(reply, "", item);
                }

                break;
            case JsonValueKind.Number:
                reply.Integer(value.GetInt64());
                break;
            default:
                reply.Bulk(value.GetString() ?? "");
                break;
        }
    }
}
