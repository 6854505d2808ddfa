/** An outbox whose process is killed at any moment keeps every promise it made. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openOutbox } from "../../../../agent/adapters/journal/fileOutbox.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const CHILD = fileURLToPath(new URL("../../../support/outboxChild.ts", import.meta.url));
/** Small, so that it is rewritten every thirty readings or so. */
const CAPACITY_BYTES = 32_768;
const ROUNDS = 4;

/** Runs the child, kills it after so many promises, and returns all it made. */
async function promisesUntilKilled(path: string, killAfter: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, ["--import", "tsx", CHILD, path, String(CAPACITY_BYTES)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const promises: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    promises.push(line);
    if (promises.length === killAfter) child.kill("SIGKILL");
  }
  const [, signal] = await exited;
  assert.is(signal, "SIGKILL", "the child ended by itself");
  return promises;
}

const numbersOf = (promises: readonly string[], kind: string) =>
  promises.filter((line) => line.startsWith(`${kind} `)).map((line) => Number(line.slice(kind.length)));

const test = suite("outbox of a killed process");

test("nothing acknowledged is missing, no sequence comes again, no start is forgotten", () =>
  withTemporaryDirectory(async (directory) => {
    const path = join(directory, "outbox.journal");
    let kept: number[] = [];
    let freed: number[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      const promises = await promisesUntilKilled(path, 37 * round + 100);
      kept = kept.concat(numbersOf(promises, "kept"));
      freed = freed.concat(numbersOf(promises, "freed"));
      assert.equal(numbersOf(promises, "boot"), [2 * round - 1]);
      assert.is(new Set(kept).size, kept.length);

      const outbox = await openOutbox(path, { capacityBytes: CAPACITY_BYTES });
      const pending = new Map(outbox.pending().map((entry) => [entry.sequence, entry.bytes]));
      const lastRelease = outbox.lastRelease()?.sequence ?? 0;
      await outbox.close();

      assert.is(outbox.boot, 2 * round);
      assert.ok(outbox.nextSequence() > Math.max(...kept));
      assert.ok(lastRelease >= Math.max(...freed));
      for (const sequence of kept.filter((one) => one > lastRelease)) {
        const expected = new Uint8Array(300 + (sequence % 700)).fill(sequence % 251);
        assert.equal(pending.get(sequence), expected, `reading ${sequence}`);
      }
      assert.ok(freed.every((sequence) => !pending.has(sequence)));
    }
    assert.ok(kept.length > 200);
  }));

test.run();
