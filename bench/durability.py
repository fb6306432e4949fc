"""Memory per key and time to restart, redis-server and Trefoil in turn. bench/README.md says how to read it."""
import argparse, json, os, shutil, signal, socket, statistics, subprocess, sys, tempfile, time

from kv import call, free_port


def arguments():
    parser = argparse.ArgumentParser(prog="./build.sh bench durability")
    parser.add_argument("--keys", type=int, default=1000000)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


class Server:
    """A server that is started and killed over and over on the same directory and port."""

    def __init__(self, name, command, port):
        self.name, self.command, self.port, self.process = name, command, port, None

    def start(self, keys):
        """Starts it; returns the seconds until it answers with this many keys."""
        began = time.monotonic()
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        while True:
            if self.process.poll() is not None:
                sys.exit(f"{self.name} ended: {' '.join(self.command)}")
            try:
                with socket.create_connection(("127.0.0.1", self.port)) as link:
                    link.sendall(b"DBSIZE\r\n")
                    answer = link.recv(100)
                    if answer == b":%d\r\n" % keys:
                        return time.monotonic() - began
                    if answer.startswith(b":"):
                        sys.exit(f"{self.name} came back with {answer} keys instead of {keys}")
            except OSError:
                pass
            time.sleep(0.005)

    def own_slots(self):
        if "cluster_slots_assigned:16384" not in call(self.port, "cluster", "info"):
            call(self.port, "cluster", "addslotsrange", "0", "16383")
        while "cluster_state:ok" not in call(self.port, "cluster", "info"):
            time.sleep(0.05)

    def resident(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS:"))

    def stop(self, sig=signal.SIGKILL):
        if self.process is not None:
            self.process.send_signal(sig)
            self.process.wait(60)
            self.process = None


def load(port, keys):
    """SET of 16-byte keys with 64-byte values, in pipelines of 1000."""
    with socket.create_connection(("127.0.0.1", port)) as link:
        for first in range(0, keys, 1000):
            batch = b"".join(b"*3\r\n$3\r\nSET\r\n$16\r\nkey:%012d\r\n$64\r\n%064d\r\n" % (n, n) for n in range(first, min(first + 1000, keys)))
            link.sendall(batch)
            left = 5 * (min(first + 1000, keys) - first)
            while left > 0:
                received = link.recv(65536)
                if not received or b"-" in received:
                    sys.exit(f"loading: {received[:100]}")
                left -= len(received)


def redis(folder, port, log):
    return ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--dir", folder, "--save", "",
            "--appendonly", "yes" if log else "no", "--auto-aof-rewrite-percentage", "0"]


def trefoil(folder, port, log):
    command = ["artifacts/launcher/current/trefoil", "serve", "--assertions", "false", "--data-dir", folder, "--save", "", "--appendonly", str(log).lower()]
    for offset, key in enumerate(["resp-port", "api-port", "gateway-port", "rpc-port", "swim-port", "line-protocol-port"]):
        command += ["--" + key, str(port + offset)]
    return command


def wait_saved(port):
    while "rdb_bgsave_in_progress:1" in (info := call(port, "info", "persistence")) or "aof_rewrite_in_progress:1" in info:
        time.sleep(0.05)


def measure(name, make, folder, keys, results):
    port = free_port()
    shipped = os.path.join(folder, name)
    os.makedirs(shipped)
    server = Server(name, make(shipped, port, True), port)
    try:
        server.start(0)
        server.own_slots()
        before = server.resident()
        load(port, keys)
        time.sleep(2)
        results.append((name, "memory", (server.resident() - before) / keys))
        server.stop()
        results.append((name, "log", server.start(keys)))
        call(port, "config", "set", "auto-aof-rewrite-percentage", "0")
        call(port, "bgrewriteaof")
        wait_saved(port)
        server.stop()
        results.append((name, "rewritten", server.start(keys)))
    finally:
        server.stop()
    shutil.rmtree(shipped)


def snapshot(name, make, folder, keys, results):
    port = free_port()
    os.makedirs(os.path.join(folder, name))
    server = Server(name, make(os.path.join(folder, name), port, False), port)
    try:
        server.start(0)
        server.own_slots()
        load(port, keys)
        began = time.monotonic()
        call(port, "bgsave")
        wait_saved(port)
        results.append((name, "bgsave", time.monotonic() - began))
        server.stop()
        results.append((name, "snapshot", server.start(keys)))
    finally:
        server.stop()
    shutil.rmtree(os.path.join(folder, name))


def main():
    options = arguments()
    folder = tempfile.mkdtemp(prefix="trefoil-bench-")
    results = []
    subprocess.run(["./trefoil", "--version"], capture_output=True)  # builds on first use
    try:
        for turn in range(options.rounds):
            pair = [("redis", redis), ("trefoil", trefoil)]
            for name, make in pair if turn % 2 == 0 else reversed(pair):
                measure(name, make, folder, options.keys, results)
                snapshot(name, make, folder, options.keys, results)
            print(f"round {turn + 1} of {options.rounds} done, load {os.getloadavg()[0]:.1f}", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report(options, results)


TITLES = {"memory": "bytes of RSS per key", "log": "restart from the log, s", "rewritten": "restart from the rewritten log, s",
          "snapshot": "restart from a snapshot, s", "bgsave": "BGSAVE, s"}


def report(options, results):
    print(f"\n{options.keys} keys of 16 bytes with 64-byte values, medians of {options.rounds}")
    print(f"{'what':36} {'redis':>9} {'trefoil':>9} {'ratio':>6}  bar")
    for what, title in TITLES.items():
        mid = {name: statistics.median(value for n, w, value in results if (n, w) == (name, what)) for name in ("redis", "trefoil")}
        bar = "" if what == "bgsave" else "<= 1.0"
        print(f"{title:36} {mid['redis']:9.2f} {mid['trefoil']:9.2f} {mid['trefoil'] / mid['redis']:6.2f}  {bar}")
    os.makedirs("bench/results", exist_ok=True)
    path = time.strftime("bench/results/durability-%Y%m%d-%H%M%S.json")
    with open(path, "w") as out:
        json.dump({"options": vars(options), "cores": os.cpu_count(), "runs": results}, out, indent=1)
    print(f"raw numbers in {path}")


if __name__ == "__main__":
    main()
