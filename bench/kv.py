"""redis-server and Trefoil in turn under redis-benchmark: medians, ratios, raw numbers. bench/README.md says how to read it."""
import argparse, json, os, platform, shutil, socket, statistics, subprocess, sys, tempfile, time

CLIENTS, KEYS = 50, 1000000
REQUESTS = {1: 100000, 16: 1000000, 64: 2000000}
LOG_BARS = {"SET": {1: 1.0, 16: 1.0, 64: 1.0}}  # append-only, synced every second
BARS = {"SET": {1: 1.0, 16: 1.3, 64: 1.5}, "GET": {1: 1.0, 16: 1.05, 64: 1.2}}


def arguments():
    parser = argparse.ArgumentParser(prog="./build.sh bench kv")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", default="16,256", help="value sizes in bytes")
    parser.add_argument("--pipelines", default="1,16,64")
    parser.add_argument("--tests", default="SET,GET,INCR,HSET,MSET")
    parser.add_argument("--scale", type=float, default=1.0, help="factor on the number of requests")
    parser.add_argument("--log", default="off", choices=["off", "everysec", "always"], help="append-only log of both servers")
    parser.add_argument("--trefoil", default="", help="command that serves on PORT (in the text) instead of ./trefoil serve")
    return parser.parse_args()


def free_port():
    for port in range(20100, 20900):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) and all_free(port):
                return port
    sys.exit("no free port")


def all_free(base):
    """A Trefoil node listens on more than its RESP port; the bench gives it base..base+5."""
    for port in range(base, base + 6):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def call(port, *words):
    result = subprocess.run(["redis-cli", "-p", str(port), *words], capture_output=True, text=True)
    return result.stdout.strip()


class Server:
    def __init__(self, name, command, port, folder):
        self.name, self.port, self.log = name, port, open(os.path.join(folder, name + ".log"), "w")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT, cwd=folder if name == "redis" else None)
        self.wait("PONG", "ping")
        if "cluster_slots_assigned:16384" not in call(port, "cluster", "info"):
            answer = call(port, "cluster", "addslotsrange", "0", "16383")
            if answer != "OK":
                sys.exit(f"{name}: ADDSLOTSRANGE said {answer}")
        self.wait("cluster_state:ok", "cluster", "info")

    def wait(self, expected, *words):
        end = time.time() + 60
        while expected not in call(self.port, *words):
            if time.time() > end or self.process.poll() is not None:
                sys.exit(f"{self.name} did not start: see {self.log.name}")
            time.sleep(0.1)

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def log_policy(options):
    return "everysec" if options.log == "off" else options.log


def start(options, folder):
    redis, trefoil = free_port(), None
    servers = [Server("redis", ["redis-server", "--port", str(redis), "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--save", "",
                                "--appendonly", "no" if options.log == "off" else "yes", "--appendfsync", log_policy(options), "--dir", folder], redis, folder)]
    port = free_port()
    if options.trefoil:
        command = options.trefoil.replace("PORT", str(port)).split()
    else:
        command = ["./trefoil", "serve", "--assertions", "false", "--data-dir", os.path.join(folder, "trefoil"), "--save", "",
                   "--appendonly", str(options.log != "off").lower(), "--appendfsync", log_policy(options)]
        for offset, key in enumerate(["resp-port", "api-port", "gateway-port", "rpc-port", "swim-port", "line-protocol-port"]):
            command += ["--" + key, str(port + offset)]
    servers.append(Server("trefoil", command, port, folder))
    return servers


def run(server, test, pipeline, size, scale):
    requests = max(1000, int(REQUESTS.get(pipeline, 1000000) * scale / (5 if test == "MSET" else 1)))
    before = server.cpu()
    command = ["redis-benchmark", "-p", str(server.port), "-n", str(requests), "-c", str(CLIENTS), "-P", str(pipeline), "-r", str(KEYS), "-d", str(size), "--csv"]
    # redis-benchmark's own MSET draws ten keys of ten slots, which no cluster takes, and its --cluster wants two nodes: the same with a tag.
    command += ["mset"] + ["key:{mset}:__rand_int__", "x" * size] * 10 if test == "MSET" else ["-t", test.lower()]
    output = subprocess.run(command, capture_output=True, text=True)
    lines = output.stdout.strip().splitlines()
    if len(lines) < 2:
        sys.exit(f"redis-benchmark against {server.name}: {output.stdout}{output.stderr}")
    fields = lines[-1].strip().rsplit('","', 7)  # the first field, the command, may hold anything
    return {"server": server.name, "test": test, "pipeline": pipeline, "size": size, "requests": requests, "rps": float(fields[1]),
            "p50_ms": float(fields[4]), "p99_ms": float(fields[6]), "cpu_us_per_request": (server.cpu() - before) / requests * 1e6}


def main():
    options = arguments()
    folder = tempfile.mkdtemp(prefix="trefoil-bench-")
    raw, servers = [], []
    try:
        servers = start(options, folder)
        print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {call(servers[0].port, 'info', 'server').splitlines()[1]}", flush=True)
        for server in servers:  # one untimed pass: the JIT compiles, the key space fills
            for test in options.tests.split(","):
                run(server, test, 16, 16, options.scale)
        for turn in range(options.rounds):
            for size in map(int, options.sizes.split(",")):
                for pipeline in map(int, options.pipelines.split(",")):
                    for test in options.tests.split(","):
                        for server in servers if turn % 2 == 0 else reversed(servers):
                            raw.append({"round": turn, **run(server, test, pipeline, size, options.scale)})
            print(f"round {turn + 1} of {options.rounds} done, load {os.getloadavg()[0]:.1f}", flush=True)
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    report(options, raw)


def report(options, raw):
    print(f"\n{'test':5} {'bytes':>5} {'-P':>3} {'redis/s':>10} {'trefoil/s':>10} {'ratio':>6} {'bar':>5} {'cpu µs':>13} {'p99 ms':>13}")
    missed, rows = 0, []
    for size in map(int, options.sizes.split(",")):
        for test in options.tests.split(","):
            for pipeline in map(int, options.pipelines.split(",")):
                def median(server, field):
                    return statistics.median(entry[field] for entry in raw if (entry["server"], entry["test"], entry["pipeline"], entry["size"]) == (server, test, pipeline, size))
                ratio = median("trefoil", "rps") / median("redis", "rps")
                bar = {"off": BARS, "everysec": LOG_BARS}.get(options.log, {}).get(test, {}).get(pipeline)
                missed += bar is not None and ratio < bar
                rows.append({"test": test, "size": size, "pipeline": pipeline, "redis_rps": median("redis", "rps"), "trefoil_rps": median("trefoil", "rps"), "ratio": ratio, "bar": bar})
                print(f"{test:5} {size:5} {pipeline:3} {median('redis', 'rps'):10.0f} {median('trefoil', 'rps'):10.0f} {ratio:6.2f} {bar or '':>5} "
                      f"{median('redis', 'cpu_us_per_request'):6.2f}/{median('trefoil', 'cpu_us_per_request'):<6.2f} {median('redis', 'p99_ms'):6.2f}/{median('trefoil', 'p99_ms'):<6.2f}")
    os.makedirs("bench/results", exist_ok=True)
    path = time.strftime("bench/results/kv-%Y%m%d-%H%M%S.json")
    with open(path, "w") as out:
        json.dump({"options": vars(options), "cores": os.cpu_count(), "medians": rows, "runs": raw}, out, indent=1)
    print(f"\n{missed} below their bar; raw numbers in {path}")


if __name__ == "__main__":
    main()
