"use strict";
// Sixty calls through ioredis' Cluster, round after round until stdin ends. Usage: node sixty_calls_of_ioredis.js PORT
const { Cluster } = require("ioredis");
const { once } = require("node:events");
const { rounds } = require("./rounds.js");

const nodes = [{ host: "127.0.0.1", port: Number(process.argv[2]) }];
const r = new Cluster(nodes), blocked = new Cluster(nodes), subscriber = new Cluster(nodes);
for (const client of [r, blocked, subscriber]) client.on("error", error => console.error(String(error)));

// A key that moves to a node which the walk has left behind is not seen by it: the walk is made again.
async function scanned(pattern, number) {
  for (let walk = 1; walk < 20; walk++) {
    const found = await walked(pattern);
    if (found === number) return found;
  }

  return walked(pattern);
}

async function walked(pattern) {
  const found = new Set();
  for (const node of r.nodes("master")) {
    let cursor = "0";
    do {
      const [next, keys] = await node.scan(cursor, "MATCH", pattern, "COUNT", 500);
      keys.forEach(key => found.add(key));
      cursor = next;
    } while (cursor !== "0");
  }
  return found.size;
}

async function published(channel) {
  await subscriber.subscribe(channel);
  const heard = once(subscriber, "message");
  await r.publish(channel, "hello");
  const [, text] = await heard;
  await subscriber.unsubscribe(channel);
  return text;
}

async function publishedByPattern(p) {
  await subscriber.psubscribe(`${p}:n*`);
  const heard = once(subscriber, "pmessage");
  await r.publish(`${p}:news`, "hello");
  const [pattern, channel, text] = await heard;
  await subscriber.punsubscribe(`${p}:n*`);
  return [pattern, channel, text];
}

async function poppedLater(start, push) {
  const popped = start();
  await push();
  return popped;
}

function calls(p) {
  const k = name => `${p}:${name}`, t = name => `{${p}}${name}`;
  return [
    ["set", () => r.set(k("a"), "1"), "OK"],
    ["get", () => r.get(k("a")), "1"],
    ["get of an absent key", () => r.get(k("absent")), null],
    ["set nx", () => r.set(k("a"), "2", "NX"), null],
    ["set get", () => r.set(k("a"), "3", "GET"), "1"],
    ["setex", () => r.setex(k("c"), 100, "y"), "OK"],
    ["ttl", () => r.ttl(k("c")), ttl => ttl > 0 && ttl <= 100],
    ["persist", () => r.persist(k("c")), 1],
    ["expire", () => r.expire(k("c"), 60), 1],
    ["getex", () => r.getex(k("c"), "PERSIST"), "y"],
    ["getdel", () => r.getdel(k("c")), "y"],
    ["incr", () => r.set(k("n"), "0").then(() => r.incr(k("n"))), 1],
    ["incrby", () => r.set(k("n"), "1").then(() => r.incrby(k("n"), 41)), 42],
    ["incrbyfloat", () => r.set(k("f"), "0").then(() => r.incrbyfloat(k("f"), 2.5)), "2.5"],
    ["append", () => r.set(k("s"), "x").then(() => r.append(k("s"), "yz")), 3],
    ["getrange", () => r.getrange(k("s"), 1, 2), "yz"],
    ["setrange", () => r.setrange(k("s"), 1, "Y"), 3],
    ["strlen", () => r.strlen(k("s")), 3],
    ["getBuffer", () => r.getBuffer(k("s")).then(b => b.toString("hex")), "78597a"],
    ["mset of one tag", () => r.mset(t("1"), "p", t("2"), "q"), "OK"],
    ["mget of one tag", () => r.mget(t("1"), t("2"), t("none")), ["p", "q", null]],
    ["setbit", () => r.del(k("bits")).then(() => r.setbit(k("bits"), 7, 1)), 0],
    ["getbit", () => r.getbit(k("bits"), 7), 1],
    ["bitcount", () => r.bitcount(k("bits")), 1],
    ["hset", () => r.del(k("h")).then(() => r.hset(k("h"), { x: "1", y: "2" })), 2],
    ["hgetall", () => r.hgetall(k("h")), { x: "1", y: "2" }],
    ["hmget", () => r.hmget(k("h"), "x", "none"), ["1", null]],
    ["hexists", () => r.hexists(k("h"), "y"), 1],
    ["hdel", () => r.hset(k("h"), "z", "3").then(() => r.hdel(k("h"), "z")), 1],
    ["hscan", () => r.hscan(k("h"), 0).then(([cursor, found]) => [cursor, found.length]), ["0", 4]],
    ["rpush", () => r.del(k("l")).then(() => r.rpush(k("l"), "a", "b", "c")), 3],
    ["lrange", () => r.lrange(k("l"), 0, -1), ["a", "b", "c"]],
    ["lpos", () => r.lpos(k("l"), "b"), 1],
    ["lmove", () => r.del(t("l2"), t("l1")).then(() => r.rpush(t("l1"), "m")).then(() => r.lmove(t("l1"), t("l2"), "LEFT", "RIGHT")), "m"],
    ["ltrim", () => r.ltrim(k("l"), 0, 1), "OK"],
    ["sadd", () => r.del(k("set")).then(() => r.sadd(k("set"), "a", "b")), 2],
    ["smembers", () => r.smembers(k("set")).then(members => members.sort()), ["a", "b"]],
    ["smismember", () => r.smismember(k("set"), "a", "z"), [1, 0]],
    ["sinterstore", () => r.sadd(t("s1"), "a", "b").then(() => r.sadd(t("s2"), "b", "c")).then(() => r.sinterstore(t("s3"), t("s1"), t("s2"))), 1],
    ["zadd", () => r.del(k("z")).then(() => r.zadd(k("z"), 1, "a", 2, "b", 3, "c")), 3],
    ["zrange", () => r.zrange(k("z"), 0, -1, "WITHSCORES"), ["a", "1", "b", "2", "c", "3"]],
    ["zrange by score", () => r.zrange(k("z"), "(1", "+inf", "BYSCORE"), ["b", "c"]],
    ["zrevrank", () => r.zrevrank(k("z"), "a"), 2],
    ["zincrby", () => r.zadd(k("z"), 1, "a").then(() => r.zincrby(k("z"), 1.5, "a")), "2.5"],
    ["zrangestore", () => r.zadd(t("z"), 1, "a").then(() => r.zrangestore(t("z2"), t("z"), 0, -1)), 1],
    ["rename of one tag", () => r.set(t("old"), "v").then(() => r.rename(t("old"), t("new"))), "OK"],
    ["copy of one tag", () => r.set(t("from"), "v").then(() => r.copy(t("from"), t("to"), "REPLACE")), 1],
    ["sort", () => r.del(k("sort")).then(() => r.rpush(k("sort"), "3", "1", "2")).then(() => r.sort(k("sort"))), ["1", "2", "3"]],
    ["type", () => r.type(k("z")), "zset"],
    ["object encoding", () => r.set(k("int"), "12").then(() => r.object("ENCODING", k("int"))), "int"],
    ["multi", () => r.multi().set(t("m"), "1").incr(t("m")).get(t("m")).exec(), [[null, "OK"], [null, 2], [null, "2"]]],
    ["pipeline of one tag", () => r.pipeline().set(t("p"), "v").get(t("p")).exec(), [[null, "OK"], [null, "v"]]],
    ["scan of the whole cluster", () => r.set(k("scan:1"), "").then(() => r.set(k("scan:2"), "")).then(() => scanned(k("scan:*"), 2)), 2],
    ["blpop of what is there", () => r.del(k("q")).then(() => r.rpush(k("q"), "now")).then(() => r.blpop(k("q"), 10)), [k("q"), "now"]],
    ["blpop of what comes", () => poppedLater(() => blocked.blpop(k("wait"), 20), () => r.rpush(k("wait"), "came")), [k("wait"), "came"]],
    ["bzpopmin of what comes", () => poppedLater(() => blocked.bzpopmin(k("zwait"), 20), () => r.zadd(k("zwait"), 5, "m")), [k("zwait"), "m", "5"]],
    ["publish to a subscriber", () => published(k("channel")), "hello"],
    ["publish to a pattern", () => publishedByPattern(p), [`${p}:n*`, `${p}:news`, "hello"]],
    ["unlink", () => r.unlink(t("1"), t("2")), 2],
    ["exists", () => r.exists(k("absent")), 0],
  ];
}

rounds(calls, "io");
