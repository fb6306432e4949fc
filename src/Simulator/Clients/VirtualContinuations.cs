namespace Trefoil.Simulator.Clients;

/// <summary>Has what engine code awaits go on as an event of the world, so that no other thread ever runs any of it.</summary>
/// <param name="schedule">Runs something as an event of its own, at this moment of virtual time.</param>
internal sealed class VirtualContinuations(Action<Action> schedule) : SynchronizationContext
{
    private bool _ended;

    /// <summary>The process has ended: nothing that waits goes on.</summary>
    public void End() => _ended = true;

    /// <summary>Runs this, and whatever it awaits later, here.</summary>
    public void Run(Action action)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            action();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        if (!_ended)
        {
            schedule(() =>
            {
                if (!_ended)
                {
                    Run(() => d(state));
                }
            });
        }
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state) => Run(() => d(state));
}
