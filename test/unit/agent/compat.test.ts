import { execFileSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import "../../../agent/compat.ts";

const COMPAT = new URL("../../../agent/compat.ts", import.meta.url).href;

const test = suite("compat");

test("the promise settles as its own resolve or reject says", async () => {
  const first = Promise.withResolvers<number>();
  first.resolve(7);
  assert.is(await first.promise, 7);
  const second = Promise.withResolvers<number>();
  second.reject(new RangeError("no"));
  assert.instance(await second.promise.catch((error: unknown) => error), RangeError);
});

test("a subclass gets a promise of its own kind", () => {
  class Tracked<T> extends Promise<T> {}
  assert.instance(Tracked.withResolvers().promise, Tracked);
});

test("where it is missing it is added, not enumerable; where it exists it stays", () => {
  const script = (prepare: string) => `
    ${prepare}
    const before = Promise.withResolvers;
    await import(${JSON.stringify(COMPAT)});
    const { promise, resolve } = Promise.withResolvers();
    resolve("settled");
    console.log(JSON.stringify([await promise, before === Promise.withResolvers, Object.keys(Promise)]));`;
  const run = (prepare: string) =>
    JSON.parse(
      execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script(prepare)], {
        encoding: "utf8",
      }),
    );
  assert.equal(run("delete Promise.withResolvers;"), ["settled", false, []]);
  assert.equal(
    run(
      "Object.defineProperty(Promise, 'withResolvers', { configurable: true, value: () => ({ promise: 'settled', resolve() {} }) });",
    ),
    ["settled", true, []],
  );
});

test.run();
