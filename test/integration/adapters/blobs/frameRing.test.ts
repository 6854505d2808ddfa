/** The ring of raw frames on a disk that tears, spoils, fills and goes away. */
import { appendFile, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { frameRing } from "../../../../agent/adapters/blobs/frameRing.ts";
import { framesHashOf } from "../../../../agent/core/metering/delta.ts";
import { intervalIndex, unixMs } from "../../../../agent/core/units.ts";
import type { FrameSet } from "../../../../agent/ports/frameStore.ts";
import { failsWith } from "../../../support/failure.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const FILE_BYTES = 4_096;

function setOf(value: number): FrameSet {
  const response = Uint8Array.of(1, 4, 4, 0, 0, value >> 8, value & 255);
  const request = Uint8Array.of(1, 4, 0, 52, 0, 2);
  const frame = { meter: 0, boundary: "end", receivedAtMs: unixMs(1_000), request, response } as const;
  return { framesHash: framesHashOf([response]), interval: intervalIndex(value), frames: [frame] };
}

const ring = suite("frame ring");

const withRing = (body: (directory: string) => Promise<void>) => () =>
  withTemporaryDirectory((data) => body(join(data, "frames")));
const open = (directory: string) => frameRing(directory, { fileBytes: FILE_BYTES });
const found = async (directory: string, value: number) =>
  (await open(directory).find(setOf(value).framesHash))?.interval ?? null;

ring(
  "never takes more than its two files of the size that is set, and keeps at least one of them full",
  withRing(async (directory) => {
    const store = open(directory);
    for (let value = 0; value < 300; value += 1) {
      await store.keep(setOf(value));
      const names = await readdir(directory);
      assert.ok(names.length <= 2, names.join());
      for (const name of names) assert.ok((await stat(join(directory, name))).size <= FILE_BYTES, name);
    }
    const perFile = Math.floor(FILE_BYTES / (await recordBytes(directory)));
    for (let value = 300 - perFile; value < 300; value += 1) assert.is(await found(directory, value), value);
  }),
);

ring(
  "is for its owner only",
  withRing(async (directory) => {
    await open(directory).keep(setOf(1));
    assert.is((await stat(directory)).mode & 0o777, 0o700);
    assert.is((await stat(join(directory, "frames.log"))).mode & 0o777, 0o600);
  }),
);

ring(
  "loses only the torn record, wherever it is torn, and goes on behind it",
  withRing(async (directory) => {
    await open(directory).keep(setOf(1));
    const { size: whole } = await stat(join(directory, "frames.log"));
    await open(directory).keep(setOf(2));
    const file = await readFile(join(directory, "frames.log"));
    // The newline at the end belongs to nobody: without it the record is whole.
    for (let length = whole; length < file.length - 1; length += 1) {
      await writeFile(join(directory, "frames.log"), file.subarray(0, length));
      await open(directory).keep(setOf(3));
      assert.equal(
        [await found(directory, 1), await found(directory, 2), await found(directory, 3)],
        [1, null, 3],
      );
    }
  }),
);

ring(
  "takes no spoilt record for a sound one, and finds those beside it",
  withRing(async (directory) => {
    for (const value of [1, 2, 3]) await open(directory).keep(setOf(value));
    const path = join(directory, "frames.log");
    const file = await readFile(path);
    const first = file.indexOf(setOf(2).framesHash);
    const end = file.indexOf("\n", first);
    for (let at = first; at < end; at += 1) {
      const spoilt = Buffer.from(file);
      spoilt[at] = (spoilt[at] ?? 0) ^ 1;
      await writeFile(path, spoilt);
      assert.equal(
        [await found(directory, 1), await found(directory, 2), await found(directory, 3)],
        [1, null, 3],
      );
    }
  }),
);

ring(
  "falls back on an older sound record of the same hash",
  withRing(async (directory) => {
    await open(directory).keep(setOf(1));
    await open(directory).keep(setOf(1));
    await truncate(join(directory, "frames.log"), (await stat(join(directory, "frames.log"))).size - 9);
    assert.is(await found(directory, 1), 1);
  }),
);

ring(
  "looks only at the end of a file that somebody made longer, and begins a new one",
  withRing(async (directory) => {
    await open(directory).keep(setOf(1));
    await appendFile(join(directory, "frames.log"), Buffer.alloc(10 * FILE_BYTES));
    assert.is(await found(directory, 1), null);
    await open(directory).keep(setOf(2));
    assert.is(await found(directory, 2), 2);
    assert.ok((await stat(join(directory, "frames.log"))).size <= FILE_BYTES);
  }),
);

ring(
  "says that it cannot write while the data directory is gone, makes none in its place, and goes on when it is back",
  () =>
    withTemporaryDirectory(async (data) => {
      const gone = join(data, "mount");
      const store = open(join(gone, "frames"));
      await failsWith(() => store.keep(setOf(1)), "FRAMES_WRITE");
      assert.equal(await readdir(data), []);
      await mkdir(gone);
      await store.keep(setOf(2));
      assert.is((await store.find(setOf(2).framesHash))?.interval, 2);
      await rm(gone, { recursive: true });
    }),
);

ring(
  "says that it cannot read what is no file",
  withRing(async (directory) => {
    await mkdir(directory);
    await mkdir(join(directory, "frames.log"));
    await failsWith(() => open(directory).find(setOf(1).framesHash), "FRAMES_READ");
  }),
);

async function recordBytes(directory: string): Promise<number> {
  const other = join(directory, "..", "one");
  await open(other).keep(setOf(299));
  return (await stat(join(other, "frames.log"))).size;
}

ring.run();
