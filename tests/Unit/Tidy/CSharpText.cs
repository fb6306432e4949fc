namespace Trefoil.Unit.Tidy;

/// <summary>A member of a type with a body: where it starts and how long it is, in lines.</summary>
internal readonly record struct CodeMember(int Line, int Lines, string Header);

/// <summary>Just enough of C#'s lexing and nesting to measure functions without a compiler.</summary>
internal static class CSharpText
{
    private static readonly string[] TypeWords = ["class", "struct", "record", "interface", "enum", "namespace"];

    /// <summary>The source with comments, strings and characters blanked out; line breaks stay where they are.</summary>
    public static string Blank(string source)
    {
        var text = source.ToCharArray();
        for (var i = 0; i < text.Length;)
        {
            var end = EndOfTrivia(source, i);
            for (var j = i; j < end; j++)
            {
                text[j] = text[j] == '\n' ? '\n' : ' ';
            }

            i = Math.Max(end, i + 1);
        }

        return new string(text);
    }

    /// <summary>Methods, constructors, accessors' owners and expression bodies that stand directly in a type.</summary>
    public static IEnumerable<CodeMember> Members(string source)
    {
        var text = Blank(source);
        var inType = new Stack<(bool IsType, int Start)>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var direct = inType.Count == 0 || inType.Peek().IsType;
            switch (text[i])
            {
                case '{':
                    inType.Push((direct && IsType(text[start..i]), start));
                    start = i + 1;
                    break;
                case '}' when inType.Count > 0:
                    var block = inType.Pop();
                    var header = text[block.Start..i].TrimStart();
                    if (!block.IsType && (inType.Count == 0 || inType.Peek().IsType) && !IsField(header))
                    {
                        yield return Measure(text, block.Start, i);
                    }

                    start = direct || inType.Count == 0 || inType.Peek().IsType ? i + 1 : start;
                    break;
                case ';' when direct:
                    if (text[start..i].Contains("=>", StringComparison.Ordinal) && !IsField(text[start..i]))
                    {
                        yield return Measure(text, start, i);
                    }

                    start = i + 1;
                    break;
            }
        }
    }

    private static CodeMember Measure(string text, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        var header = text[start..Math.Min(end, start + 80)].Split('\n')[0].Trim();
        return new CodeMember(LineOf(text, start), LineOf(text, end) - LineOf(text, start) + 1, header);
    }

    private static int LineOf(string text, int position) => text.AsSpan(0, position).Count('\n') + 1;

    private static bool IsType(string header) =>
        header.Split(" where ")[0].Split([' ', '\n', '(', '<', ':'], StringSplitOptions.RemoveEmptyEntries).Intersect(TypeWords).Any();

    /// <summary>True for a field with an initializer, which is a table and not a function: "=" comes before any body.</summary>
    private static bool IsField(string header)
    {
        var depth = 0;
        for (var i = 0; i < header.Length; i++)
        {
            depth += header[i] is '(' or '[' ? 1 : header[i] is ')' or ']' ? -1 : 0;
            if (depth == 0 && (header[i] is '=' or '{'))
            {
                return header[i] == '=' && (i + 1 == header.Length || header[i + 1] != '>');
            }
        }

        return false;
    }

    /// <summary>Where the comment, string or character literal that begins at <paramref name="i"/> ends; i if none does.</summary>
    private static int EndOfTrivia(string s, int i)
    {
        if (s.AsSpan(i).StartsWith("//"))
        {
            return End(s, s.IndexOf('\n', i), 0);
        }

        if (s.AsSpan(i).StartsWith("/*"))
        {
            return End(s, s.IndexOf("*/", i, StringComparison.Ordinal), 2);
        }

        if (s[i] == '\'')
        {
            return End(s, s.IndexOf('\'', s[i + 1] == '\\' ? i + 3 : i + 2), 1);
        }

        var prefix = s[i..].TakeWhile(c => c is '$' or '@').Count();
        return i + prefix < s.Length && s[i + prefix] == '"' ? EndOfString(s, i, prefix) : i;
    }

    private static int EndOfString(string s, int i, int prefix)
    {
        var (dollars, verbatim) = (s[i..(i + prefix)].Count(c => c == '$'), s[i..(i + prefix)].Contains('@', StringComparison.Ordinal));
        var open = i + prefix;
        var quotes = s[open..].TakeWhile(c => c == '"').Count();
        if (quotes >= 3)
        {
            return End(s, s.IndexOf(new string('"', quotes), open + quotes, StringComparison.Ordinal), quotes);
        }

        for (var at = open + 1; at < s.Length; at++)
        {
            switch (s[at])
            {
                case '\\' when !verbatim:
                    at++;
                    break;
                case '"' when verbatim && at + 1 < s.Length && s[at + 1] == '"':
                    at++;
                    break;
                case '"':
                    return at + 1;
                case '{' when dollars > 0 && s[at + 1] == '{':
                    at++;
                    break;
                case '{' when dollars > 0:
                    at = EndOfHole(s, at);
                    break;
            }
        }

        return s.Length;
    }

    /// <summary>Position of the brace that closes the hole of an interpolated string; strings may stand in it.</summary>
    private static int EndOfHole(string s, int i)
    {
        for (var depth = 0; i < s.Length; i++)
        {
            depth += s[i] == '{' ? 1 : s[i] == '}' ? -1 : 0;
            if (depth == 0)
            {
                return i;
            }

            i = Math.Max(i, EndOfTrivia(s, i) - 1);
        }

        return s.Length;
    }

    private static int End(string s, int found, int length) => found < 0 ? s.Length : found + length;
}
