import { suite } from "uvu";
import * as assert from "uvu/assert";
import { JobQueue } from "../../../../drivers/modbus/jobQueue.ts";
import { failsWith } from "../../../support/failure.ts";

const test = suite("drivers/modbus/jobQueue");

test("callers are served in the order they came", () => {
  const queue = queued("a", "b", "c");
  assert.equal(
    served(queue, () => false, 4),
    ["a", "b", "c", undefined],
  );
});

test("whoever is patient is served after everybody else", () => {
  const queue = queued("slow", "a", "b");
  assert.equal(
    served(queue, (name) => name === "slow", 3),
    ["a", "b", "slow"],
  );
});

test("whoever was overtaken eight times is served, however many others keep coming", () => {
  const queue = queued("slow");
  const order: (string | undefined)[] = [];
  for (let turn = 0; turn < 10; turn++) {
    queue.push(job(`other${turn}`));
    order.push(queue.take((name) => name === "slow")?.request);
  }
  assert.is(order.indexOf("slow"), 8);
});

test("one more than the bound is refused", async () => {
  const queue = queued("a", "b", "c", "d");
  await failsWith(() => queue.push(job("e")), "DRIVER_QUEUE_FULL");
});

test("everybody who waits is told", () => {
  const told: unknown[] = [];
  const queue = new JobQueue<string, void>(4);
  for (const request of ["a", "b"])
    queue.push({ request, resolve: () => {}, reject: (error) => told.push(error) });
  queue.rejectAll("gone");
  assert.equal(told, ["gone", "gone"]);
  assert.is(
    queue.take(() => false),
    undefined,
  );
});

test.run();

function job(request: string) {
  return { request, resolve: () => {}, reject: () => {} };
}

function queued(...requests: readonly string[]): JobQueue<string, void> {
  const queue = new JobQueue<string, void>(4);
  for (const request of requests) queue.push(job(request));
  return queue;
}

function served(
  queue: JobQueue<string, void>,
  letsPass: (request: string) => boolean,
  turns: number,
): readonly (string | undefined)[] {
  return Array.from({ length: turns }, () => queue.take(letsPass)?.request);
}
