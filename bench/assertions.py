"""Assertions on one node: durable ingest in batches, single posts, reads through lenses. bench/README.md says how to read it."""
import argparse, gc, itertools, json, os, random, selectors, shutil, signal, subprocess, sys, tempfile, threading, time

from http_link import Link, request
from kv import free_port

LENSES = ["recency", "confidence", "consensus", "vote", "authority", "skeptic", "layered", "all"]
LAUNCHED = "artifacts/launcher/current/trefoil"
CANDIDATES = 100
IN_FLIGHT = 64
WARM_UP = 300  # reads of each lens that are not timed
INGEST_BAR, READ_BAR_MS = 30000, 5.0


def arguments():
    parser = argparse.ArgumentParser(prog="./build.sh bench assertions")
    parser.add_argument("count", nargs="?", type=int, default=1000000, help="assertions to store, a multiple of 100 (1000000)")
    parser.add_argument("--batch", type=int, default=5000, help="lines of a batch, at most 10000 (5000)")
    parser.add_argument("--connections", type=int, default=4, help="batches under way at a time (4)")
    parser.add_argument("--singles", type=int, default=50000, help="assertions posted one by one (50000)")
    parser.add_argument("--reads", type=int, default=8000, help="timed reads, an eighth through each lens (8000)")
    parser.add_argument("--program", default=LAUNCHED, help="what is measured, if not the launcher's build")
    options = parser.parse_args()
    if options.count <= 0 or options.count % CANDIDATES or not 0 < options.batch <= 10000:
        parser.error("count must be a multiple of 100, and a batch have 1 to 10000 lines")
    return options


class Node:
    """One node with fsync before every answer, as shipped."""

    def __init__(self, program, folder):
        self.folder, self.process, base = folder, None, free_port()
        self.port = base + 1
        self.command = [program, "serve", "--assertions", "true", "--data-dir", os.path.join(folder, "data")]
        for offset, key in enumerate(["resp-port", "api-port", "gateway-port", "rpc-port", "swim-port", "line-protocol-port"]):
            self.command += ["--" + key, str(base + offset)]

    def start(self):
        """Starts it; returns the seconds until it answers a query."""
        began = time.monotonic()
        with open(os.path.join(self.folder, "log"), "a") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=subprocess.STDOUT)
        while True:
            if self.process.poll() is not None:
                with open(os.path.join(self.folder, "log")) as log:
                    sys.exit("the node ended:\n" + "".join(log.readlines()[-20:]))
            try:
                if Link(self.port).call(b"GET", b"/v1/query?subject=none")[0] == 200:
                    return time.monotonic() - began
            except OSError:
                pass
            time.sleep(0.005)

    def stop(self, sig=signal.SIGTERM):
        if self.process is not None:
            self.process.send_signal(sig)
            self.process.wait(60)
            self.process = None

    def status(self, field):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith(field))

    def seconds(self):
        """Processor time spent, all threads."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def metric(self, name):
        text = Link(self.port).call(b"GET", b"/metrics")[1].decode()
        return next(int(float(line.split()[1])) for line in text.splitlines() if line.startswith(name + " "))

    def disk(self, directory):
        """MiB allocated below a directory of the data directory."""
        found = os.walk(os.path.join(self.folder, "data", directory))
        return sum(os.stat(os.path.join(at, name)).st_blocks * 512 for at, _, names in found for name in names) / 2**20


def assertion(n, subjects):
    """The n-th of them all. Neighbours are of different subjects, so the candidates of a key arrive far apart; each key has 100, of
    50 agents, in 7 groups and all 6 tiers."""
    subject, turn = n % subjects, n // subjects
    return (b'{"subject":"drug/d%07d/safety","predicate":"causes","object":{"type":"Text","value":"effect number %d"},"confidence":0.%02d,'
            b'"sourceClass":%d,"sourceUri":"https://example.org/study/%09d","agent":"%064x","assertedAt":%d}') % (
        subject, turn % 7, 50 + turn % 50, turn % 6, n, 1 + turn % 50, 1700000000000 + n)


def ingest(node, options):
    """Posts batches over some connections at once until all are stored; returns how often a batch had to be sent again."""
    subjects, firsts, again, failures = options.count // CANDIDATES, itertools.count(0, options.batch), [], []

    def work():
        link = Link(node.port)
        while not failures and (first := next(firsts)) < options.count:
            last = min(first + options.batch, options.count)
            body = b"\n".join([assertion(n, subjects) for n in range(first, last)])
            while (answer := link.call(b"POST", b"/v1/assertions:batch", body))[0] == 503:
                again.append(first)
            if answer[0] != 200 or answer[1].count(b'"status":201') != last - first:
                failures.append(f"a batch was answered {answer[0]}: {answer[1][:300]}")

    workers = [threading.Thread(target=work) for _ in range(options.connections)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failures:
        sys.exit(failures[0])
    return len(again)


def singles(node, count):
    """Posts one by one, 64 under way on 64 connections; returns the seconds each took."""
    poll, begun, sent, times = selectors.DefaultSelector(), {}, 0, []

    def post(link):
        nonlocal sent
        body = b'{"subject":"single/s%d","predicate":"is","object":{"type":"Integer","value":%d},"confidence":0.9}' % (sent, sent)
        sent += 1
        begun[link] = time.perf_counter()
        link.send(request(b"POST", b"/v1/assertions", body))

    for _ in range(min(IN_FLIGHT, count)):
        link = Link(node.port)
        poll.register(link, selectors.EVENT_READ)
        post(link)
    while len(times) < count:
        for key, _ in poll.select():
            answer = key.fileobj.arrive()
            if answer is None:
                continue
            times.append(time.perf_counter() - begun[key.fileobj])
            if answer[0] != 201:
                sys.exit(f"a post was answered {answer[0]}: {answer[1][:300]}")
            if sent < count:
                post(key.fileobj)
    return times


def reads(node, options):
    """Reads one key of 100 candidates at a time, keys at random; returns the ms of each read by lens."""
    link, draw, subjects = Link(node.port), random.Random(8), options.count // CANDIDATES
    times = {lens: [] for lens in LENSES}
    gc.disable()
    for turn in range((WARM_UP + options.reads // len(LENSES)) * len(LENSES)):
        lens = LENSES[turn % len(LENSES)]
        target = b"/v1/query?subject=drug/d%07d/safety&predicate=causes&lens=%s" % (draw.randrange(subjects), lens.encode())
        began = time.perf_counter()
        status, body = link.call(b"GET", target)
        took = time.perf_counter() - began
        if status != 200 or b'"candidates":%d' % CANDIDATES not in body:
            sys.exit(f"{target.decode()} was answered {status}: {body[:300]}")
        if turn >= WARM_UP * len(LENSES):
            times[lens].append(took * 1000)
    gc.enable()
    return times


def at(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def measure(node, options):
    """Everything in its order, on a node that is empty; the figures by name."""
    figures = {"cores": os.cpu_count(), "load before": os.getloadavg()[0], "rss empty MiB": node.status("VmRSS:")}
    began, spent, own = time.perf_counter(), node.seconds(), time.process_time()
    figures["batches sent again"] = ingest(node, options)
    took = time.perf_counter() - began
    figures |= {
        "ingest per s": options.count / took, "ingest s": took,
        "ingest server us": (node.seconds() - spent) / options.count * 1e6, "ingest client us": (time.process_time() - own) / options.count * 1e6,
        "rss MiB": node.status("VmRSS:"), "rss peak MiB": node.status("VmHWM:"),
        "db MiB": node.disk("db/assertions"), "wal MiB": node.disk("wal/assertions"),
    }
    print(f"{options.count} stored in {took:.1f} s", flush=True)
    lens_times = reads(node, options)
    every = [took for times in lens_times.values() for took in times]
    figures |= {"read p50 ms": at(every, 0.5), "read p99 ms": at(every, 0.99), "read max ms": max(every)}
    figures["by lens"] = {lens: {"p50 ms": at(times, 0.5), "p99 ms": at(times, 0.99)} for lens, times in lens_times.items()}
    commits, began, spent = node.metric("trefoil_assertions_commits_total"), time.perf_counter(), node.seconds()
    times = singles(node, options.singles)
    took = time.perf_counter() - began
    figures |= {
        "singles per s": options.singles / took, "singles p50 ms": at(times, 0.5) * 1000, "singles p99 ms": at(times, 0.99) * 1000,
        "singles server us": (node.seconds() - spent) / options.singles * 1e6,
        "singles per commit": options.singles / (node.metric("trefoil_assertions_commits_total") - commits),
    }
    node.stop(signal.SIGKILL)
    figures["restart after kill s"] = node.start()
    kept, expected = node.metric("trefoil_assertions_claims"), options.count + options.singles
    if kept != expected:
        sys.exit(f"{expected} were acknowledged, {kept} are there after kill -9")
    figures["load after"] = os.getloadavg()[0]
    return figures


def report(options, found):
    print(f"""
one node, {options.count} assertions stored, {options.count // CANDIDATES} keys of {CANDIDATES} candidates; load {found['load before']:.1f} before, {found['load after']:.1f} after
what                                                    measured  bar
durable ingest, batches of {options.batch:<5} over {options.connections}, per s     {found['ingest per s']:12.0f}  >= {INGEST_BAR}
  processor us per assertion, server / this client  {found['ingest server us']:6.1f} / {found['ingest client us']:.1f}; {found['batches sent again']} batches sent again (503)
single posts, {IN_FLIGHT} in flight, per s                    {found['singles per s']:12.0f}
  p50 / p99 ms                                      {found['singles p50 ms']:6.2f} / {found['singles p99 ms']:.2f}
  posts per commit, processor us of the server      {found['singles per commit']:6.1f} / {found['singles server us']:.1f}
read of {CANDIDATES} candidates, all lenses, p50 / p99 ms    {found['read p50 ms']:6.2f} / {found['read p99 ms']:.2f}  p99 <= {READ_BAR_MS:.0f}""")
    for lens, times in found["by lens"].items():
        print(f"  {lens:<48}{times['p50 ms']:8.2f} / {times['p99 ms']:.2f}")
    print(f"""memory after the ingest, MiB: RSS / peak / empty    {found['rss MiB']:6.0f} / {found['rss peak MiB']:.0f} / {found['rss empty MiB']:.0f}
disk after the ingest, MiB: db / log                {found['db MiB']:6.0f} / {found['wal MiB']:.0f}
restart after kill -9, all there, s                 {found['restart after kill s']:6.2f}""")
    os.makedirs("bench/results", exist_ok=True)
    path = time.strftime("bench/results/assertions-%Y%m%d-%H%M%S.json")
    with open(path, "w") as out:
        json.dump({"options": vars(options), "figures": found}, out, indent=1)
    print(f"raw numbers in {path}")


def main():
    options = arguments()
    if options.program == LAUNCHED:
        subprocess.run(["./trefoil", "--version"], capture_output=True)  # builds on first use
    folder = tempfile.mkdtemp(prefix="trefoil-bench-")
    node = Node(options.program, folder)
    try:
        node.start()
        report(options, measure(node, options))
    finally:
        node.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
