using Trefoil.Unit.KeyValue.Server;
using Xunit;

namespace Trefoil.Unit.KeyValue.Commands;

/// <summary>COPY, RENAME and SORT as others notice them: who watches a key, who waits for it, where the keys may be.</summary>
public sealed class CopyCommandTests
{
    [Theory]
    [InlineData("RENAME {t}a {t}b")]
    [InlineData("RENAME {t}b {t}c")]
    [InlineData("COPY {t}a {t}b REPLACE")]
    [InlineData("SORT {t}a STORE {t}b")]
    [InlineData("SETBIT {t}b 0 1")]
    [InlineData("BITOP NOT {t}b {t}b")]
    [InlineData("BITFIELD {t}b SET u8 0 7")]
    public void A_watch_is_broken_by_whatever_changes_the_key(string command)
    {
        using var session = new RespSession();
        using var other = session.Another();
        session.Call("RPUSH {t}a 1 2");
        session.Call("SET {t}b string");
        session.Call("WATCH {t}b");
        Assert.DoesNotContain("-", other.Call(command), StringComparison.Ordinal);
        session.Call("MULTI");
        Assert.Equal("*-1\r\n", session.Call("EXEC"));
    }

    [Theory]
    [InlineData("COPY {t}a {t}b")]
    [InlineData("RENAMENX {t}a {t}b")]
    [InlineData("RENAME {t}b {t}b")]
    [InlineData("SETBIT {t}b 0 0")]
    [InlineData("BITFIELD {t}b SET u8 0 115")]
    public void A_watch_holds_when_nothing_changes(string command)
    {
        using var session = new RespSession();
        using var other = session.Another();
        session.Call("RPUSH {t}a 1 2");
        session.Call("SET {t}b string");
        session.Call("WATCH {t}b");
        other.Call(command);
        session.Call("MULTI");
        Assert.Equal("*0\r\n", session.Call("EXEC"));
    }

    [Theory]
    [InlineData("SORT k STORE other")]
    [InlineData("SORT k LIMIT 0 1 ALPHA STORE {k}1 STORE other")]
    [InlineData("COPY k other")]
    [InlineData("RENAME k other")]
    [InlineData("BITOP AND k other")]
    public void Keys_in_two_slots_are_refused(string command)
    {
        using var session = new RespSession();
        Assert.Equal("-CROSSSLOT Keys in request don't hash to the same slot\r\n", session.Call(command));
    }

    [Fact]
    public void A_renamed_key_keeps_its_expiry_and_takes_that_of_its_new_name()
    {
        using var session = new RespSession();
        session.Call("SET {t}a 1 PXAT 4000000000000");
        session.Call("SET {t}b 2 PXAT 5000000000000");
        session.Call("RPUSH {t}c x");
        session.Call("RENAME {t}a {t}b");
        Assert.Equal(":4000000000000\r\n", session.Call("PEXPIRETIME {t}b"));
        session.Call("COPY {t}b {t}c REPLACE");
        Assert.Equal(":4000000000000\r\n", session.Call("PEXPIRETIME {t}c"));
        session.Call("RPUSH {t}d x");
        session.Call("RENAME {t}d {t}b");
        Assert.Equal(":-1\r\n", session.Call("PEXPIRETIME {t}b"));
        Assert.Equal(":2\r\n", session.Call("DBSIZE"));
    }
}
