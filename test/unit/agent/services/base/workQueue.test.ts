import { suite } from "uvu";
import * as assert from "uvu/assert";
import { workQueue } from "../../../../../agent/services/base/workQueue.ts";

const test = suite("workQueue");

/** A queue whose work waits until the test lets it end. */
function heldQueue() {
  const begun: string[] = [];
  const failures: unknown[] = [];
  const ends: (() => void)[] = [];
  const queue = workQueue<string>(
    async (work) => {
      begun.push(work);
      if (work === "fails") throw new Error(work);
      await new Promise<void>((resolve) => ends.push(resolve));
    },
    (error) => failures.push(error),
  );
  const endOne = async () => {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, begun, failures, endOne };
}

test("performs one piece after another, in order", async () => {
  const { queue, begun, endOne } = heldQueue();
  for (const work of ["a", "b", "c"]) queue.push(work);
  assert.equal([begun, queue.waiting()], [["a"], 2]);
  await endOne();
  assert.equal([begun, queue.waiting()], [["a", "b"], 1]);
  await endOne();
  await endOne();
  queue.push("d");
  assert.equal(begun, ["a", "b", "c", "d"]);
});

test("nothing follows a stop", async () => {
  const { queue, begun, endOne } = heldQueue();
  queue.push("a");
  queue.push("b");
  queue.stop();
  await endOne();
  queue.push("c");
  await endOne();
  assert.equal(begun, ["a"]);
});

test("nothing follows a failure, and it is told once", async () => {
  const { queue, begun, failures, endOne } = heldQueue();
  queue.push("fails");
  queue.push("a");
  await endOne();
  queue.push("b");
  await endOne();
  assert.equal(begun, ["fails"]);
  assert.equal(failures.map(String), ["Error: fails"]);
});

test.run();
