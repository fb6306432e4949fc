"""How many topology commands per second one client gets committed, one after the other, on three local voters.

Every command is a Raft commit with an fsync on a majority, and the node that was asked shows it before it answers.
redis-cli's reshard and rebalance do just this: 21 600 SETSLOT one after another. The bar is 1000 per second.
"""
import argparse
import json
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

BAR = 1000
WARM_UP = 2000  # commands per line of the table: until then the compiler is at work beside the nodes
ROOT = pathlib.Path(__file__).resolve().parent.parent


class Node:
    """One connection, one command at a time."""

    def __init__(self, port):
        self.port = port
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb")

    def call(self, *words):
        parts = [f"*{len(words)}\r\n"] + [f"${len(w)}\r\n{w}\r\n" for w in map(str, words)]
        self.socket.sendall("".join(parts).encode())
        line = self.stream.readline().decode().rstrip()
        if line.startswith("-"):
            sys.exit(f"{' '.join(map(str, words))} to port {self.port}: {line}")
        if line.startswith("$"):
            return self.stream.read(int(line[1:]) + 2)[:-2].decode()
        return line[1:]


def commands(kind, ids):
    """An endless run of commands of one kind, each of which changes the topology."""
    turn = 0
    while True:
        slot = turn // 2 % 1000
        if kind == "SETSLOT NODE":  # slots of the first node go to the second and come back
            yield "CLUSTER", "SETSLOT", slot, "NODE", ids[(turn + 1) % 2]
        else:
            yield "CLUSTER", "DELSLOTS" if turn % 2 == 0 else "ADDSLOTS", slot
        turn += 1


def measure(node, kind, ids, seconds):
    run = commands(kind, ids)
    for _ in range(WARM_UP):
        node.call(*next(run))
    times = []
    end = time.perf_counter() + seconds
    begin = time.perf_counter()
    while begin < end or len(times) % 2:  # whole pairs: every slot is owned again at the end
        command = next(run)
        before = time.perf_counter()
        node.call(*command)
        begin = time.perf_counter()
        times.append(begin - before)
    cuts = statistics.quantiles(times, n=100)
    return {"commands_per_second": len(times) / sum(times), "p50_ms": cuts[49] * 1000, "p99_ms": cuts[98] * 1000, "commands": len(times)}


def trefoil(*arguments):
    run = subprocess.run([ROOT / "trefoil", *arguments], stdout=subprocess.PIPE, text=True)
    if run.returncode != 0:
        sys.exit(f"trefoil {' '.join(map(str, arguments))} failed")
    return run.stdout


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seconds", type=float, default=5, help="per line of the table (default: 5)")
    seconds = options.parse_args().seconds
    with tempfile.TemporaryDirectory(prefix="trefoil-bench-") as directory:
        up = trefoil("local", "up", "--nodes", "3", "--dir", directory)
        try:
            base = int(up.split("base port ")[1].split()[0])
            nodes = [Node(base + i) for i in (1, 2, 3)]
            ids = [n.call("CLUSTER", "MYID") for n in nodes]
            roles = ["leader" if "raft_role:leader" in n.call("INFO", "raft") else "follower" for n in nodes]
            asked = {role: nodes[roles.index(role)] for role in ("leader", "follower")}
            results = []
            print(f"{'command':<20} {'asked':<9} {'per second':>11} {'p50 ms':>8} {'p99 ms':>8}")
            for kind in ("SETSLOT NODE", "DELSLOTS ADDSLOTS"):
                for role, node in asked.items():
                    owners = [ids[0], ids[1]] if kind == "SETSLOT NODE" else None
                    line = measure(node, kind, owners, seconds)
                    results.append({"command": kind, "asked": role, **line})
                    print(f"{kind:<20} {role:<9} {line['commands_per_second']:>11.0f} {line['p50_ms']:>8.2f} {line['p99_ms']:>8.2f}")
        finally:
            trefoil("local", "down", "--dir", directory)
    folder = ROOT / "bench" / "results"
    folder.mkdir(exist_ok=True)
    file = folder / f"topology-{time.strftime('%Y%m%d-%H%M%S')}.json"
    file.write_text(json.dumps(results, indent=2) + "\n")
    slowest = min(r["commands_per_second"] for r in results)
    verdict = "met" if slowest >= BAR else "MISSED"
    print(f"sequential topology commands on three voters: {slowest:.0f}/s at the slowest, bar {BAR}/s {verdict}; raw numbers in {file.relative_to(ROOT)}")


main()
