"use strict";
// Writes to primaries and reads from replicas through a stock client until stdin ends; then every key must be read from a replica as it was written last.
// Usage: node replica_reads.js ioredis|node-redis PORT
const assert = require("node:assert");

const keys = 200, settle = 1000;

const clients = {
  "ioredis": async port => {
    const { Cluster } = require("ioredis");
    const nodes = [{ host: "127.0.0.1", port }];
    const writer = new Cluster(nodes), reader = new Cluster(nodes, { scaleReads: "slave" });
    for (const client of [writer, reader]) client.on("error", error => console.error(String(error)));
    return { set: (key, value) => writer.set(key, value), get: key => reader.get(key) };
  },
  "node-redis": async port => {
    const { createCluster } = require("redis");
    const rootNodes = [{ url: `redis://127.0.0.1:${port}` }];
    const writer = createCluster({ rootNodes }), reader = createCluster({ rootNodes, useReplicas: true });
    for (const client of [writer, reader]) client.on("error", error => console.error(String(error)));
    await Promise.all([writer.connect(), reader.connect()]);
    return { set: (key, value) => writer.set(key, value), get: key => reader.get(key) };
  },
};

async function main(name, port) {
  const client = await clients[name](Number(port));
  let ended = false, round = 0;
  process.stdin.on("end", () => { ended = true; }).resume();
  while (!ended || round === 0) {
    round++;
    for (let i = 0; i < keys; i++) {
      assert.equal(await client.set(`key${i}`, `${round}`), "OK");
      const read = await client.get(`key${i}`);
      assert(read === null || Number(read) <= round, `key${i} in round ${round}: ${read}`);
    }
  }

  await new Promise(resolve => setTimeout(resolve, settle));
  for (let i = 0; i < keys; i++) assert.equal(await client.get(`key${i}`), `${round}`, `key${i}`);
  console.log(`${keys} keys read as written`);
  console.error(`${round} rounds`);
  process.exit(0);
}

main(...process.argv.slice(2)).catch(error => {
  console.log(String(error.stack ?? error));
  process.exit(1);
});
