namespace Trefoil.Wire.Resp;

/// <summary>Where one argument stands, counted from the first byte of its command.</summary>
public readonly record struct ArgumentRange(int Start, int Length);
