using System.Globalization;
using Xunit;

namespace Trefoil.Unit.KeyValue.Server;

/// <summary>What a client sees of when and how often keys were used.</summary>
public sealed class AccessTests
{
    [Fact]
    public void RESTORE_sets_what_is_kept_and_a_read_begins_anew()
    {
        using var session = new RespSession();
        var payload = Payload(session);
        session.Call("RESTORE", "k", "0", payload, "IDLETIME", "1000");
        Assert.InRange(Number(session.Call("OBJECT IDLETIME k")), 1000, 1005);
        session.Call("TTL k");
        session.Call("EXISTS k");
        session.Call("TYPE k");
        Assert.InRange(Number(session.Call("OBJECT IDLETIME k")), 1000, 1005);
        session.Call("GET k");
        Assert.InRange(Number(session.Call("OBJECT IDLETIME k")), 0, 5);
        session.Call("CONFIG SET maxmemory-policy allkeys-lfu");
        session.Call("RESTORE", "f", "0", payload, "FREQ", "77");
        Assert.Equal(77, Number(session.Call("OBJECT FREQ f")));
        session.Call("RESTORE", "f", "0", payload, "REPLACE", "IDLETIME", "1000");
        Assert.Equal(5, Number(session.Call("OBJECT FREQ f")));
    }

    [Theory]
    [InlineData("OBJECT ENCODING k")]
    [InlineData("OBJECT REFCOUNT k")]
    [InlineData("DEBUG OBJECT k")]
    [InlineData("DEBUG DIGEST-VALUE k")]
    public void Asking_how_a_key_is_kept_is_no_use_of_it(string question)
    {
        using var session = new RespSession();
        session.Call("RESTORE", "k", "0", Payload(session), "IDLETIME", "1000");
        Assert.DoesNotContain("ERR", session.Call(question), StringComparison.Ordinal);
        Assert.InRange(Number(session.Call("OBJECT IDLETIME k")), 1000, 1005);
    }

    [Fact]
    public void A_client_that_touches_nothing_leaves_no_trace_unless_it_says_so()
    {
        using var session = new RespSession();
        session.Call("RESTORE", "k", "0", Payload(session), "IDLETIME", "1000");
        session.Call("CLIENT NO-TOUCH ON");
        session.Call("GET k");
        session.Call("MULTI");
        session.Call("STRLEN k");
        session.Call("EXEC");
        Assert.InRange(Number(session.Call("OBJECT IDLETIME k")), 1000, 1005);
        session.Call("TOUCH k");
        Assert.InRange(Number(session.Call("OBJECT IDLETIME k")), 0, 5);
    }

    [Fact]
    public void RESETSTAT_begins_every_counter_anew()
    {
        using var session = new RespSession();
        session.Call("SET a 1");
        session.Call("GET a");
        session.Call("GET b");
        session.Call("GET a b c");
        session.Call("CONFIG RESETSTAT");
        var stats = session.Call("INFO stats");
        foreach (var name in new[] { "total_commands_processed:1", "keyspace_hits:0", "keyspace_misses:0", "expired_keys:0", "evicted_keys:0", "total_error_replies:0" })
        {
            Assert.Contains(name, stats, StringComparison.Ordinal);
        }

        session.Call("GET a");
        Assert.Contains("keyspace_hits:1\r\n", session.Call("INFO stats"), StringComparison.Ordinal);
    }

    [Fact]
    public void SHUTDOWN_without_anybody_to_end_the_process_is_refused()
    {
        using var session = new RespSession();
        Assert.Equal("-ERR Errors trying to SHUTDOWN. Check logs.\r\n", session.Call("SHUTDOWN NOSAVE"));
        Assert.Equal("-ERR No shutdown in progress.\r\n", session.Call("SHUTDOWN ABORT"));
        Assert.False(session.Closes);
    }

    [Fact]
    public void MEMORY_USAGE_grows_with_the_value()
    {
        using var session = new RespSession();
        session.Call("SET small 1");
        session.Call("SET", "large", new string('x', 10_000));
        Assert.InRange(Number(session.Call("MEMORY USAGE small")), 40, 100);
        Assert.InRange(Number(session.Call("MEMORY USAGE large")), 10_000, 10_100);
        Assert.Equal("$-1\r\n", session.Call("MEMORY USAGE none"));
    }

    private static string Payload(RespSession session)
    {
        session.Call("SET source value");
        var reply = session.Call("DUMP source");
        return reply[(reply.IndexOf('\n', StringComparison.Ordinal) + 1)..^2];
    }

    private static long Number(string reply) => long.Parse(reply.AsSpan(1, reply.Length - 3), CultureInfo.InvariantCulture);
}
