/** Fails when another run of this file, started by the same runner, is going on. */
import { mkdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";

const LONGER_THAN_A_START_MS = 1_500;
const place = join(tmpdir(), `edso-alone-${process.ppid}`);
const test = suite("wants to be alone");

test("is the only one in its place", async () => {
  mkdirSync(place);
  await sleep(LONGER_THAN_A_START_MS);
  rmdirSync(place);
});

test.run();
