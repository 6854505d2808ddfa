/** What every outbox does: the fake that services are tested with, and the one on disk. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openOutbox } from "../../agent/adapters/journal/fileOutbox.ts";
import { hashOf } from "../../agent/core/hash.ts";
import { height } from "../../agent/core/units.ts";
import type { Outbox, Release } from "../../agent/ports/outbox.ts";
import { failsWith } from "../support/failure.ts";
import { emptyOutboxDisk, memoryOutbox } from "../support/memoryOutbox.ts";

/** Opens the outbox of one test; again after a close, on the same disk. */
type Open = () => Promise<Outbox>;

const MAX_PENDING = 8;

const subjects: readonly (readonly [
  name: string,
  withDisk: (use: (open: Open) => Promise<void>) => Promise<void>,
])[] = [
  [
    "in memory",
    async (use) => {
      const disk = emptyOutboxDisk();
      await use(async () => memoryOutbox(disk, MAX_PENDING));
    },
  ],
  [
    "in a file",
    async (use) => {
      const directory = await mkdtemp(join(tmpdir(), "edso-outbox-"));
      try {
        const limits = { capacityBytes: 65_536, maxPending: MAX_PENDING };
        await use(() => openOutbox(join(directory, "outbox.journal"), limits));
      } finally {
        await rm(directory, { recursive: true });
      }
    },
  ],
];

const reading = (sequence: number) => ({ sequence, bytes: Uint8Array.of(0, sequence, 255) });
const taken = (sequence: number, at: number): Release => ({
  sequence,
  height: height(at),
  blockHash: hashOf(Uint8Array.of(at)),
});
const sequences = (outbox: Outbox) => outbox.pending().map((entry) => entry.sequence);

for (const [name, withDisk] of subjects) {
  const test = suite(`outbox ${name}`);

  const withOutbox = (use: (outbox: Outbox, reopen: Open) => Promise<void>) => () =>
    withDisk(async (open) => {
      let outbox = await open();
      try {
        await use(outbox, async () => {
          await outbox.close();
          outbox = await open();
          return outbox;
        });
      } finally {
        await outbox.close();
      }
    });

  test(
    "begins at boot 1 and sequence 1 with nothing pending",
    withOutbox(async (outbox) => {
      assert.is(outbox.boot, 1);
      assert.is(outbox.nextSequence(), 1);
      assert.equal(outbox.pending(), []);
      assert.is(outbox.lastRelease(), null);
    }),
  );

  test(
    "keeps what was appended, oldest first, also when opened again",
    withOutbox(async (outbox, reopen) => {
      for (const sequence of [1, 2, 3]) await outbox.append(reading(sequence));
      assert.equal(outbox.pending(), [reading(1), reading(2), reading(3)]);
      const again = await reopen();
      assert.equal(again.pending(), [reading(1), reading(2), reading(3)]);
      assert.is(again.nextSequence(), 4);
    }),
  );

  test(
    "counts every start",
    withOutbox(async (_, reopen) => {
      assert.is((await reopen()).boot, 2);
      assert.is((await reopen()).boot, 3);
    }),
  );

  test(
    "lets go of a released reading for good and remembers the block",
    withOutbox(async (outbox, reopen) => {
      for (const sequence of [1, 2, 3]) await outbox.append(reading(sequence));
      await outbox.release(taken(2, 7));
      assert.equal(sequences(outbox), [1, 3]);
      assert.equal(outbox.lastRelease(), taken(2, 7));
      const again = await reopen();
      assert.equal(sequences(again), [1, 3]);
      assert.equal(again.lastRelease(), taken(2, 7));
    }),
  );

  test(
    "the newest release is the one recorded last, whatever its sequence",
    withOutbox(async (outbox, reopen) => {
      for (const sequence of [1, 2]) await outbox.append(reading(sequence));
      await outbox.release(taken(2, 7));
      await outbox.release(taken(1, 8));
      assert.equal(outbox.lastRelease(), taken(1, 8));
      assert.equal((await reopen()).lastRelease(), taken(1, 8));
    }),
  );

  test(
    "a second release of the same reading changes nothing",
    withOutbox(async (outbox) => {
      for (const sequence of [1, 2]) await outbox.append(reading(sequence));
      await outbox.release(taken(1, 7));
      await outbox.release(taken(1, 9));
      assert.equal(sequences(outbox), [2]);
      assert.equal(outbox.lastRelease(), taken(1, 7));
    }),
  );

  test(
    "never gives a sequence twice, also when all are released and it is opened again",
    withOutbox(async (outbox, reopen) => {
      await outbox.append(reading(1));
      await outbox.release(taken(1, 1));
      assert.is(outbox.nextSequence(), 2);
      assert.is((await reopen()).nextSequence(), 2);
    }),
  );

  test(
    "refuses a sequence that is not the next, and stays as it was",
    withOutbox(async (outbox) => {
      await outbox.append(reading(1));
      for (const sequence of [0, 1, 3])
        await failsWith(() => outbox.append(reading(sequence)), "JOURNAL_SEQUENCE");
      await outbox.append(reading(2));
      assert.equal(sequences(outbox), [1, 2]);
    }),
  );

  test(
    "refuses the release of a reading it never had",
    withOutbox(async (outbox) => {
      await failsWith(() => outbox.release(taken(1, 1)), "JOURNAL_SEQUENCE");
      assert.is(outbox.lastRelease(), null);
    }),
  );

  test(
    "takes concurrent appends one after another",
    withOutbox(async (outbox, reopen) => {
      await Promise.all([1, 2, 3, 4, 5].map((sequence) => outbox.append(reading(sequence))));
      assert.equal(sequences(outbox), [1, 2, 3, 4, 5]);
      assert.equal(sequences(await reopen()), [1, 2, 3, 4, 5]);
    }),
  );

  test(
    "of two concurrent appends with one sequence, exactly one is taken",
    withOutbox(async (outbox) => {
      const results = await Promise.allSettled([outbox.append(reading(1)), outbox.append(reading(1))]);
      assert.equal(results.map((result) => result.status).sort(), ["fulfilled", "rejected"]);
      assert.equal(sequences(outbox), [1]);
    }),
  );

  test(
    "is full at its limit, says so, and takes on after a release",
    withOutbox(async (outbox) => {
      for (let sequence = 1; sequence <= MAX_PENDING; sequence += 1) await outbox.append(reading(sequence));
      const next = MAX_PENDING + 1;
      await failsWith(() => outbox.append(reading(next)), "JOURNAL_FULL");
      assert.is(outbox.nextSequence(), next);
      await outbox.release(taken(1, 1));
      await outbox.append(reading(next));
      assert.is(outbox.pending().length, MAX_PENDING);
    }),
  );

  test(
    "keeps its own copy of the bytes",
    withOutbox(async (outbox) => {
      const bytes = Uint8Array.of(1, 2, 3);
      const appended = outbox.append({ sequence: 1, bytes });
      bytes.fill(9);
      await appended;
      assert.equal(outbox.pending()[0]?.bytes, Uint8Array.of(1, 2, 3));
    }),
  );

  test(
    "closed, it takes nothing more; closing twice is harmless",
    withOutbox(async (outbox) => {
      await outbox.close();
      await outbox.close();
      await failsWith(() => outbox.append(reading(1)), "JOURNAL_CLOSED");
    }),
  );

  test(
    "goes on with a higher number when told to, after another start too; never with a lower one",
    withOutbox(async (outbox, reopen) => {
      await outbox.append(reading(1));
      await outbox.skipTo(9);
      await outbox.skipTo(4);
      assert.is(outbox.nextSequence(), 9);
      const again = await reopen();
      assert.is(again.nextSequence(), 9);
      await again.append(reading(9));
      assert.equal(sequences(again), [1, 9]);
    }),
  );

  test.run();
}
