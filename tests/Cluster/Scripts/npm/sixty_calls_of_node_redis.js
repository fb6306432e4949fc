"use strict";
// Sixty calls through node-redis' cluster (RESP3), round after round until stdin ends. Usage: node sixty_calls_of_node_redis.js PORT
const { createCluster } = require("redis");
const { rounds } = require("./rounds.js");

const options = { rootNodes: [{ url: `redis://127.0.0.1:${process.argv[2]}` }] };
const r = createCluster(options), blocked = createCluster(options);
for (const client of [r, blocked]) client.on("error", error => console.error(String(error)));

async function published(subscribe, publish, unsubscribe) {
  let heard;
  const first = new Promise(resolve => { heard = resolve; });
  await subscribe((text, channel) => heard([text, channel]));
  await publish();
  const got = await first;
  await unsubscribe();
  return got;
}

async function poppedLater(start, push) {
  const popped = start();
  await push();
  return popped;
}

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
  for (const master of r.masters) {
    const node = await r.nodeClient(master);
    for await (const keys of node.scanIterator({ MATCH: pattern, COUNT: 500 })) keys.forEach(key => found.add(key));
  }

  return found.size;
}

const plain = object => object && { ...object };

function calls(p) {
  const k = name => `${p}:${name}`, t = name => `{${p}}${name}`;
  return [
    ["set", () => r.set(k("a"), "1"), "OK"],
    ["get", () => r.get(k("a")), "1"],
    ["get of an absent key", () => r.get(k("absent")), null],
    ["set nx", () => r.set(k("a"), "2", { NX: true }), null],
    ["set get", () => r.set(k("a"), "3", { GET: true }), "1"],
    ["setEx", () => r.setEx(k("c"), 100, "y"), "OK"],
    ["ttl", () => r.ttl(k("c")), ttl => ttl > 0 && ttl <= 100],
    ["persist", () => r.persist(k("c")), 1],
    ["expire", () => r.expire(k("c"), 60), 1],
    ["expireTime", () => r.expireTime(k("c")), at => at > Date.now() / 1000],
    ["getDel", () => r.getDel(k("c")), "y"],
    ["incr", () => r.set(k("n"), "0").then(() => r.incr(k("n"))), 1],
    ["incrBy", () => r.set(k("n"), "1").then(() => r.incrBy(k("n"), 41)), 42],
    ["incrByFloat", () => r.set(k("f"), "0").then(() => r.incrByFloat(k("f"), 2.5)), "2.5"],
    ["append", () => r.set(k("s"), "x").then(() => r.append(k("s"), "yz")), 3],
    ["getRange", () => r.getRange(k("s"), 1, 2), "yz"],
    ["setRange", () => r.setRange(k("s"), 1, "Y"), 3],
    ["strLen", () => r.strLen(k("s")), 3],
    ["mSet of one tag", () => r.mSet([[t("1"), "p"], [t("2"), "q"]]), "OK"],
    ["mGet of one tag", () => r.mGet([t("1"), t("2"), t("none")]), ["p", "q", null]],
    ["setBit", () => r.del(k("bits")).then(() => r.setBit(k("bits"), 7, 1)), 0],
    ["bitCount", () => r.bitCount(k("bits")), 1],
    ["bitField", () => r.bitField(k("bits"), [{ operation: "GET", encoding: "u8", offset: 0 }]), [1]],
    ["lcs", () => r.set(t("x"), "ohmytext").then(() => r.set(t("y"), "mynewtext")).then(() => r.lcs(t("x"), t("y"))), "mytext"],
    ["hSet", () => r.del(k("h")).then(() => r.hSet(k("h"), { x: "1", y: "2" })), 2],
    ["hGetAll", () => r.hGetAll(k("h")).then(plain), { x: "1", y: "2" }],
    ["hmGet", () => r.hmGet(k("h"), ["x", "none"]), ["1", null]],
    ["hRandFieldWithValues", () => r.hRandFieldCountWithValues(k("h"), 5), found => found.length === 2],
    ["hDel", () => r.hSet(k("h"), "z", "3").then(() => r.hDel(k("h"), "z")), 1],
    ["rPush", () => r.del(k("l")).then(() => r.rPush(k("l"), ["a", "b", "c"])), 3],
    ["lRange", () => r.lRange(k("l"), 0, -1), ["a", "b", "c"]],
    ["lPos", () => r.lPos(k("l"), "b"), 1],
    ["lMove", () => r.del([t("l1"), t("l2")]).then(() => r.rPush(t("l1"), "m")).then(() => r.lMove(t("l1"), t("l2"), "LEFT", "RIGHT")), "m"],
    ["lmPop", () => r.lmPop([t("none"), t("l2")], "LEFT"), popped => popped[0] === t("l2") && popped[1][0] === "m"],
    ["sAdd", () => r.del(k("set")).then(() => r.sAdd(k("set"), ["a", "b"])), 2],
    ["sMembers", () => r.sMembers(k("set")).then(members => members.sort()), ["a", "b"]],
    ["smIsMember", () => r.smIsMember(k("set"), ["a", "z"]), found => Number(found[0]) === 1 && Number(found[1]) === 0],
    ["sInter", () => r.sAdd(t("s1"), ["a", "b"]).then(() => r.sAdd(t("s2"), ["b", "c"])).then(() => r.sInter([t("s1"), t("s2")])), ["b"]],
    ["zAdd", () => r.del(k("z")).then(() => r.zAdd(k("z"), [{ score: 1, value: "a" }, { score: 2, value: "b" }])), 2],
    ["zScore", () => r.zScore(k("z"), "b"), 2],
    ["zRangeWithScores", () => r.zRangeWithScores(k("z"), 0, -1).then(all => all.map(plain)), [{ value: "a", score: 1 }, { value: "b", score: 2 }]],
    ["zRange by score", () => r.zRange(k("z"), "(1", "+inf", { BY: "SCORE" }), ["b"]],
    ["zIncrBy", () => r.zAdd(k("z"), { score: 1, value: "a" }).then(() => r.zIncrBy(k("z"), 1.5, "a")), 2.5],
    ["zPopMin", () => r.zPopMin(k("z")).then(plain), { value: "b", score: 2 }],
    ["zUnionStore", () => r.zAdd(t("z"), { score: 1, value: "a" }).then(() => r.zUnionStore(t("z2"), [t("z")])), 1],
    ["rename of one tag", () => r.set(t("old"), "v").then(() => r.rename(t("old"), t("new"))), "OK"],
    ["copy of one tag", () => r.set(t("from"), "v").then(() => r.copy(t("from"), t("to"), { REPLACE: true })), 1],
    ["sort", () => r.del(k("sort")).then(() => r.rPush(k("sort"), ["3", "1", "2"])).then(() => r.sort(k("sort"))), ["1", "2", "3"]],
    ["type", () => r.type(k("sort")), "list"],
    ["objectEncoding", () => r.set(k("int"), "12").then(() => r.objectEncoding(k("int"))), "int"],
    ["multi", () => r.multi().set(t("m"), "1").incr(t("m")).get(t("m")).exec(), ["OK", 2, "2"]],
    ["scan of the whole cluster", () => r.set(k("scan:1"), "").then(() => r.set(k("scan:2"), "")).then(() => scanned(k("scan:*"), 2)), 2],
    ["blPop of what is there", () => r.del(k("q")).then(() => r.rPush(k("q"), "now")).then(() => r.blPop(k("q"), 10)).then(plain), { key: k("q"), element: "now" }],
    ["blPop of what comes", () => poppedLater(() => blocked.blPop(k("wait"), 20), () => r.rPush(k("wait"), "came")).then(plain), { key: k("wait"), element: "came" }],
    ["blMove of what comes", () => poppedLater(() => blocked.blMove(t("w1"), t("w2"), "LEFT", "LEFT", 20), () => r.rPush(t("w1"), "moved")), "moved"],
    ["bzPopMin of what comes", () => poppedLater(() => blocked.bzPopMin(k("zwait"), 20), () => r.zAdd(k("zwait"), { score: 5, value: "m" })).then(plain), { key: k("zwait"), value: "m", score: 5 }],
    ["publish to a subscriber", () => published(hear => r.subscribe(k("channel"), hear), () => r.publish(k("channel"), "hello"), () => r.unsubscribe(k("channel"))), ["hello", k("channel")]],
    ["publish to a pattern", () => published(hear => r.pSubscribe(k("n*"), hear), () => r.publish(k("news"), "hello"), () => r.pUnsubscribe(k("n*"))), ["hello", k("news")]],
    ["sPublish to a shard's subscriber", () => published(hear => r.sSubscribe(k("shard"), hear), () => r.sPublish(k("shard"), "hello"), () => r.sUnsubscribe(k("shard"))), ["hello", k("shard")]],
    ["unlink", () => r.unlink([t("1"), t("2")]), 2],
  ];
}

Promise.all([r.connect(), blocked.connect()]).then(() => rounds(calls, "node"));
