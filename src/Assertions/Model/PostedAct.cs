namespace Trefoil.Assertions.Model;

/// <summary>An opinion as a client sent it: <c>{"id":"…","agent":"…","value":-0.5}</c>.</summary>
/// <param name="Id">The assertion voted on.</param>
/// <param name="Agent">Who votes; anonymous if not said.</param>
/// <param name="ValuePpm">−1..1 in parts per million.</param>
public sealed record PostedVote(AssertionId Id, AgentKey Agent, int ValuePpm);

/// <summary>A retraction as a client sent it: <c>{"id":"…","agent":"…"}</c>.</summary>
public sealed record PostedRetraction(AssertionId Id, AgentKey Agent);

/// <summary>A step of the lifecycle as a client sent it: <c>{"id":"…","agent":"…","state":"Approved"}</c>.</summary>
public sealed record PostedStep(AssertionId Id, AgentKey Agent, Lifecycle State);
