/** Which epoch a gateway is in: it enters one of each number, goes back to none, and forgives only what it may. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ZERO_HASH } from "../../../../../agent/core/hash.ts";
import { type Epoch, epochOf } from "../../../../../agent/core/membership/epoch.ts";
import { NO_DELTA } from "../../../../../agent/core/membership/rosterDelta.ts";
import { height } from "../../../../../agent/core/units.ts";
import { enterEpoch, renunciation } from "../../../../../agent/services/voting/epochEntry.ts";
import { failsWith } from "../../../../support/failure.ts";
import {
  emptyVoteJournalDisk,
  memoryVoteJournal,
  type VoteJournalDisk,
} from "../../../../support/memoryVoteJournal.ts";

const test = suite("enterEpoch");
const first: Epoch = { number: 0, chainId: ZERO_HASH, recovery: null };
const recovered = (isProven: boolean, number = 1): Epoch =>
  epochOf({
    epoch: number,
    previous: ZERO_HASH,
    head: { height: height(7), hash: ZERO_HASH, stateRoot: ZERO_HASH },
    prepared: null,
    roster: NO_DELTA,
    reporters: [],
    lost: [],
    isProven,
  });
const next = recovered(true);

/** A gateway in its first epoch; each opening counts a start, of the journal and of the outbox. */
async function gateway(changes: Partial<VoteJournalDisk> = {}) {
  const disk = { ...emptyVoteJournalDisk(), ...changes };
  await enterEpoch(memoryVoteJournal(disk), disk.starts, first);
  return {
    disk,
    enter: (epoch: Epoch, boot = disk.starts + 1) => enterEpoch(memoryVoteJournal(disk), boot, epoch),
  };
}

test("the first start enters the first epoch; the same again changes nothing", async () => {
  const { disk, enter } = await gateway();
  assert.equal(disk.epoch, { number: 0, chainId: ZERO_HASH, base: 0 });
  await enter(first);
  assert.is(disk.epoch?.number, 0);
});

test("a later epoch is entered with what it goes on from", async () => {
  const { disk, enter } = await gateway();
  await enter(next);
  assert.equal(disk.epoch, { number: 1, chainId: next.chainId, base: 7 });
});

test("another genesis of the epoch it is in is refused, and so is an epoch that it has left", async () => {
  const { enter } = await gateway();
  await enter(next);
  await failsWith(() => enter(recovered(false)), "EPOCH_OTHER_GENESIS");
  await failsWith(() => enter(first), "EPOCH_LEFT");
  await enter(recovered(true, 2));
  await failsWith(() => enter(next), "EPOCH_LEFT");
});

const AMNESIA = { code: "AMNESIA", reason: "lost" } as const;

test("forgotten votes are forgiven to whoever renounced their epoch", async () => {
  const { disk, enter } = await gateway({ abstention: AMNESIA });
  await memoryVoteJournal(disk).renounce(5);
  assert.is(renunciation(memoryVoteJournal(disk))?.code, "EPOCH_RENOUNCED");
  await enter(next, 6);
  assert.is(disk.abstention, null);
  assert.is(renunciation(memoryVoteJournal(disk)), null);
});

test("without a renunciation they are not: the way back is the ledger's", async () => {
  const { disk, enter } = await gateway({ abstention: AMNESIA });
  await enter(next);
  assert.equal(disk.abstention, AMNESIA);
});

test("nor in a journal that lacks starts: it may lack this very epoch, and votes in it", async () => {
  const { disk, enter } = await gateway({ abstention: AMNESIA });
  await memoryVoteJournal(disk).renounce(5);
  await enter(next, 9);
  assert.equal(disk.abstention, AMNESIA);
});

test("a damaged journal is left as it is", async () => {
  const disk = { ...emptyVoteJournalDisk(), damage: "record damaged" };
  await enterEpoch(memoryVoteJournal(disk), 1, next);
  assert.is(disk.epoch, null);
});

test.run();
