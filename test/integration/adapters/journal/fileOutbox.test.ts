/** What only the outbox on disk can show: rewriting, limits in bytes, and a file that is not as written. */
import { readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openOutbox, readLastRelease } from "../../../../agent/adapters/journal/fileOutbox.ts";
import { encode } from "../../../../agent/core/codec.ts";
import { hashOf } from "../../../../agent/core/hash.ts";
import { height } from "../../../../agent/core/units.ts";
import type { Outbox } from "../../../../agent/ports/outbox.ts";
import { failsWith } from "../../../support/failure.ts";
import { journalBytes } from "../../../support/journalBytes.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const CAPACITY_BYTES = 8_192;
const small = { capacityBytes: CAPACITY_BYTES };

const reading = (sequence: number, length = 200) => ({
  sequence,
  bytes: new Uint8Array(length).fill(1 + (sequence % 255)),
});
const taken = (sequence: number) => ({
  sequence,
  height: height(sequence),
  blockHash: hashOf(Uint8Array.of(sequence % 256)),
});
const sequences = (outbox: Outbox) => outbox.pending().map((entry) => entry.sequence);

const test = suite("fileOutbox");

const withPath = (use: (path: string) => Promise<void>) => () =>
  withTemporaryDirectory((directory) => use(join(directory, "outbox.journal")));

test(
  "a thousand readings pass through a file of 8 KiB; what is pending and the count stay",
  withPath(async (path) => {
    let outbox = await openOutbox(path, small);
    await outbox.append(reading(1));
    for (let sequence = 2; sequence <= 1_000; sequence += 1) {
      await outbox.append(reading(sequence));
      if (sequence % 100 !== 0) await outbox.release(taken(sequence));
      if (sequence % 250 === 0) {
        await outbox.close();
        outbox = await openOutbox(path, small);
      }
    }
    await outbox.close();
    outbox = await openOutbox(path, small);
    await outbox.close();
    assert.equal(sequences(outbox), [1, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000]);
    assert.equal(outbox.pending()[3], reading(300));
    assert.equal([outbox.nextSequence(), outbox.boot], [1_001, 6]);
    assert.equal(outbox.lastRelease(), taken(999));
    assert.is((await stat(path)).size, CAPACITY_BYTES);
  }),
);

test(
  "starts alone never fill the file",
  withPath(async (path) => {
    for (let boot = 1; boot <= 300; boot += 1) {
      const outbox = await openOutbox(path, small);
      if (boot === 1) await outbox.append(reading(1));
      await outbox.close();
      assert.is(outbox.boot, boot);
      assert.equal(sequences(outbox), [1]);
    }
  }),
);

test(
  "is full by bytes before the file is, so that what it holds can still be released",
  withPath(async (path) => {
    const outbox = await openOutbox(path, small);
    let sequence = 1;
    for (; sequence < 1_000; sequence += 1) {
      const isTaken = await outbox.append(reading(sequence)).then(
        () => true,
        () => false,
      );
      if (!isTaken) break;
    }
    await failsWith(() => outbox.append(reading(sequence)), "JOURNAL_FULL");
    // Three quarters of 8,192 bytes hold 24 readings of 200 bytes, each with 48 bytes around it.
    assert.is(sequence - 1, 24);
    for (let released = 1; released < sequence; released += 1) await outbox.release(taken(released));
    assert.equal(outbox.pending(), []);
    await outbox.append(reading(sequence));
    await outbox.close();
  }),
);

test(
  "the default holds 35 days of quarter-hourly readings of 700 bytes",
  withPath(async (path) => {
    await (await openOutbox(path)).close();
    const { size } = await stat(path);
    const entryBytes = 700 + 24 + 24;
    assert.ok(size * 0.75 >= 4_096 * entryBytes);
    assert.ok(4_096 > (35 * 86_400) / 900);
  }),
);

test(
  "an altered reading fails the opening, with path, place and what to do, and leaves the file alone",
  withPath(async (path) => {
    const outbox = await openOutbox(path, small);
    for (const sequence of [1, 2, 3]) await outbox.append(reading(sequence));
    await outbox.close();
    const bytes = await readFile(path);
    bytes[bytes.indexOf(reading(2).bytes) + 20]! ^= 1;
    await writeFile(path, bytes);
    const error = await failsWith(() => openOutbox(path, small), "JOURNAL_DAMAGED");
    assert.equal([error.detail.path, error.detail.reason], [path, "record"]);
    assert.type(error.detail.fix, "string");
    assert.ok(bytes.equals(await readFile(path)));
  }),
);

test(
  "sound records that make no sense fail the opening",
  withPath(async (path) => {
    for (const payloads of [
      [encode(["boot", 1]), encode(["entry", 2, Uint8Array.of(1)])],
      [encode(["boot", 1]), Uint8Array.of(0xff)],
    ]) {
      await writeFile(path, journalBytes("outbox", CAPACITY_BYTES, payloads).file);
      const error = await failsWith(() => openOutbox(path, small), "JOURNAL_DAMAGED");
      assert.equal([error.detail.reason, error.detail.recordNumber], ["content", 2]);
    }
  }),
);

test(
  "a file that went missing shows as a first start",
  withPath(async (path) => {
    const outbox = await openOutbox(path, small);
    await outbox.append(reading(1));
    await outbox.close();
    await rm(path);
    const again = await openOutbox(path, small);
    await again.close();
    assert.is(again.boot, 1);
  }),
);

test(
  "the newest release is read without a start, and nothing is written",
  withPath(async (path) => {
    assert.is(await readLastRelease(path), null);
    const outbox = await openOutbox(path, small);
    assert.is(await readLastRelease(path), null);
    await outbox.append(reading(1));
    await outbox.release(taken(1));
    await outbox.close();
    const before = await readFile(path);
    assert.equal(await readLastRelease(path), taken(1));
    assert.equal(await readFile(path), before);
  }),
);

test(
  "a file whose size has gone wrong is damage, and no more of it is read than of any",
  withPath(async (path) => {
    await (await openOutbox(path, small)).close();
    await truncate(path, 3 * 2 ** 30);
    const error = await failsWith(() => readLastRelease(path), "JOURNAL_DAMAGED");
    assert.is(error.detail.reason, "size");
    await failsWith(() => openOutbox(path, small), "JOURNAL_DAMAGED");
    await failsWith(() => readLastRelease(dirname(path)), "JOURNAL_READ");
  }),
);

test.run();
