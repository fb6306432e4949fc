using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Primitives;

public class TomlTests
{
    [Fact]
    public void Every_kind_of_value_is_read_with_its_place()
    {
        var root = Parse(
            """"
            name = "tre\tfoil \u00e9" # a comment
            literal = 'a\path'
            count = 1_000
            hex = 0xff
            ratio = -1.5e3
            on = true
            list = [ 1, 2,
              3, ]
            point = { x = 1, y.z = 2 }
            "quoted key" = """
            one \
               two"""
            """");
        Assert.Equal("tre\tfoil é", ((TomlValue.Text)root["name"]!).Value);
        Assert.Equal(@"a\path", ((TomlValue.Text)root["literal"]!).Value);
        Assert.Equal(new TomlValue.Integer(new TomlLocation(3, 9), 1000), root["count"]);
        Assert.Equal(new TomlValue.Integer(new TomlLocation(4, 7), 255), root["hex"]);
        Assert.Equal(new TomlValue.Float(new TomlLocation(5, 9), -1500), root["ratio"]);
        Assert.Equal(new TomlValue.Boolean(new TomlLocation(6, 6), true), root["on"]);
        Assert.Equal(new TomlLocation(8, 3), ((TomlValue.Array)root["list"]!).Items[2].At);
        Assert.Equal("one two", ((TomlValue.Text)root["quoted key"]!).Value);
        var errors = new List<TomlError>();
        Assert.Equal(2, root.Table("point", errors)!.Table("y", errors)!.Integer("z", 0, 9, errors));
        Assert.Empty(errors);
    }

    [Fact]
    public void Tables_and_arrays_of_tables_nest()
    {
        var root = Parse("[a.b]\nx = 1\n[[n]]\nid = 'one'\n[n.sub]\ny = 2\n[[n]]\nid = 'two'\n[a]\nz = 3\n");
        var errors = new List<TomlError>();
        var nodes = root.Tables("n", errors)!;
        Assert.Equal(["one", "two"], nodes.Select(node => node.Text("id", errors)));
        Assert.Equal(2, nodes[0].Table("sub", errors)!.Integer("y", 0, 9, errors));
        Assert.Equal(3, root.Table("a", errors)!.Integer("z", 0, 9, errors));
        Assert.Equal(new TomlLocation(7, 1), nodes[1].At);
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("a = 1\na = 2", "line 2, column 1: the key 'a' is already defined at line 1, column 1")]
    [InlineData("[t]\n[t]", "line 2, column 2: the table 't' is already defined")]
    [InlineData("a = ", "line 1, column 5: expected a value")]
    [InlineData("a = 1 b = 2", "line 1, column 7: expected the end of the line")]
    [InlineData("a 1", "line 1, column 3: expected '=' after the key")]
    [InlineData("port = 0080", "line 1, column 8: '0080' is no value: strings need quotes, numbers fit in 64 bits and have no leading zeros")]
    [InlineData("host = local", "line 1, column 8: 'local' is no value: strings need quotes, numbers fit in 64 bits and have no leading zeros")]
    [InlineData("at = 2026-01-01T00:00:00Z", "line 1, column 6: dates and times are not supported: write '2026-01-01T00:00:00Z' as a string")]
    [InlineData("a = [1, 2", "line 1, column 10: the array is not closed by ']'")]
    [InlineData("a = [1 2]", "line 1, column 8: expected ',' or ']' in an array")]
    [InlineData("a = { b = 1", "line 1, column 12: expected ',' or '}' in an inline table")]
    [InlineData("a = 'x\nb = 1", "line 1, column 7: the string is not closed by ''' on its line, or contains a control character")]
    [InlineData("\n\n  a = \"\\x\"", "line 3, column 8: unknown escape in a string; a backslash is written '\\\\'")]
    [InlineData("[a]\nb.c = 1\n[a.b]\n", "line 3, column 4: the table 'b' is already defined")]
    [InlineData("a = {}\n[a.b]", "line 2, column 2: 'a' is already defined and cannot be extended")]
    [InlineData("a = []\n[[a]]", "line 2, column 3: 'a' is already defined and is no array of tables")]
    public void An_error_says_where_and_what(string text, string expected)
    {
        var failed = Assert.IsType<TomlResult.Failed>(TomlTable.Parse(text));
        Assert.Equal(expected, failed.Error.ToString());
    }

    [Fact]
    public void A_getter_of_another_type_explains_itself()
    {
        var root = Parse("port = '80'\nlist = [1, 'a']\nsmall = 70000\n");
        var errors = new List<TomlError>();
        Assert.Null(root.Integer("port", 0, 65535, errors));
        Assert.Null(root.Integers("list", errors));
        Assert.Null(root.Integer("small", 0, 65535, errors));
        Assert.Null(root.Text("missing", errors));
        Assert.Equal(
            [
                "line 1, column 8: 'port' must be an integer, not a string",
                "line 2, column 12: 'list' must be an array of integers; this item is a string",
                "line 3, column 9: 'small' must be from 0 to 65535, not 70000",
            ],
            errors.Select(error => error.ToString()));
    }

    [Fact]
    public void An_unknown_key_names_the_nearest_known_one()
    {
        var errors = new List<TomlError>();
        Parse("resp_prot = 1\nzebra = 2\nbind = 3").RefuseUnknown(["resp_port", "bind", "zone"], errors);
        Assert.Equal(
            ["line 1, column 1: unknown key 'resp_prot'; did you mean 'resp_port'?", "line 2, column 1: unknown key 'zebra'"],
            errors.Select(error => error.ToString()));
    }

    [Fact]
    public void Deep_nesting_is_an_error_and_no_stack_overflow()
    {
        Assert.IsType<TomlResult.Failed>(TomlTable.Parse("a = " + new string('[', 100_000)));
        Assert.IsType<TomlResult.Failed>(TomlTable.Parse("a = " + string.Concat(Enumerable.Repeat("{a=", 100_000))));
        Assert.IsType<TomlResult.Failed>(TomlTable.Parse(string.Join('.', Enumerable.Repeat("a", 10_000)) + " = 1"));
    }

    [Fact]
    public void Damaged_text_never_throws()
    {
        const string text = "a = 1\n[b.c]\nd = [1, \"x\\u0041\", { e = '''y''' }]\n[[f]]\n\"g\" = -0x1.5e3_0\n";
        const string alphabet = "[]{}=,.\"'\\#\n\r\t ab01_-+eux\0\ud800";
        var random = new Prng(3);
        for (var round = 0; round < 20_000; round++)
        {
            var damaged = text.ToCharArray();
            for (var i = 0; i < 1 + random.Below(6); i++)
            {
                damaged[random.Below(damaged.Length)] = alphabet[random.Below(alphabet.Length)];
            }

            TomlTable.Parse(new string(damaged));
        }
    }

    private static TomlTable Parse(string text)
    {
        var result = TomlTable.Parse(text);
        Assert.True(result is TomlResult.Parsed, (result as TomlResult.Failed)?.Error.ToString());
        return ((TomlResult.Parsed)result).Root;
    }
}
