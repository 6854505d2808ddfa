import { suite } from "uvu";
import * as assert from "uvu/assert";
import { JournalError } from "../../../../../agent/adapters/journal/journalError.ts";
import { StoreError } from "../../../../../agent/adapters/store/storeError.ts";
import {
  DiskGuard,
  isDiskRefusal,
  MIN_FREE_BYTES,
  RESUME_FREE_BYTES,
} from "../../../../../agent/services/voting/diskGuard.ts";
import { votingHindrances } from "../../../../../agent/services/voting/votingHindrances.ts";
import { eventLog } from "../../../../support/eventLog.ts";
import { FakeClock } from "../../../../support/fakeClock.ts";

const LOOK_MS = 10_000;
const test = suite("diskGuard");

function guarded(failedLives = 0) {
  const clock = new FakeClock();
  const logger = eventLog();
  const disk = {
    freeBytes: 2 * RESUME_FREE_BYTES,
    isWritable: true,
    error: null as Error | null,
    roomMade: 0,
    /** Bytes that the profile takes, and what is done to it. */
    profileBytes: 0,
    spared: [] as string[],
  };
  const right = votingHindrances(clock, () => {});
  let renewals = 0;
  const guard = new DiskGuard({
    disk: {
      look: async () => {
        if (disk.error !== null) throw disk.error;
        return disk;
      },
      makeRoom: async () => {
        disk.roomMade += 1;
        return 1_000;
      },
    },
    clock,
    logger,
    hindrances: right,
    spare: {
      drop: async () => {
        disk.spared.push("dropped");
        disk.freeBytes += disk.profileBytes;
        return disk.profileBytes;
      },
      keepAgain: () => void disk.spared.push("kept again"),
    },
    failedLives,
    onRenew: () => {
      renewals += 1;
    },
  });
  const code = () => right.hindrances()[0]?.code ?? null;
  return { clock, logger, disk, right, guard, code, renewals: () => renewals };
}

test("a roomy, writable disk hinders nothing", async () => {
  const { guard, clock, code, disk } = guarded();
  await guard.start();
  await clock.advance(5 * LOOK_MS);
  assert.is(code(), null);
  assert.is(disk.roomMade, 0);
  guard.stop();
  assert.is(clock.pendingCount(), 0);
});

test("below 64 MiB no vote is cast, from the first look on; what is not needed is dropped once", async () => {
  const { guard, clock, disk, code, right, logger } = guarded();
  disk.freeBytes = MIN_FREE_BYTES - 1;
  await guard.start();
  assert.is(code(), "DISK_SPACE_LOW");
  assert.is(right.hindrances()[0]?.because(), "63 MiB are free on the disk, below the bound of 64 MiB");
  assert.match(right.hindrances()[0]?.next ?? "", /until 80 MiB are free/);
  await clock.advance(3 * LOOK_MS);
  assert.is(disk.roomMade, 1);
  assert.is(logger.events.filter(({ event }) => event === "disk.trouble").length, 1);
  guard.stop();
});

test("the profile goes first: votes are cast on when that is enough, and it is kept again at 80 MiB", async () => {
  const { guard, clock, disk, code, logger } = guarded();
  await guard.start();
  disk.profileBytes = 10 * 1_048_576;
  disk.freeBytes = MIN_FREE_BYTES - 1;
  await clock.advance(LOOK_MS);
  assert.equal([code(), disk.roomMade, disk.spared], [null, 0, ["dropped"]]);
  disk.freeBytes = RESUME_FREE_BYTES - 1;
  await clock.advance(LOOK_MS);
  assert.equal(disk.spared, ["dropped"], "no room for it yet");
  disk.freeBytes = RESUME_FREE_BYTES;
  await clock.advance(LOOK_MS);
  assert.equal(disk.spared, ["dropped", "kept again"]);
  const events = logger.events.map(({ event }) => event);
  assert.equal(events, ["profile.dropped", "profile.kept-again"]);
  guard.stop();
});

test("a profile that does not take enough is dropped once, and voting stops all the same", async () => {
  const { guard, clock, disk, code } = guarded();
  disk.profileBytes = 1_000;
  disk.freeBytes = MIN_FREE_BYTES - 2_000;
  await guard.start();
  await clock.advance(3 * LOOK_MS);
  assert.equal([code(), disk.spared], ["DISK_SPACE_LOW", ["dropped"]]);
  guard.stop();
});

test("votes come back by themselves, at 80 MiB and not before", async () => {
  const { guard, clock, disk, code } = guarded();
  await guard.start();
  disk.freeBytes = MIN_FREE_BYTES - 1;
  await clock.advance(LOOK_MS);
  assert.is(code(), "DISK_SPACE_LOW");
  disk.freeBytes = RESUME_FREE_BYTES - 1;
  await clock.advance(LOOK_MS);
  assert.is(code(), "DISK_SPACE_LOW");
  disk.freeBytes = RESUME_FREE_BYTES;
  await clock.advance(LOOK_MS);
  assert.is(code(), null);
  disk.freeBytes = MIN_FREE_BYTES;
  await clock.advance(LOOK_MS);
  assert.is(code(), null);
  guard.stop();
});

test("a read-only disk, and one that cannot be looked at, hinder by their own codes", async () => {
  const { guard, clock, disk, code } = guarded();
  disk.isWritable = false;
  await guard.start();
  assert.is(code(), "DISK_READ_ONLY");
  disk.error = Object.assign(new Error("EIO: i/o error, statfs"), { code: "EIO" });
  await clock.advance(LOOK_MS);
  assert.is(code(), "DISK_UNREADABLE");
  disk.error = null;
  disk.isWritable = true;
  await clock.advance(LOOK_MS);
  assert.is(code(), null);
  guard.stop();
});

test("after a failed write nothing is voted on in this life, and a new one is asked for when the disk is well", async () => {
  const { guard, clock, disk, code, renewals } = guarded();
  await guard.start();
  guard.noteFailure(new StoreError("STORE_WRITE", { directory: "ledger" }));
  assert.is(code(), "STORE_WRITE");
  disk.freeBytes = 0;
  await clock.advance(20 * LOOK_MS);
  assert.equal([code(), renewals()], ["STORE_WRITE", 0], "not while the disk is full");
  disk.freeBytes = RESUME_FREE_BYTES;
  await clock.advance(LOOK_MS);
  assert.equal([code(), renewals()], ["STORE_WRITE", 1]);
  await clock.advance(50 * LOOK_MS);
  assert.is(renewals(), 1);
  assert.is(clock.pendingCount(), 0);
});

for (const [failedLives, waitMs] of [
  [0, 60_000],
  [1, 120_000],
  [6, 3_840_000],
  [60, 3_840_000],
] as const) {
  test(`after ${failedLives} failed lives it waits ${waitMs / 60_000} min before the next`, async () => {
    const { guard, clock, renewals } = guarded(failedLives);
    await guard.start();
    guard.noteFailure(new JournalError("JOURNAL_WRITE"));
    await clock.advance(waitMs - LOOK_MS);
    assert.is(renewals(), 0);
    await clock.advance(2 * LOOK_MS);
    assert.is(renewals(), 1);
  });
}

test("tells a disk that refuses from damage and from faults of edso", () => {
  for (const error of [
    new StoreError("STORE_WRITE"),
    new StoreError("STORE_READ"),
    new JournalError("JOURNAL_WRITE"),
  ])
    assert.is(isDiskRefusal(error), true, error.code);
  for (const error of [
    new StoreError("STORE_DAMAGED"),
    new JournalError("JOURNAL_FULL"),
    new Error("ENOSPC"),
  ])
    assert.is(isDiskRefusal(error), false);
});

test.run();
