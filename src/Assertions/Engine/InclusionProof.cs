using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Engine;

/// <summary>That an assertion is among all those of its subject: <see cref="MerkleTree.Leads"/> checks it.</summary>
/// <param name="Subject">Whose claims the tree is over: all that have a body, ordered by id.</param>
/// <param name="Id">The assertion.</param>
/// <param name="Index">Its place among them, from 0.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Path">From the bottom.</param>
/// <param name="Root">What two nodes compare: equal roots, equal sets of claims.</param>
/// <param name="Through">The newest arrival that was looked at.</param>
public sealed record InclusionProof(ConceptPath Subject, AssertionId Id, int Index, int Count, IReadOnlyList<byte[]> Path, byte[] Root, ulong Through);
