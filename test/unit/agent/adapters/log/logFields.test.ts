import { suite } from "uvu";
import * as assert from "uvu/assert";
import { errorFields, lineFields } from "../../../../../agent/adapters/log/logFields.ts";
import { AgentError } from "../../../../../agent/core/errors.ts";

const test = suite("logFields");

test("integers beyond 2^53 become text, those below numbers", () => {
  const fields = lineFields({ small: -5n, edge: 9007199254740991n, large: 9007199254740992n, count: 3 });
  assert.equal(fields, { small: -5, edge: 9007199254740991, large: "9007199254740992", count: 3 });
});

test("numbers that JSON cannot hold become text", () => {
  assert.equal(lineFields({ a: Number.NaN, b: Number.POSITIVE_INFINITY }), { a: "NaN", b: "Infinity" });
});

test("null, text and booleans stay", () => {
  assert.equal(lineFields({ a: null, b: "x", c: false }), { a: null, b: "x", c: false });
});

test("a field cannot take the place of time, level or event", () => {
  assert.equal(lineFields({ time: 1, level: 2, event: 3 }), { time_: 1, level_: 2, event_: 3 });
});

test("an error of ours gives its code, its detail and its causes, flat", () => {
  const disk = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  const middle = new AgentError("JOURNAL_WRITE", { path: "/x" }, disk);
  const error = new AgentError("METERING_STOPPED", { interval: 7, energyWh: 5n }, middle);
  assert.equal(errorFields(error), {
    interval: 7,
    energyWh: 5n,
    code: "METERING_STOPPED",
    cause1: "JOURNAL_WRITE: path=/x",
    cause2: "Error: ENOSPC: no space left on device, write",
  });
});

test("a system error gives its code and message, without a stack", () => {
  const error = Object.assign(new Error("connect refused"), { code: "ECONNREFUSED" });
  assert.equal(errorFields(error), { code: "ECONNREFUSED", message: "connect refused" });
});

test("a cause whose message does not name its code is given it", () => {
  const cause = Object.assign(new Error("lock held"), { code: "LEVEL_LOCKED" });
  assert.is(errorFields(new AgentError("STORE_LOCKED", {}, cause)).cause1, "Error LEVEL_LOCKED: lock held");
});

test("a bug is called unexpected and brings its stack", () => {
  const fields = errorFields(new TypeError("x is undefined"));
  assert.equal([fields.code, fields.message], ["UNEXPECTED", "x is undefined"]);
  assert.match(String(fields.stack), /logFields\.test/);
});

test("what is no Error at all is told too", () => {
  assert.equal(errorFields("plain text"), { code: "UNEXPECTED", message: "plain text" });
  assert.equal(errorFields(undefined), { code: "UNEXPECTED", message: "undefined" });
});

test("causes that loop come to an end", () => {
  const loop = new Error("round");
  loop.cause = loop;
  const causes = Object.keys(errorFields(loop)).filter((key) => key.startsWith("cause"));
  assert.is(causes.length, 8);
});

test.run();
