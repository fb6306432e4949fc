"""redis-server and Trefoil as caches of one size on one Zipf trace: hit ratio per policy. bench/README.md says how to read it."""
import argparse, itertools, json, os, random, shutil, socket, subprocess, sys, tempfile, time

from kv import call, start

BAR = 3.0  # points that Trefoil may be worse


def arguments():
    parser = argparse.ArgumentParser(prog="./build.sh bench eviction")
    parser.add_argument("--policies", default="allkeys-lru,allkeys-lfu,allkeys-random")
    parser.add_argument("--requests", type=int, default=1500000, help="the first half warms, the second is measured")
    parser.add_argument("--keys", type=int, default=400000, help="different keys that are asked for")
    parser.add_argument("--skew", type=float, default=0.9, help="exponent of the Zipf distribution")
    parser.add_argument("--memory", type=int, default=24, help="maxmemory of both, MiB")
    parser.add_argument("--size", type=int, default=128, help="bytes of a value")
    parser.add_argument("--shift", type=float, default=0.25, help="part of the keys whose popularity changes at the half: a trace that ages")
    parser.add_argument("--seed", type=int, default=1)
    parser.set_defaults(log="off", trefoil="")
    return parser.parse_args()


class Cache:
    """One client that asks, and stores what it did not find."""

    def __init__(self, server, value):
        self.server, self.value = server, b"$%d\r\n%s\r\n" % (len(value), value)
        self.link = socket.create_connection(("127.0.0.1", server.port))
        self.input = self.link.makefile("rb", 1 << 18)
        self.hits = self.asked = 0

    def configure(self, policy, memory):
        for words in (["flushall"], ["config", "resetstat"], ["config", "set", "maxmemory", str(memory)], ["config", "set", "maxmemory-policy", policy]):
            if call(self.server.port, *words) != "OK":
                sys.exit(f"{self.server.name} does not take {words}")
        self.hits = self.asked = 0

    def ask(self, keys):
        self.link.sendall(b"".join([b"*2\r\n$3\r\nGET\r\n$14\r\nitem:%09d\r\n" % key for key in keys]))
        missed = []
        for key in keys:
            if self.input.readline() == b"$-1\r\n":
                missed.append(key)
            else:
                self.input.read(len(self.value) - self.value.index(b"\n") - 1)
        self.asked += len(keys)
        self.hits += len(keys) - len(missed)
        self.link.sendall(b"".join([b"*3\r\n$3\r\nSET\r\n$14\r\nitem:%09d\r\n%s" % (key, self.value) for key in missed]))
        for _ in missed:
            if self.input.readline() != b"+OK\r\n":
                sys.exit(f"{self.server.name} refused a SET")

    def fields(self):
        lines = (call(self.server.port, "info", "memory") + "\n" + call(self.server.port, "info", "stats")).split("\n")
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def trace(options):
    """Batches of keys. Halfway a part of the popular ones changes places with unpopular ones, as the news of the day do."""
    draw = random.Random(options.seed)
    weights = list(itertools.accumulate(1 / rank ** options.skew for rank in range(1, options.keys + 1)))
    names = list(range(options.keys))
    draw.shuffle(names)
    batch, half = 100, options.requests // 2
    for asked in range(0, options.requests, batch):
        if asked == half - half % batch:
            moved = [rank for rank in range(options.keys) if draw.random() < options.shift]
            for rank, other in zip(moved, draw.sample(moved, len(moved))):
                names[rank], names[other] = names[other], names[rank]
        yield asked, [names[rank] for rank in draw.choices(range(options.keys), cum_weights=weights, k=batch)]


def run(options, caches, policy, memories):
    """The same batch to both, so that their clocks stand at the same second."""
    for cache, memory in zip(caches, memories):
        cache.configure(policy, memory)
    for asked, keys in trace(options):
        if asked * 2 == options.requests:
            for cache in caches:
                cache.hits = cache.asked = 0
        for cache in caches:
            cache.ask(keys)
    rows = []
    for cache in caches:
        fields = cache.fields()
        rows.append({"server": cache.server.name, "policy": policy, "hit_percent": 100.0 * cache.hits / cache.asked,
                     "keys": int(call(cache.server.port, "dbsize")), "used_memory": int(fields["used_memory"]),
                     "maxmemory": int(fields["maxmemory"]), "evicted_keys": int(fields["evicted_keys"])})
    return rows


def main():
    options = arguments()
    folder = tempfile.mkdtemp(prefix="trefoil-bench-")
    servers, rows = [], []
    memory = options.memory << 20
    subprocess.run(["./trefoil", "--version"], capture_output=True)  # builds on first use
    try:
        servers = start(options, folder)
        caches = [Cache(server, b"v" * options.size) for server in servers]
        print(f"{options.requests} requests for {options.keys} keys, Zipf {options.skew}, {options.size} bytes, maxmemory {options.memory} MiB\n")
        print(f"{'policy':16} {'at equal':10} {'redis keys':>10} {'hits %':>7} {'ours keys':>10} {'hits %':>7} {'points':>7}", flush=True)
        for policy in options.policies.split(","):
            equal = run(options, caches, policy, [memory, memory])
            show("memory", equal)
            # Ours holds more keys in the same memory: a second time with as many as Redis held, to compare the choice alone.
            per_key = equal[1]["used_memory"] / equal[1]["keys"]
            same = run(options, caches, policy, [memory, int(per_key * equal[0]["keys"])])
            show("keys", same)
            rows += [{"equal": "memory", **row} for row in equal] + [{"equal": "keys", **row} for row in same]
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    os.makedirs("bench/results", exist_ok=True)
    path = time.strftime("bench/results/eviction-%Y%m%d-%H%M%S.json")
    with open(path, "w") as out:
        json.dump({"options": vars(options), "runs": rows}, out, indent=1)
    print(f"\nraw numbers in {path}")


def show(what, rows):
    redis, ours = rows
    points = ours["hit_percent"] - redis["hit_percent"]
    print(f"{redis['policy']:16} {what:10} {redis['keys']:10} {redis['hit_percent']:7.2f} {ours['keys']:10} {ours['hit_percent']:7.2f} {points:+7.2f}"
          + ("" if points >= -BAR else "  below the bar"), flush=True)


if __name__ == "__main__":
    main()
