namespace Trefoil.KeyValue.Store;

/// <summary>What became of an increment.</summary>
internal enum IncrementOutcome
{
    Done,
    WrongType,
    NotInteger,
    Overflow,
}
