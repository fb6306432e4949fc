using System.Globalization;
using System.Text;

namespace Trefoil.Assertions.Http;

/// <summary>Requests by method, route and status, and how long they took. Labels are the routes there are, so their number is bounded.</summary>
internal sealed class RequestMetrics
{
    private const string Requests = "trefoil_http_requests_total";
    private const string Duration = "trefoil_http_request_duration_seconds";
    private static readonly double[] Bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
    private static readonly string[] Methods = ["GET", "HEAD", "POST"];
    private readonly Lock _gate = new();
    private readonly SortedDictionary<(string Route, string Method, int Status), long> _counts = [];
    private readonly SortedDictionary<string, Histogram> _durations = new(StringComparer.Ordinal);

    public void Observe(string method, string route, int status, TimeSpan took)
    {
        method = Methods.Contains(method) ? method : "other";
        lock (_gate)
        {
            _counts[(route, method, status)] = _counts.GetValueOrDefault((route, method, status)) + 1;
            if (!_durations.TryGetValue(route, out var histogram))
            {
                _durations[route] = histogram = new Histogram();
            }

            histogram.Observe(took.TotalSeconds);
        }
    }

    public void Write(StringBuilder text)
    {
        lock (_gate)
        {
            if (_counts.Count == 0)
            {
                return;
            }

            ApiMetrics.Head(text, Requests, "counter", "HTTP requests answered.");
            foreach (var ((route, method, status), count) in _counts)
            {
                text.Append(CultureInfo.InvariantCulture, $"{Requests}{{route=\"{route}\",method=\"{method}\",status=\"{status}\"}} {count}\n");
            }

            ApiMetrics.Head(text, Duration, "histogram", "From the request's head to the end of the answer.");
            foreach (var (route, histogram) in _durations)
            {
                histogram.Write(text, route);
            }
        }
    }

    private sealed class Histogram
    {
        private readonly long[] _buckets = new long[Bounds.Length + 1];
        private double _sum;

        public void Observe(double seconds)
        {
            var at = Array.FindIndex(Bounds, bound => seconds <= bound);
            _buckets[at < 0 ? Bounds.Length : at]++;
            _sum += seconds;
        }

        public void Write(StringBuilder text, string route)
        {
            var count = 0L;
            for (var i = 0; i <= Bounds.Length; i++)
            {
                count += _buckets[i];
                var bound = i < Bounds.Length ? Bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                text.Append(CultureInfo.InvariantCulture, $"{Duration}_bucket{{route=\"{route}\",le=\"{bound}\"}} {count}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"{Duration}_sum{{route=\"{route}\"}} {_sum:R}\n");
            text.Append(CultureInfo.InvariantCulture, $"{Duration}_count{{route=\"{route}\"}} {count}\n");
        }
    }
}
