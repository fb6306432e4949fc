using Trefoil.Assertions.Engine;
using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Http;

/// <summary>Every <c>code</c> that a problem can have, with its status and title. Published names: they stay.</summary>
public static class ProblemCodes
{
    public const string UnknownRoute = "unknown_route";
    public const string MethodNotAllowed = "method_not_allowed";
    public const string BatchTooLong = "batch_too_long";
    public const string Busy = "busy";
    public const string Starting = "starting";
    public const string Stopping = "stopping";
    public const string BadSessionToken = "bad_session_token";
    public const string NotCaughtUp = "not_caught_up";
    public const string TooFewCopies = "too_few_copies";
    public const string TooManyFeeds = "too_many_feeds";
    public const string NotOnOneNode = "not_on_one_node";
    public const string MalformedRequest = "malformed_request";
    public const string Internal = "internal";

    /// <summary>Codes of this layer alone, in the order of the documentation.</summary>
    private static readonly (string Code, int Status, string Title)[] Own =
    [
        (UnknownRoute, 404, "No route has this path."),
        (MethodNotAllowed, 405, "The route exists, not with this method."),
        (MalformedRequest, 400, "The request is not HTTP as this server reads it."),
        (BatchTooLong, 413, "The batch has more lines or bytes than one may have."),
        (Busy, 503, "Too much is being done at once; nothing was stored, send it again."),
        (Starting, 503, "The server is still recovering."),
        (Stopping, 503, "The server is shutting down; nothing was stored."),
        (BadSessionToken, 400, "Not a session token that a server gave."),
        (NotCaughtUp, 503, "This node does not have yet what the session has seen."),
        (TooFewCopies, 503, "There are fewer nodes than copies asked for; nothing was stored."),
        (TooManyFeeds, 503, "As many feeds are open as may be."),
        (NotOnOneNode, 501, "It needs a cluster that shards assertions."),
        (Internal, 500, "The server failed; its log says how."),
    ];

    /// <summary>Every code with status and title.</summary>
    public static IReadOnlyList<(string Code, int Status, string Title)> All { get; } =
    [
        .. InvalidCodes.All.Select(known => (known.Code, StatusOf(known.Code), known.Meaning)),
        .. RefusalCodes.All.Select(known => (known.Code, StatusOf(known.Code), known.Meaning)),
        .. Own,
    ];

    /// <summary>Status and title of a code.</summary>
    internal static (int Status, string Title) Of(string code)
    {
        foreach (var known in All)
        {
            if (known.Code == code)
            {
                return (known.Status, known.Title);
            }
        }

        throw new ArgumentException($"'{code}' is no code of a problem", nameof(code));
    }

    private static int StatusOf(string code) => code switch
    {
        InvalidCodes.BodyTooLarge => 413,
        InvalidCodes.SignatureUncheckable => 503,
        RefusalCodes.UnknownAssertion => 404,
        RefusalCodes.Redacted => 410,
        RefusalCodes.NotTheAuthor => 403,
        RefusalCodes.TooManyClaims => 422,
        _ => 400,
    };
}
