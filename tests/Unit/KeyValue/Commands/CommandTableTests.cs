using Trefoil.KeyValue.Commands;
using Trefoil.Primitives;
using Trefoil.Unit.KeyValue.Server;
using Trefoil.Wire.Resp;
using Xunit;

namespace Trefoil.Unit.KeyValue.Commands;

/// <summary>The table as a whole: what must hold for every row of it.</summary>
public sealed class CommandTableTests
{
    private static readonly CommandTable Table = CommandTable.Build(AllCommands.Bindings);

    [Fact]
    public void Names_are_sorted_unique_and_found_in_any_case()
    {
        var names = Table.Commands.Select(spec => spec.Name).ToList();
        Assert.Equal(names.Distinct().Order(StringComparer.Ordinal), names);
        foreach (var spec in Table.All)
        {
            Assert.Same(spec, Table.FindFull(System.Text.Encoding.ASCII.GetBytes(spec.Name.ToUpperInvariant())));
        }

        Assert.Null(Table.Find("nope"u8));
        Assert.Null(Table.Find(""u8));
    }

    [Fact]
    public void Every_row_says_what_it_is()
    {
        foreach (var spec in Table.All)
        {
            Assert.NotEqual(0, spec.Arity);
            Assert.NotEmpty(spec.Summary);
            Assert.NotEmpty(spec.Since);
            Assert.NotEmpty(spec.Group);
            Assert.True(spec.Handler is not null || spec.Subcommands.Count > 0, spec.Name);
        }
    }

    [Fact]
    public void Every_keyed_command_answers_MOVED_on_the_wrong_node()
    {
        var cluster = new ScriptedCluster(2);
        cluster.Assign(1, 0, HashSlot.Count - 1);
        using var session = new RespSession(cluster);
        var keyed = Table.All.Where(spec => spec.KeySpecs.Count > 0).ToList();
        Assert.True(keyed.Count > 40, "the table lost its keyed commands");
        foreach (var spec in keyed)
        {
            Assert.Equal($"-MOVED {HashSlot.Of("k"u8)} 10.0.0.2:7001\r\n", session.Call(Arguments(spec)));
        }
    }

    [Fact]
    public void Every_command_with_keys_in_two_slots_is_refused()
    {
        using var session = new RespSession();
        foreach (var spec in Table.All.Where(spec => spec.Keys.First > 0 && spec.Keys.Last != spec.Keys.First))
        {
            var arguments = Arguments(spec).ToList();
            var behind = Math.Max(0, -spec.Keys.Last - 1);
            while (arguments.Count <= spec.Keys.First + spec.Keys.Step + behind)
            {
                arguments.Add("k");
            }

            arguments[spec.Keys.First + spec.Keys.Step] = "other";
            Assert.Equal("-CROSSSLOT Keys in request don't hash to the same slot\r\n", session.Call([.. arguments]));
        }
    }

    [Fact]
    public void Every_arity_is_enforced()
    {
        using var session = new RespSession();
        foreach (var spec in Table.All.Where(spec => spec.Handler is not null))
        {
            var path = spec.Name.Split('|');
            var least = Math.Abs(spec.Arity);
            if (least > path.Length)
            {
                AssertWrongArity(session, spec, least - 1);
            }

            // CONTAINER WORD is looked up as a subcommand before anything is counted.
            if (spec.Arity > 0 && spec.Subcommands.Count == 0)
            {
                AssertWrongArity(session, spec, least + 1);
            }
        }
    }

    [Fact]
    public void COMMAND_has_ten_elements_per_entry_and_no_nil()
    {
        using var session = new RespSession();
        foreach (var protocol in new[] { "2", "3" })
        {
            session.Call("HELLO", protocol);
            var reply = ReadOne(session.Call("COMMAND"));
            Assert.Equal(Table.Commands.Count, reply.Items!.Count);
            Assert.All(reply.Items, AssertEntry);
        }
    }

    private static void AssertEntry(RespReply entry)
    {
        Assert.Equal(10, entry.Items!.Count);
        AssertNoNull(entry);
        Assert.All(entry.Items[9].Items!, AssertEntry);
    }

    private static void AssertNoNull(RespReply reply)
    {
        Assert.NotEqual('_', reply.Kind);
        foreach (var item in reply.Items ?? [])
        {
            AssertNoNull(item);
        }
    }

    private static void AssertWrongArity(RespSession session, CommandSpec spec, int count)
    {
        var path = spec.Name.Split('|');
        var words = path.Concat(Enumerable.Repeat("1", Math.Max(0, count - path.Length))).Take(Math.Max(count, path.Length)).ToArray();
        var code = spec.Name == "exec" ? "EXECABORT Transaction discarded because of:" : "ERR";
        Assert.Equal($"-{code} wrong number of arguments for '{spec.Name}' command\r\n", session.Call(words));
    }

    /// <summary>The least arguments the arity allows, every one of them after the name the same key, or 1 where the number of keys stands.</summary>
    private static string[] Arguments(CommandSpec spec)
    {
        var path = spec.Name.Split('|');
        var count = Math.Max(Math.Abs(spec.Arity), spec.Keys.First + 1);
        string[] arguments = [.. path, .. Enumerable.Repeat("k", count - path.Length)];
        foreach (var keys in spec.KeySpecs)
        {
            if (keys is { Begin: KeySearchStart.Index begin, Find: KeySearch.KeyNumber number })
            {
                arguments[begin.Position + number.NumberIndex] = "1";
            }
        }

        return arguments;
    }

    private static RespReply ReadOne(string bytes)
    {
        var reader = new RespReplyReader();
        reader.Feed(System.Text.Encoding.Latin1.GetBytes(bytes));
        Assert.True(reader.TryRead(out var reply), reader.Failure);
        return reply;
    }
}
