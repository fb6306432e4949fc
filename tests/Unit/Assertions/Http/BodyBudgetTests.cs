using Trefoil.Assertions.Http;
using Xunit;

namespace Trefoil.Unit.Assertions.Http;

public class BodyBudgetTests
{
    [Fact]
    public void What_does_not_fit_takes_nothing_and_fits_once_there_is_room()
    {
        var budget = new BodyBudget();
        Assert.True(budget.TryTake(BodyBudget.MaxBytes - 10));
        Assert.False(budget.TryTake(11));
        Assert.True(budget.TryTake(10));

        budget.Return(BodyBudget.MaxBytes - 10);

        Assert.Equal(10, budget.Taken);
        Assert.True(budget.TryTake(11));
    }
}
