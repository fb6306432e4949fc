using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Xunit;

namespace Trefoil.Unit.KeyValue.Store;

/// <summary>A slot table does what a dictionary with expiries does, whatever the order of operations.</summary>
public sealed class SlotTableModelTests
{
    /// <summary>One operation: the kind, which key, an argument.</summary>
    public readonly record struct Step(int Kind, int Key, int Argument);

    [Fact]
    public void A_table_agrees_with_a_dictionary_over_any_sequence_of_operations()
    {
        var step = from kind in Gen.Choose(0, 11)
                   from key in Gen.Choose(0, 40)
                   from argument in Gen.Choose(0, 200)
                   select new Step(kind, key, argument);
        Prop.ForAll(step.ListOf().ToArbitrary(), steps => Run(steps))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(400).WithEndSize(300));
    }

    [Fact]
    public void A_table_of_one_slot_agrees_with_a_dictionary_while_it_grows_to_many_pages_and_shrinks_to_nothing()
    {
        var random = new Trefoil.Primitives.Prng(7);
        var steps = new List<Step>();
        for (var i = 0; i < 60_000; i++)
        {
            steps.Add(new Step(random.Below(3) == 0 ? 5 : 0, random.Below(20_000), random.Below(200)));
        }

        steps.AddRange(Enumerable.Range(0, 20_000).Select(key => new Step(5, key, 0)));
        Run(steps);
    }

    private static void Run(IEnumerable<Step> steps)
    {
        var space = new Keyspace();
        var table = space.Table(3);
        var model = new Dictionary<string, (string Value, long ExpireAt)>();
        var now = 1_000L;
        foreach (var step in steps)
        {
            now += step.Kind == 9 ? step.Argument : 0;
            Apply(space, table, model, step, now);
            if (step.Kind is 1 or 3 or 9 or 10 or 11)
            {
                Expire(model, now);
            }
        }

        space.ExpireCycle(now, TimeSpan.FromMinutes(1));
        AssertEqual(space, table, model, now);
    }

    private static void Expire(Dictionary<string, (string Value, long ExpireAt)> model, long now)
    {
        foreach (var gone in model.Where(pair => pair.Value.ExpireAt <= now).Select(pair => pair.Key).ToList())
        {
            model.Remove(gone);
        }
    }

    private static void Apply(
        Keyspace space, SlotTable table, Dictionary<string, (string Value, long ExpireAt)> model, Step step, long now)
    {
        var name = $"key:{step.Key}" + new string('k', step.Key == 40 ? 300 : 0);
        var key = Encoding.ASCII.GetBytes(name);
        var existing = model.TryGetValue(name, out var before);
        var expiry = existing ? before.ExpireAt : KeyedValue.NoExpiry;
        switch (step.Kind)
        {
            case 0 or 1:
                var value = step.Argument % 2 == 0 ? $"{step.Argument}" : new string('v', step.Argument);
                var expireAt = step.Kind == 1 ? now + step.Argument : KeyedValue.NoExpiry;
                table.SetString(key, Encoding.ASCII.GetBytes(value), expireAt);
                model[name] = (value, expireAt);
                break;
            case 2:
                table.WriteRange(key, step.Argument, "xyz"u8, now);
                var padded = (existing ? before.Value : "").PadRight(step.Argument, '\0');
                var end = Math.Min(padded.Length, step.Argument + 3);
                model[name] = (padded[..step.Argument] + "xyz" + padded[end..], expiry);
                break;
            case 3:
                Assert.Equal(existing, table.SetExpiry(key, now + step.Argument, now));
                if (existing)
                {
                    model[name] = before with { ExpireAt = now + step.Argument };
                }

                break;
            case 4:
                Assert.Equal(existing, table.SetExpiry(key, KeyedValue.NoExpiry, now));
                if (existing)
                {
                    model[name] = before with { ExpireAt = KeyedValue.NoExpiry };
                }

                break;
            case 5:
                Assert.Equal(existing, table.Remove(key, now));
                model.Remove(name);
                break;
            case 6:
                ApplyIncrement(table, model, name, key, step.Argument, now);
                break;
            case 7 when step.Argument < 5:
                space.Clear();
                model.Clear();
                break;
            case 10 or 11 when step.Argument != step.Key:
                ApplyMove(table, model, step.Kind == 10, name, $"key:{step.Argument}", now);
                break;
            case 8:
                space.ExpireCycle(now, TimeSpan.FromMinutes(1));
                break;
            default:
                Expire(model, now);
                Assert.Equal(model.ContainsKey(name), table.Find(key, now).Exists);
                break;
        }
    }

    private static void ApplyMove(
        SlotTable table, Dictionary<string, (string Value, long ExpireAt)> model, bool renames, string from, string to, long now)
    {
        Expire(model, now);
        var (key, target) = (Encoding.ASCII.GetBytes(from), Encoding.ASCII.GetBytes(to));
        var existing = model.TryGetValue(from, out var before);
        Assert.Equal(existing, renames ? table.Rename(key, target, now) : table.Copy(key, target, now));
        if (!existing)
        {
            return;
        }

        model[to] = before;
        if (renames)
        {
            model.Remove(from);
        }
    }

    private static void ApplyIncrement(
        SlotTable table, Dictionary<string, (string Value, long ExpireAt)> model, string name, byte[] key, int delta, long now)
    {
        var existing = model.TryGetValue(name, out var before);
        var integer = long.TryParse(before.Value ?? "0", out var number) && number.ToString() == (before.Value ?? "0");
        var outcome = table.Increment(key, delta, now, out var result);
        Assert.Equal(integer ? IncrementOutcome.Done : IncrementOutcome.NotInteger, outcome);
        if (integer)
        {
            Assert.Equal(number + delta, result);
            model[name] = ($"{result}", existing ? before.ExpireAt : KeyedValue.NoExpiry);
        }
    }

    private static void AssertEqual(
        Keyspace space, SlotTable table, Dictionary<string, (string Value, long ExpireAt)> model, long now)
    {
        Assert.Equal(model.Count, table.Count);
        Assert.Equal(model.Count, space.Count);
        Assert.Equal(model.Count, space.CountIn(3));
        Assert.Equal(model.Values.Count(value => value.ExpireAt != KeyedValue.NoExpiry), table.ExpiringCount);
        Assert.Equal(model.Keys.Order(), table.Keys(int.MaxValue).Select(Encoding.ASCII.GetString).Order());
        Assert.True(model.Count > 0 || table.Bytes == 0, $"an empty table accounts for {table.Bytes} bytes");
        Span<byte> digits = stackalloc byte[20];
        foreach (var (name, (value, expireAt)) in model)
        {
            var entry = table.Find(Encoding.ASCII.GetBytes(name), now);
            Assert.Equal(value, Encoding.ASCII.GetString(entry.Text(digits)));
            Assert.Equal(expireAt, entry.ExpireAtMs);
        }
    }
}
