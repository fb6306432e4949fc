"""Sixty calls through python3-redis' RedisCluster, round after round until stdin ends. Usage: redis_py_sixty_calls.py PORT"""
import logging, sys, threading, time
from redis.cluster import RedisCluster
from redis.exceptions import AskError, ExecAbortError, MovedError, TryAgainError

logging.disable() # it writes a stack trace for every redirect
PATIENCE, PAUSE = 200, 0.01
# What a cluster may say while the slot of a multi-key call or of a transaction is half here and half there; an application tries again.
HALF = (AskError, ExecAbortError, MovedError, TryAgainError)

port = int(sys.argv[1])
r = RedisCluster(host="127.0.0.1", port=port, decode_responses=True)
blocked = RedisCluster(host="127.0.0.1", port=port, decode_responses=True)
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
again = 0


def scanned(pattern, number):
    """A key that moves to a node which the walk has left behind is not seen by it: the walk is made again."""
    for _ in range(20):
        found = sorted(set(r.scan_iter(pattern, count=500)))
        if len(found) == number:
            break
    return found


def popped_later(start, push):
    popped = []
    thread = threading.Thread(target=lambda: popped.append(start()))
    thread.start()
    push()
    thread.join(30)
    return popped[0] if popped else "nothing came"


def transaction(key):
    """This version's cluster pipelines know no MULTI: the node of the key is asked."""
    node = r.get_node_from_key(key)
    try:
        pipe = r.get_redis_connection(node).pipeline(transaction=True)
        return pipe.set(key, "1").incr(key).get(key).execute()
    except MovedError:
        r.nodes_manager.initialize()
        raise


def published(channel, pattern=None):
    listener = r.pubsub(node=r.get_random_node())
    try:
        listener.psubscribe(pattern) if pattern else listener.subscribe(channel)
        assert listener.get_message(timeout=10)["type"] in ("subscribe", "psubscribe")
        r.publish(channel, "hello")
        message = listener.get_message(timeout=10)
        return message and (message["pattern"], message["channel"], message["data"])
    finally:
        listener.close()


def calls(p):
    k, t = (lambda name: f"{p}:{name}"), (lambda name: f"{{{p}}}{name}")
    return [
        ("set", lambda: r.set(k("a"), "1"), True),
        ("get", lambda: r.get(k("a")), "1"),
        ("get of an absent key", lambda: r.get(k("absent")), None),
        ("set nx", lambda: r.set(k("a"), "2", nx=True), None),
        ("set with get", lambda: r.set(k("a"), "3", get=True), "1"),
        ("setnx", lambda: r.setnx(k("b"), "x"), True),
        ("setex", lambda: r.setex(k("c"), 100, "y"), True),
        ("ttl", lambda: 0 < r.ttl(k("c")) <= 100, True),
        ("persist", lambda: r.persist(k("c")), True),
        ("ttl of a key without expiry", lambda: r.ttl(k("c")), -1),
        ("expire", lambda: r.expire(k("c"), 50), True),
        ("getex", lambda: r.getex(k("c"), persist=True), "y"),
        ("getdel", lambda: r.getdel(k("c")), "y"),
        ("incr", lambda: r.incr(k("n")), 1),
        ("incrby", lambda: r.incrby(k("n"), 41), 42),
        ("decr", lambda: r.decr(k("n")), 41),
        ("incrbyfloat", lambda: r.incrbyfloat(k("f"), 2.5), 2.5),
        ("append", lambda: r.append(k("b"), "yz"), 3),
        ("strlen", lambda: r.strlen(k("b")), 3),
        ("getrange", lambda: r.getrange(k("b"), 1, 2), "yz"),
        ("setrange", lambda: r.setrange(k("b"), 1, "Y"), 3),
        ("setbit", lambda: r.setbit(k("bits"), 7, 1), 0),
        ("bitcount", lambda: r.bitcount(k("bits")), 1),
        ("mset over many slots", lambda: r.mset_nonatomic({k(f"m{i}"): i for i in range(5)}), [True] * 5),
        ("mget over many slots", lambda: r.mget_nonatomic([k(f"m{i}") for i in range(5)]), [str(i) for i in range(5)]),
        ("mset of one tag", lambda: r.mset({t("1"): "p", t("2"): "q"}), True),
        ("mget of one tag", lambda: r.mget(t("1"), t("2")), ["p", "q"]),
        ("hset", lambda: r.hset(k("h"), mapping={"x": "1", "y": "2"}), 2),
        ("hgetall", lambda: r.hgetall(k("h")), {"x": "1", "y": "2"}),
        ("hincrby", lambda: r.hincrby(k("h"), "x", 9), 10),
        ("hdel", lambda: r.hdel(k("h"), "y"), 1),
        ("hscan", lambda: dict(r.hscan_iter(k("h"))), {"x": "10"}),
        ("rpush", lambda: r.rpush(k("l"), "a", "b", "c"), 3),
        ("lrange", lambda: r.lrange(k("l"), 0, -1), ["a", "b", "c"]),
        ("lpos", lambda: r.lpos(k("l"), "b"), 1),
        ("linsert", lambda: r.linsert(k("l"), "before", "b", "z"), 4),
        ("lpop", lambda: r.lpop(k("l"), 2), ["a", "z"]),
        ("sadd", lambda: r.sadd(k("s"), "a", "b"), 2),
        ("smembers", lambda: r.smembers(k("s")), {"a", "b"}),
        ("smismember", lambda: r.smismember(k("s"), ["a", "z"]), [1, 0]),
        ("sunion of one tag", lambda: r.sadd(t("s1"), "a") + r.sadd(t("s2"), "b") >= 0 and r.sunion(t("s1"), t("s2")), {"a", "b"}),
        ("zadd", lambda: r.zadd(k("z"), {"a": 1, "b": 2}), 2),
        ("zrange", lambda: r.zrange(k("z"), 0, -1, withscores=True), [("a", 1.0), ("b", 2.0)]),
        ("zrangebyscore", lambda: r.zrangebyscore(k("z"), "(1", "+inf"), ["b"]),
        ("zincrby", lambda: r.zincrby(k("z"), 1.5, "a"), 2.5),
        ("zpopmax", lambda: r.zpopmax(k("z")), [("a", 2.5)]),
        ("sort", lambda: r.delete(k("sort")) >= 0 and r.rpush(k("sort"), "3", "1", "2") and r.sort(k("sort")), ["1", "2", "3"]),
        ("type", lambda: r.type(k("h")), "hash"),
        ("object encoding", lambda: r.object("ENCODING", k("n")), "int"),
        ("dump and restore", lambda: r.restore(k("copy"), 0, raw.dump(k("s")), replace=True), "OK"),
        ("transaction on one node", lambda: transaction(t("m")), [True, 2, "2"]),
        ("pipeline over slots", lambda: r.pipeline().set(k("p1"), "v").get(k("p1")).set(k("p2"), "w").execute(), [True, "v", True]),
        ("scan of the whole cluster", lambda: scanned(f"{p}:m*", 5), [k(f"m{i}") for i in range(5)]),
        ("blpop of what is there", lambda: r.delete(k("q")) >= 0 and r.rpush(k("q"), "now") and r.blpop(k("q"), 10), (k("q"), "now")),
        ("blpop of what comes", lambda: popped_later(lambda: blocked.blpop(k("wait"), 20), lambda: r.rpush(k("wait"), "came")), (k("wait"), "came")),
        ("bzpopmin of what comes", lambda: popped_later(lambda: blocked.bzpopmin(k("zwait"), 20), lambda: r.zadd(k("zwait"), {"m": 5})), (k("zwait"), "m", 5.0)),
        ("publish to a subscriber", lambda: published(k("channel")), (None, k("channel"), "hello")),
        ("publish to a pattern", lambda: published(k("news"), k("n*")), (k("n*"), k("news"), "hello")),
        ("exists over slots", lambda: r.exists(k("a"), k("b"), k("absent")), 2),
        ("delete over slots", lambda: r.delete(k("a"), k("b"), k("absent")), 2),
    ]


raw = RedisCluster(host="127.0.0.1", port=port)
number = rounds = 0
while rounds == 0 or not ended.is_set():
    rounds += 1
    for name, call, expected in calls(f"py{rounds}"):
        number += rounds == 1
        for attempt in range(1, PATIENCE + 1):
            try:
                got = call()
                break
            except HALF as error:
                if attempt == PATIENCE:
                    sys.exit(f"round {rounds}, {name}: {error!r}")
                again += 1
                time.sleep(PAUSE)
        if got != expected:
            sys.exit(f"round {rounds}, {name}: expected {expected!r}, got {got!r}")
print(f"{number} calls answered as expected")
print(f"{rounds} rounds, {again} calls tried again", file=sys.stderr)
