using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>The options of SET and GETEX. Which may stand together is Redis' rule: conflicts are syntax errors, repetitions are not.</summary>
internal struct SetOptions
{
    private enum Expiry
    {
        None,
        Ex,
        Px,
        ExAt,
        PxAt,
    }

    private Expiry _expiry;
    private int _expiryArgument;

    public bool IfAbsent { get; private set; }

    public bool IfPresent { get; private set; }

    public bool Get { get; private set; }

    public bool KeepExpiry { get; private set; }

    public bool Persist { get; private set; }

    public readonly bool HasExpiry => _expiry != Expiry.None;

    /// <summary>True for EXAT and PXAT, whose time may have passed already.</summary>
    public readonly bool IsAbsolute => _expiry is Expiry.ExAt or Expiry.PxAt;

    /// <summary>Reads the options from argument <paramref name="first"/> on, or replies with a syntax error.</summary>
    public static bool TryParse(CommandContext context, int first, bool forSet, out SetOptions options)
    {
        options = default;
        for (var i = first; i < context.Count; i++)
        {
            var hasNext = i + 1 < context.Count;
            if (forSet ? options.TrySetOption(context, i) : options.TryPersist(context, i))
            {
                continue;
            }

            if (!hasNext || !options.TryExpiry(context, i))
            {
                context.SyntaxError();
                return false;
            }

            i++;
        }

        return true;
    }

    /// <summary>The expiry in unix milliseconds (<see cref="KeyedValue.NoExpiry"/> without one), or replies that it is invalid.</summary>
    public readonly bool TryExpireAt(CommandContext context, out long expireAtMs)
    {
        expireAtMs = KeyedValue.NoExpiry;
        if (_expiry == Expiry.None)
        {
            return true;
        }

        return TryExpireAt(context, _expiryArgument, _expiry is Expiry.Ex or Expiry.ExAt, IsAbsolute, out expireAtMs);
    }

    /// <summary>Reads argument <paramref name="index"/> as a time from now (or absolute) in seconds or milliseconds; it must be positive.</summary>
    public static bool TryExpireAt(CommandContext context, int index, bool seconds, bool absolute, out long expireAtMs)
    {
        if (!context.TryInteger(index, out expireAtMs))
        {
            return false;
        }

        var start = absolute ? 0 : context.NowMs;
        var unit = seconds ? 1000 : 1;
        if (expireAtMs <= 0 || expireAtMs > long.MaxValue / unit || expireAtMs * unit > long.MaxValue - start)
        {
            context.InvalidExpireTime();
            return false;
        }

        // The last millisecond of the range means "no expiry" here; 292 million years from now nobody will tell the difference.
        expireAtMs = Math.Min((expireAtMs * unit) + start, KeyedValue.NoExpiry - 1);
        return true;
    }

    private bool TrySetOption(CommandContext context, int index)
    {
        if (context.Is(index, "NX"u8) && !IfPresent)
        {
            return IfAbsent = true;
        }

        if (context.Is(index, "XX"u8) && !IfAbsent)
        {
            return IfPresent = true;
        }

        if (context.Is(index, "GET"u8))
        {
            return Get = true;
        }

        return context.Is(index, "KEEPTTL"u8) && !HasExpiry && (KeepExpiry = true);
    }

    private bool TryPersist(CommandContext context, int index) =>
        context.Is(index, "PERSIST"u8) && !HasExpiry && (Persist = true);

    private bool TryExpiry(CommandContext context, int index)
    {
        var expiry = context.Is(index, "EX"u8) ? Expiry.Ex
            : context.Is(index, "PX"u8) ? Expiry.Px
            : context.Is(index, "EXAT"u8) ? Expiry.ExAt
            : context.Is(index, "PXAT"u8) ? Expiry.PxAt
            : Expiry.None;
        if (expiry == Expiry.None || KeepExpiry || Persist || (HasExpiry && expiry != _expiry))
        {
            return false;
        }

        _expiry = expiry;
        _expiryArgument = index + 1;
        return true;
    }
}
