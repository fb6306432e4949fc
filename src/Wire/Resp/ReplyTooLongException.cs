namespace Trefoil.Wire.Resp;

/// <summary>A reply has become longer than its writer can hold: its client cannot be answered any more and must be closed.</summary>
/// <remarks>An exception and no value, since it may happen at every write of every handler, and never does but when a client asks for gigabytes.</remarks>
public sealed class ReplyTooLongException(string message) : Exception(message);
