using System.Reflection;
using Trefoil.Primitives;
using Trefoil.Simulator;
using Xunit;

namespace Trefoil.Unit.Simulator;

public sealed class FaultPlanTests
{
    [Fact]
    public void A_healed_plan_has_no_fault_left()
    {
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var healed = FaultPlan.Draw(new Prng(seed), TimeSpan.FromMinutes(1), 5).Healed();

            Assert.All(Every(healed), Assert.Null);
            Assert.Equal(0, healed.Loss + healed.Duplication + healed.Corruption + healed.Straggling + healed.Tail);
        }
    }

    [Fact]
    public void Each_kind_of_fault_is_in_some_seeds_and_left_out_by_others()
    {
        var plans = Enumerable.Range(1, 200).Select(seed => FaultPlan.Draw(new Prng((ulong)seed), TimeSpan.FromMinutes(1), 5)).ToList();
        foreach (var kind in Kinds)
        {
            Assert.Contains(plans, plan => kind.GetValue(plan) is not null);
            Assert.Contains(plans, plan => kind.GetValue(plan) is null);
        }
    }

    [Fact]
    public void A_phase_has_no_fault_that_its_seed_has_not()
    {
        var random = new Prng(7);
        for (ulong seed = 1; seed <= 100; seed++)
        {
            var plan = FaultPlan.Draw(new Prng(seed), TimeSpan.FromMinutes(1), 5);
            var phase = plan.PartOf(random);

            Assert.All(Kinds, kind => Assert.True(kind.GetValue(phase) is null || Equals(kind.GetValue(phase), kind.GetValue(plan))));
            Assert.True(phase.Loss <= plan.Loss && phase.Corruption <= plan.Corruption && phase.Tail <= plan.Tail);
        }
    }

    [Fact]
    public void Who_may_lose_a_node_to_its_disk_loses_none_besides()
    {
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var plan = FaultPlan.Draw(new Prng(seed), TimeSpan.FromMinutes(1), 3 + (int)(seed % 5));

            Assert.True(plan.BitFlips is null || (plan.GoneAt is null && seed % 5 > 0));
        }
    }

    private static IEnumerable<PropertyInfo> Kinds => typeof(FaultPlan).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(each => each.PropertyType == typeof(TimeSpan?));

    private static IEnumerable<object?> Every(FaultPlan plan) => Kinds.Select(kind => kind.GetValue(plan));
}
