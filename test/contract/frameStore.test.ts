/** What every store of raw frames does: the fake that services are tested with, and the ring on disk. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { frameRing } from "../../agent/adapters/blobs/frameRing.ts";
import { framesHashOf } from "../../agent/core/metering/delta.ts";
import { intervalIndex, unixMs } from "../../agent/core/units.ts";
import type { FrameSet, FrameStore, KeptFrame } from "../../agent/ports/frameStore.ts";
import { failsWith } from "../support/failure.ts";
import { memoryFrames } from "../support/memoryFrames.ts";
import { withTemporaryDirectory } from "../support/temporaryDirectory.ts";

/** Room for a few sets only. */
const subjects: readonly (readonly [
  name: string,
  use: (body: (store: FrameStore) => Promise<void>) => Promise<void>,
])[] = [
  ["in memory", (body) => body(memoryFrames(8))],
  [
    "in two files",
    (body) =>
      withTemporaryDirectory((directory) => body(frameRing(join(directory, "frames"), { fileBytes: 2_048 }))),
  ],
];

const frame = (
  boundary: KeptFrame["boundary"],
  value: number,
  receivedAtMs = 1_700_000_000_123,
): KeptFrame => ({
  meter: 1,
  boundary,
  receivedAtMs: unixMs(receivedAtMs),
  request: Uint8Array.of(2, 4, 0, 72, 0, 2, 0, 10, 13),
  response: Uint8Array.of(2, 4, 4, 0, 0, value >> 8, value & 255),
});

function setOf(value: number, interval = value): FrameSet {
  const frames = [frame("start", value), frame("end", value + 1)];
  const framesHash = framesHashOf(frames.map(({ response }) => response));
  return { framesHash, interval: intervalIndex(interval), frames };
}

for (const [name, use] of subjects) {
  const test = suite(`frame store ${name}`);

  test("finds each set under its hash, byte for byte, in order", () =>
    use(async (store) => {
      for (const value of [1, 2, 3]) await store.keep(setOf(value));
      for (const value of [2, 1, 3]) assert.equal(await store.find(setOf(value).framesHash), setOf(value));
    }));

  test("finds nothing before anything is kept, and nothing under another hash", () =>
    use(async (store) => {
      assert.is(await store.find(setOf(1).framesHash), null);
      await store.keep(setOf(1));
      assert.is(await store.find(setOf(2).framesHash), null);
    }));

  test("finds the newer of two sets under one hash", () =>
    use(async (store) => {
      await store.keep(setOf(1, 100));
      await store.keep(setOf(1, 101));
      assert.is((await store.find(setOf(1).framesHash))?.interval, 101);
    }));

  test("keeps all of what is asked at once", () =>
    use(async (store) => {
      await Promise.all([1, 2, 3, 4].map((value) => store.keep(setOf(value))));
      for (const value of [1, 2, 3, 4])
        assert.is((await store.find(setOf(value).framesHash))?.interval, value);
    }));

  test("forgets the oldest for the newest", () =>
    use(async (store) => {
      for (let value = 0; value < 40; value += 1) await store.keep(setOf(value));
      assert.is(await store.find(setOf(0).framesHash), null);
      for (const value of [37, 38, 39])
        assert.is((await store.find(setOf(value).framesHash))?.interval, value);
    }));

  test("refuses more frames than a reading rests on, and keeps what it has", () =>
    use(async (store) => {
      await store.keep(setOf(1));
      const frames = Array.from({ length: 257 }, () => frame("start", 1));
      await failsWith(() => store.keep({ ...setOf(2), frames }), "FRAMES_TOO_LARGE");
      assert.is((await store.find(setOf(1).framesHash))?.interval, 1);
      assert.is(await store.find(setOf(2).framesHash), null);
    }));

  test.run();
}
