"""A fixed list of thirty calls through python3-redis' RedisCluster. Usage: redis_py_thirty_calls.py PORT"""
import sys
from redis.cluster import RedisCluster

r = RedisCluster(host="127.0.0.1", port=int(sys.argv[1]), decode_responses=True)
r.flushall(target_nodes=RedisCluster.PRIMARIES)

calls = [
    ("set", lambda: r.set("a", "1"), True),
    ("get", lambda: r.get("a"), "1"),
    ("get of an absent key", lambda: r.get("absent"), None),
    ("set nx", lambda: r.set("a", "2", nx=True), None),
    ("set with get", lambda: r.set("a", "3", get=True), "1"),
    ("setnx", lambda: r.setnx("b", "x"), True),
    ("setex", lambda: r.setex("c", 100, "y"), True),
    ("ttl", lambda: 0 < r.ttl("c") <= 100, True),
    ("persist", lambda: r.persist("c"), True),
    ("ttl of a key without expiry", lambda: r.ttl("c"), -1),
    ("expire", lambda: r.expire("c", 50), True),
    ("incr", lambda: r.incr("n"), 1),
    ("incrby", lambda: r.incrby("n", 41), 42),
    ("decr", lambda: r.decr("n"), 41),
    ("incrbyfloat", lambda: r.incrbyfloat("f", 2.5), 2.5),
    ("append", lambda: r.append("b", "yz"), 3),
    ("strlen", lambda: r.strlen("b"), 3),
    ("getrange", lambda: r.getrange("b", 1, 2), "yz"),
    ("mset over many slots", lambda: r.mset_nonatomic({f"m{i}": i for i in range(20)}), [True] * 20),
    ("mget over many slots", lambda: r.mget_nonatomic([f"m{i}" for i in range(20)]), [str(i) for i in range(20)]),
    ("mget of one tag", lambda: r.mset({"{t}1": "p", "{t}2": "q"}) and r.mget("{t}1", "{t}2"), ["p", "q"]),
    ("hset", lambda: r.hset("h", mapping={"x": "1", "y": "2"}), 2),
    ("hgetall", lambda: r.hgetall("h"), {"x": "1", "y": "2"}),
    ("hincrby", lambda: r.hincrby("h", "x", 9), 10),
    ("hdel", lambda: r.hdel("h", "y"), 1),
    ("type", lambda: r.type("h"), "hash"),
    ("exists over slots", lambda: r.exists("a", "b", "absent"), 2),
    ("delete over slots", lambda: r.delete("a", "b", "absent"), 2),
    ("scan of the whole cluster", lambda: sorted(r.scan_iter("m*", count=3)), sorted(f"m{i}" for i in range(20))),
    ("dbsize of the whole cluster", lambda: r.dbsize(target_nodes=RedisCluster.PRIMARIES), 26),
]
assert len(calls) == 30

for name, call, expected in calls:
    got = call()
    if got != expected:
        sys.exit(f"{name}: expected {expected!r}, got {got!r}")
print(f"{len(calls)} calls answered as expected")
