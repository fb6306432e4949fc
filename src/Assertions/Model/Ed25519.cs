using System.Runtime.InteropServices;

namespace Trefoil.Assertions.Model;

/// <summary>What came of checking a signature.</summary>
public enum SignatureCheck
{
    Valid,

    /// <summary>Not a signature of this key over this message; also for a key that is no point of the curve.</summary>
    Wrong,

    /// <summary>OpenSSL's libcrypto is not installed here: nothing is known of the signature.</summary>
    Unavailable,
}

/// <summary>Ed25519 (RFC 8032), pure, by OpenSSL's libcrypto: signatures of agents over ids.</summary>
/// <remarks>
/// The runtime has no Ed25519 of its own. The library is looked for when the first signature is met: a server without
/// it serves everything that is not signed. Safe from every thread.
/// </remarks>
public static class Ed25519
{
    /// <summary>Length of a signature, in bytes.</summary>
    public const int SignatureSize = 64;

    /// <summary>Length of a private key (the seed of RFC 8032), in bytes.</summary>
    public const int SeedSize = 32;

    /// <summary>What to tell an operator who lacks the library.</summary>
    public const string Missing = "signatures need OpenSSL 3: libcrypto.so.3, in Debian's package libssl3";

    /// <summary>True if signatures can be made and checked here.</summary>
    public static bool IsAvailable { get; } = NativeLibrary.TryLoad(LibCrypto.Name, out _);

    /// <summary>Checks an agent's signature over an id.</summary>
    public static SignatureCheck Verify(AgentKey agent, ReadOnlySpan<byte> signature, AssertionId id)
    {
        Span<byte> message = stackalloc byte[AssertionId.Size];
        id.Write(message);
        return Verify(agent, signature, message);
    }

    /// <summary>Checks a signature over any message.</summary>
    public static SignatureCheck Verify(AgentKey agent, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message)
    {
        if (!IsAvailable)
        {
            return SignatureCheck.Unavailable;
        }

        Span<byte> key = stackalloc byte[AgentKey.Size];
        agent.Write(key);
        return signature.Length == SignatureSize && !agent.IsAnonymous && LibCrypto.Verify(key, signature, message)
            ? SignatureCheck.Valid
            : SignatureCheck.Wrong;
    }

    /// <summary>Signs an id, as tools do; throws <see cref="PlatformNotSupportedException"/> without the library.</summary>
    /// <param name="seed">The private key: <see cref="SeedSize"/> random bytes.</param>
    /// <param name="id">What is signed.</param>
    public static byte[] Sign(ReadOnlySpan<byte> seed, AssertionId id)
    {
        Span<byte> message = stackalloc byte[AssertionId.Size];
        id.Write(message);
        return Sign(seed, message);
    }

    /// <summary>Signs any message; throws <see cref="PlatformNotSupportedException"/> without the library.</summary>
    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message)
    {
        Require(seed);
        var signature = new byte[SignatureSize];
        return LibCrypto.Sign(seed, message, signature) ? signature : throw new InvalidOperationException("OpenSSL refused to sign");
    }

    /// <summary>The public key of a private one; throws <see cref="PlatformNotSupportedException"/> without the library.</summary>
    public static AgentKey PublicKeyOf(ReadOnlySpan<byte> seed)
    {
        Require(seed);
        Span<byte> key = stackalloc byte[AgentKey.Size];
        return LibCrypto.PublicKey(seed, key) ? AgentKey.Read(key) : throw new InvalidOperationException("OpenSSL refused the key");
    }

    private static void Require(ReadOnlySpan<byte> seed)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(seed.Length, SeedSize, nameof(seed));
        if (!IsAvailable)
        {
            throw new PlatformNotSupportedException(Missing);
        }
    }
}
