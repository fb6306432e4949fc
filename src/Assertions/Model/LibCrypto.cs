using System.Runtime.InteropServices;

namespace Trefoil.Assertions.Model;

/// <summary>The calls of OpenSSL 3 that Ed25519 needs (EVP_PKEY-ED25519(7), EVP_SIGNATURE-ED25519(7)).</summary>
internal static unsafe partial class LibCrypto
{
    public const string Name = "libcrypto.so.3";

    private const int Ed25519 = 1087; // NID_ED25519

    public static bool Verify(ReadOnlySpan<byte> key, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message)
    {
        var (pkey, context) = (NewPublicKey(Ed25519, 0, key, (nuint)key.Length), NewContext());
        var valid = pkey != 0 && context != 0
            && InitVerify(context, 0, 0, 0, pkey) == 1
            && DigestVerify(context, signature, (nuint)signature.Length, message, (nuint)message.Length) == 1;
        Free(pkey, context);
        return valid;
    }

    public static bool Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        var (pkey, context) = (NewPrivateKey(Ed25519, 0, seed, (nuint)seed.Length), NewContext());
        var length = (nuint)signature.Length;
        var signed = pkey != 0 && context != 0
            && InitSign(context, 0, 0, 0, pkey) == 1
            && DigestSign(context, signature, ref length, message, (nuint)message.Length) == 1;
        Free(pkey, context);
        return signed && length == (nuint)signature.Length;
    }

    public static bool PublicKey(ReadOnlySpan<byte> seed, Span<byte> key)
    {
        var pkey = NewPrivateKey(Ed25519, 0, seed, (nuint)seed.Length);
        var length = (nuint)key.Length;
        var done = pkey != 0 && RawPublicKey(pkey, key, ref length) == 1;
        Free(pkey, 0);
        return done;
    }

    /// <summary>Both accept null. A failed call leaves its reason in the thread's queue, which would grow into a later reader's view.</summary>
    private static void Free(nint pkey, nint context)
    {
        FreeContext(context);
        FreeKey(pkey);
        ClearErrors();
    }

    [LibraryImport(Name, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    private static partial nint NewPublicKey(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Name, EntryPoint = "EVP_PKEY_new_raw_private_key")]
    private static partial nint NewPrivateKey(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Name, EntryPoint = "EVP_PKEY_get_raw_public_key")]
    private static partial int RawPublicKey(nint pkey, Span<byte> key, ref nuint length);

    [LibraryImport(Name, EntryPoint = "EVP_PKEY_free")]
    private static partial void FreeKey(nint pkey);

    [LibraryImport(Name, EntryPoint = "EVP_MD_CTX_new")]
    private static partial nint NewContext();

    [LibraryImport(Name, EntryPoint = "EVP_MD_CTX_free")]
    private static partial void FreeContext(nint context);

    [LibraryImport(Name, EntryPoint = "EVP_DigestVerifyInit")]
    private static partial int InitVerify(nint context, nint keyContext, nint digest, nint engine, nint pkey);

    [LibraryImport(Name, EntryPoint = "EVP_DigestVerify")]
    private static partial int DigestVerify(nint context, ReadOnlySpan<byte> signature, nuint signatureLength, ReadOnlySpan<byte> message, nuint messageLength);

    [LibraryImport(Name, EntryPoint = "EVP_DigestSignInit")]
    private static partial int InitSign(nint context, nint keyContext, nint digest, nint engine, nint pkey);

    [LibraryImport(Name, EntryPoint = "EVP_DigestSign")]
    private static partial int DigestSign(nint context, Span<byte> signature, ref nuint signatureLength, ReadOnlySpan<byte> message, nuint messageLength);

    [LibraryImport(Name, EntryPoint = "ERR_clear_error")]
    private static partial void ClearErrors();
}
