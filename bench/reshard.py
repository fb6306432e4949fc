"""How long redis-cli needs to move slots between local nodes. bench/README.md says how to read it."""
import argparse, binascii, json, os, re, shutil, socket, subprocess, sys, tempfile, time

from kv import call


def arguments():
    parser = argparse.ArgumentParser(prog="./build.sh bench reshard")
    parser.add_argument("--keys", type=int, default=200000, help="of every type, a third with an expiry")
    return parser.parse_args()


def local(verb, *words):
    done = subprocess.run(["./trefoil", "local", verb, *words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"local {verb}: {done.stdout}{done.stderr}")
    return done.stdout


def cluster(verb, *words):
    began = time.monotonic()
    done = subprocess.run(["redis-cli", "--cluster", verb, *words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"redis-cli --cluster {verb}: {done.stdout[-2000:]}{done.stderr}")
    return time.monotonic() - began


def encode(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def commands(number, expire_at):
    key, n = b"key:%d" % number, b"%d" % number
    yield [(b"SET", key, b"value-" + n), (b"HSET", key, b"field", n, b"other", b"x"), (b"RPUSH", key, b"a", n, b"c"),
           (b"SADD", key, b"m" + n, b"n", n), (b"ZADD", key, n, b"one", b"0.5", b"half")][number % 5]
    if number % 3 == 0:
        yield (b"PEXPIREAT", key, b"%d" % expire_at)


def load(ports, keys):
    """Each key to its owner: the slots were split evenly over the ports, in order."""
    expire_at, buffers, counts = int(time.time() * 1000) + 3600000, [b""] * len(ports), [0] * len(ports)
    links = [socket.create_connection(("127.0.0.1", port)) for port in ports]
    for number in range(keys):
        slot = binascii.crc_hqx(b"key:%d" % number, 0) % 16384
        owner = 0 if slot <= 5460 else 1 if slot <= 10922 else 2
        for command in commands(number, expire_at):
            buffers[owner] += encode(*command)
            counts[owner] += 1
        if counts[owner] >= 500 or number == keys - 1:
            for at in range(len(ports)) if number == keys - 1 else [owner]:
                links[at].sendall(buffers[at])
                while counts[at] > 0:
                    answer = links[at].recv(65536)
                    if b"-" in answer:
                        sys.exit(f"loading: {answer[:200]}")
                    counts[at] -= answer.count(b"\n")
                buffers[at] = b""


def main():
    options = arguments()
    folder = tempfile.mkdtemp(prefix="trefoil-bench-")
    try:
        base = int(re.search(r"base port (\d+)", local("up", "--nodes", "4", "--alone", "--dir", folder)).group(1))
        at = [f"127.0.0.1:{base + node}" for node in range(5)]
        cluster("create", at[1], at[2], at[3], "--cluster-yes")
        load([base + 1, base + 2, base + 3], options.keys)
        cluster("add-node", at[4], at[1])
        first, added = call(base + 1, "cluster", "myid"), call(base + 4, "cluster", "myid")
        results = {"reshard 500 slots": cluster("reshard", at[1], "--cluster-from", first, "--cluster-to", added, "--cluster-slots", "500", "--cluster-yes")}
        results["rebalance 3600 slots"] = cluster("rebalance", at[1], "--cluster-use-empty-masters")
        moved = int(call(base + 4, "dbsize"))
        results["empty the node again"] = cluster("rebalance", at[1], "--cluster-weight", f"{added}=0")
        cluster("del-node", at[1], added)
        total = sum(int(call(base + node, "dbsize")) for node in (1, 2, 3))
        if total != options.keys:
            sys.exit(f"{options.keys} keys were written, {total} are there")
    finally:
        local("down", "--dir", folder)
        shutil.rmtree(folder, ignore_errors=True)
    bars = {"reshard 500 slots": 5, "rebalance 3600 slots": 30}
    print(f"{options.keys} keys of every type; {moved} of them were on the fourth node after the rebalance; load {os.getloadavg()[0]:.1f}")
    for what, seconds in results.items():
        print(f"{what:24} {seconds:6.1f} s   {'bar ' + str(bars[what]) + ' s' if what in bars else ''}")
    os.makedirs("bench/results", exist_ok=True)
    with open(time.strftime("bench/results/reshard-%Y%m%d-%H%M%S.json"), "w") as out:
        json.dump({"options": vars(options), "cores": os.cpu_count(), "seconds": results}, out, indent=1)


if __name__ == "__main__":
    main()
