"use strict";
// Rounds of calls, each on keys of its own, until stdin ends; after every call its answer is compared with what it must be.
const assert = require("node:assert");

// What a cluster may say while the slot of a multi-key call or of a transaction is half here and half there; an application tries again.
const half = /TRYAGAIN|EXECABORT|^MOVED|^ASK/;
const patience = 200, pause = 10;

async function patiently(call, counters) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const told = [error.message, ...(error.previousErrors ?? []).map(e => e.message), ...(error.replies ?? []).filter(r => r instanceof Error).map(r => r.message)];
      if (attempt === patience || !told.some(text => half.test(text))) throw error;
      counters.again++;
      await new Promise(resolve => setTimeout(resolve, pause));
    }
  }
}

async function rounds(calls, prefix) {
  let ended = false;
  const counters = { again: 0 };
  process.stdin.on("end", () => { ended = true; }).resume();
  let round = 0, number = 0;
  while (!ended || round === 0) {
    round++;
    const list = calls(`${prefix}${round}`);
    number = list.length;
    for (const [name, call, expected] of list) {
      let answer;
      try {
        answer = await patiently(call, counters);
        typeof expected === "function" ? assert(expected(answer), `unexpected: ${JSON.stringify(answer)}`) : assert.deepEqual(answer, expected);
      } catch (error) {
        console.log(`round ${round}, ${name}: ${error.stack ?? error}`);
        process.exit(1);
      }
    }
  }

  console.log(`${number} calls answered as expected`);
  console.error(`${round} rounds, ${counters.again} calls tried again`);
  process.exit(0);
}

module.exports = { rounds };
