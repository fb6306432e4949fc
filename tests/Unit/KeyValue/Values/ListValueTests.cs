using System.Text;
using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.KeyValue.Values;

public sealed class ListValueTests
{
    [Theory]
    [InlineData(1, 20)]
    [InlineData(2, 300)]
    [InlineData(3, 3000)]
    [InlineData(4, 20_000)]
    public void A_list_agrees_with_a_model_over_any_sequence_of_operations(ulong seed, int longest)
    {
        var random = new Prng(seed);
        var list = new ListValue([]);
        var model = new List<string>();
        for (var step = 0; step < 6000; step++)
        {
            var element = new string((char)('a' + random.Below(26)), random.Below(random.Chance(0.1) ? longest : 40));
            var shrinks = step / 1000 % 2 == 1;
            switch (random.Below(shrinks ? 10 : 7))
            {
                case 0 or 1:
                    list.Insert(0, Bytes(element));
                    model.Insert(0, element);
                    break;
                case 2 or 3:
                    list.Insert(list.Count, Bytes(element));
                    model.Add(element);
                    break;
                case 4:
                    var at = random.Below(model.Count + 1);
                    list.Insert(at, Bytes(element));
                    model.Insert(at, element);
                    break;
                case 5 when model.Count > 0:
                    at = random.Below(model.Count);
                    list.Replace(at, Bytes(element));
                    model[at] = element;
                    break;
                default:
                    at = random.Below(model.Count + 1);
                    var count = Math.Min(model.Count - at, random.Below(shrinks ? 12 : 3));
                    list.RemoveRange(at, count);
                    model.RemoveRange(at, count);
                    break;
            }

            Assert.Equal(model.Count, list.Count);
            if (step % 50 == 0)
            {
                Check(model, list, random);
            }
        }

        Check(model, list, random);
    }

    [Fact]
    public void A_list_that_only_moves_on_keeps_its_size()
    {
        var list = new ListValue([]);
        for (var i = 0; i < 100_000; i++)
        {
            list.Insert(list.Count, Bytes($"element:{i}"));
            if (list.Count > 1000)
            {
                Assert.Equal($"element:{i - 1000}", Encoding.ASCII.GetString(list[0]));
                list.RemoveRange(0, 1);
            }
        }

        Assert.InRange(list.Bytes, 15 * 1000, 25 * 1000);
    }

    [Fact]
    public void What_a_list_accounts_for_follows_its_elements()
    {
        var list = new ListValue(new byte[16]);
        var empty = list.Bytes;
        for (var i = 0; i < 10_000; i++)
        {
            list.Insert(i / 2, new byte[64]);
        }

        Assert.InRange(list.Bytes, 10_000 * 66, 10_000 * 66 * 2);
        list.RemoveRange(0, 10_000);
        Assert.Equal(empty, list.Bytes);
    }

    private static void Check(List<string> model, ListValue list, Prng random)
    {
        var elements = new List<string>();
        foreach (var element in list)
        {
            elements.Add(Encoding.ASCII.GetString(element));
        }

        Assert.Equal(model, elements);
        if (model.Count == 0)
        {
            return;
        }

        var from = random.Below(model.Count);
        Assert.Equal(model[from], Encoding.ASCII.GetString(list[from]));
        elements.Clear();
        foreach (var element in list.From(from, forward: false))
        {
            elements.Add(Encoding.ASCII.GetString(element));
        }

        Assert.Equal(model.Take(from + 1).Reverse(), elements);
    }

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);
}
