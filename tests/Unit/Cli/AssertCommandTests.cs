using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Trefoil.Cli;
using Trefoil.Cli.Assert;
using Xunit;

namespace Trefoil.Unit.Cli;

public sealed class AssertCommandTests
{
    private const string Claim = """{"id":"IDIDID","subject":"drug/aspirin","predicate":"treats","object":{"type":"Text","value":"pain"},"confidence":0.9}""";

    [Fact]
    public void A_table_has_a_row_per_answer_and_below_it_one_per_value()
    {
        var answer = Json("""
            {"subject":"drug/aspirin","predicate":"treats","lens":"skeptic","winner":{"assertion":CLAIM,"tier":"Expert","state":"Proposed","confidence":0.9},"candidates":2,"confidence":0.9,"conflict":0.988699,
            "verdict":"Contested","groups":[{"object":{"type":"Text","value":"pain"},"share":0.5625,"weight":0.9,"agents":1,"claims":1,"speaker":"A"},{"object":{"type":"Integer","value":7},"share":0.4375,"weight":0.7,"agents":1,"claims":1,"speaker":"B"}]}
            """);

        Assert.Equal(
        [
            "drug/aspirin|treats|\"pain\"|0.9|Expert|2|0.988699|Contested|IDIDID",
            "|  value|\"pain\"|0.9||1||56.3 %, agents 1|A",
            "|  value|7|0.7||1||43.8 %, agents 1|B",
        ], AnswerText.Rows(answer).Select(row => string.Join('|', row)));
    }

    [Fact]
    public void All_claims_are_a_row_each_and_no_claim_is_a_dash()
    {
        var all = Json("""{"subject":"s","predicate":"p","lens":"all","winner":{"assertion":CLAIM},"candidates":2,"claims":[{"assertion":CLAIM,"tier":"Expert","state":"Proposed","confidence":0.4},{"assertion":CLAIM,"tier":"Community","state":"Approved","confidence":0.3}]}""");
        var none = Json("""{"subject":"s","predicate":"p","lens":"recency","winner":null,"candidates":0,"confidence":0,"conflict":0}""");

        Assert.Equal(
            ["s|p|\"pain\"|0.4|Expert|||Proposed|IDIDID", "|  claim|\"pain\"|0.3|Community|||Approved|IDIDID", "s|p|-|0||0|0||"],
            AnswerText.Rows(all).Concat(AnswerText.Rows(none)).Select(row => string.Join('|', row)));
    }

    [Fact]
    public void An_explanation_names_the_rule_and_the_claims()
    {
        var answer = Json("""
            {"subject":"drug/aspirin","predicate":"treats","lens":"authority","winner":{"assertion":CLAIM},"candidates":2,"confidence":0.9,"conflict":0.5,"verdict":"Contested",
            "explain":{"decisions":[{"about":"claim","rule":"authority","because":"its confidence, tier weight and trust have the higher product","ids":["IDIDID","B"],"scores":[0.9,0.45]}],
            "excluded":[{"id":"C","reason":"retracted"}]}}
            """);

        Assert.Equal("""
            drug/aspirin treats: "pain"
              lens authority, 2 claims, confidence 0.9, conflict 0.5 (Contested)
              the claim: its confidence, tier weight and trust have the higher product (rule authority)
                this   IDIDID  0.9  "pain"
                not    B  0.45
              not counted
                C  retracted

            """.ReplaceLineEndings("\n"), ExplainText.Of(answer));
    }

    [Fact]
    public void What_strangers_wrote_does_not_move_the_cursor()
    {
        Assert.Equal("a\\u001b[2Jb\\u202ec", Screen.Safe("a\u001b[2Jb\u202ec"));
        Assert.Equal(Screen.MaxValue + 2, Screen.Value(Json($$"""{"type":"Text","value":"{{new string('x', 1000)}}"}""")).Length);
    }

    [Fact]
    public async Task Lines_are_the_bytes_they_are_and_one_that_is_too_long_is_skipped()
    {
        byte[] file = [.. "one\r\n\n"u8, 0xFF, .. "\n"u8, .. Enumerable.Repeat((byte)'x', LineReader.MaxLine + 1), .. "\nlast"u8];
        var reader = new LineReader(new MemoryStream(file));

        var lines = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken) is (true, var line))
        {
            lines.Add(line is null ? "(too long)" : Encoding.Latin1.GetString(line));
        }

        Assert.Equal(["one", "", "\u00ff", "(too long)", "last"], lines);
        Assert.Equal(file.Length, reader.BytesRead);
    }

    [Fact]
    public async Task A_feed_is_read_event_by_event_and_a_cut_one_is_not()
    {
        const string Feed = ": a feed\nretry: 2000\n\nid: 7\nevent: vote\ndata: {\"id\":\"A\",\"agent\":\"K\",\"value\":0.5}\n\n:\n\nid: 8\nevent: claim\ndata: {\"id\"";

        var events = new List<FeedEvent>();
        await foreach (var record in FeedReader.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(Feed)), TestContext.Current.CancellationToken))
        {
            events.Add(record);
        }

        Assert.Equal([7, 0], events.Select(record => (int)record.Arrival));
        Assert.Equal("       7  vote        A  0.5 by K", FeedVerbs.Line(events[0]));
    }

    [Fact]
    public void A_refused_line_is_named_as_compilers_do() => Assert.Equal(
        "f.ndjson:3: confidence_out_of_range (/confidence): this is 1.1.",
        ImportVerb.Text("f.ndjson", new RefusedLine(3, Problem.Read(Encoding.UTF8.GetBytes("""{"code":"confidence_out_of_range","field":"/confidence","detail":"this is 1.1"}"""))!)));

    [Fact]
    public async Task Where_no_node_is_it_says_what_to_do_and_exits_3()
    {
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound and not listening: nobody else can answer there
        var url = $"http://127.0.0.1:{((IPEndPoint)closed.LocalEndPoint!).Port}";
        foreach (var verb in (string[])["get 00", "query", "explain", "export", "watch", "put --subject a --predicate b --value c --confidence 1"])
        {
            using var output = new StringWriter();
            using var error = new StringWriter();
            var code = await CommandLine.RunAsync(["assert", .. verb.Split(' '), "--url", url], output, error);

            Assert.Equal((3, ""), (code, output.ToString()));
            Assert.StartsWith($"trefoil: no node answers at {url}: Connection refused.", error.ToString(), StringComparison.Ordinal);
            Assert.Contains("--url names another", error.ToString(), StringComparison.Ordinal);
        }
    }

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text.Replace("CLAIM", Claim, StringComparison.Ordinal));
        return document.RootElement.Clone();
    }
}
