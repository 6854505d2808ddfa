// time limit: 300 s
/** How much of a stored chain is believed, how much recomputed, and what the walk beside the agent still finds. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isSnapshotHeight, snapshotsToDrop } from "../../../../../agent/core/ledger/chain/snapshotPlan.ts";
import { encodeState } from "../../../../../agent/core/ledger/state/state.ts";
import { type Height, height } from "../../../../../agent/core/units.ts";
import type { StoredBlock, StoredSnapshot } from "../../../../../agent/ports/ledgerStore.ts";
import { LedgerAudit } from "../../../../../agent/services/ledger/ledgerAudit.ts";
import { openChain, RECOMPUTED_AT_OPEN } from "../../../../../agent/services/ledger/ledgerOpening.ts";
import { ChainBuilder, testContext } from "../../../../support/chainBuilder.ts";
import { eventLog } from "../../../../support/eventLog.ts";
import { failsWith } from "../../../../support/failure.ts";
import { FakeClock } from "../../../../support/fakeClock.ts";
import { memoryStore, type StoreDisk } from "../../../../support/memoryStore.ts";

const BLOCKS = 1_400;
/** The newest snapshot that leaves 1,024 blocks above it. */
const START = 256;
const context = testContext(1);
const chain = new ChainBuilder(context);
let snapshots: readonly StoredSnapshot[] = [];
while (chain.entries.length < BLOCKS) {
  const { height: at, blockHash } = chain.settle([{}]);
  if (!isSnapshotHeight(at)) continue;
  const kept = [{ height: at, blockHash, state: encodeState(chain.state) }, ...snapshots];
  const gone = snapshotsToDrop(
    kept.map((one) => one.height),
    height(0),
  );
  snapshots = kept.filter((one) => !gone.includes(one.height));
}

type Made = StoreDisk & { blocks: StoredBlock[]; snapshots: readonly StoredSnapshot[] };
const disk = (changes: Partial<StoreDisk> = {}): Made => ({
  blocks: [...chain.entries],
  state: encodeState(chain.state),
  snapshots,
  ...changes,
});
const open = (on: StoreDisk) => openChain({ context, store: memoryStore(on) });

const test = suite("opening a ledger");

test("after a clean stop nothing is recomputed: links, the head's state and its certificate", async () => {
  const opened = await open(disk({ isSound: true }));
  assert.equal([opened.recomputed, opened.unaudited], [0, null]);
  assert.equal(encodeState(opened.state), encodeState(chain.state));
  assert.equal(opened.headCertificate, chain.headCertificate);
});

test("after an unclean one the newest 1,024 blocks are recomputed at once, the rest is left for later", async () => {
  const opened = await open(disk());
  assert.is(opened.recomputed, BLOCKS - START);
  assert.ok(opened.recomputed >= RECOMPUTED_AT_OPEN);
  assert.equal([opened.unaudited?.from.height, opened.unaudited?.until], [height(0), height(START)]);
});

test("without a snapshot so low everything is recomputed", async () => {
  const opened = await open(disk({ snapshots: snapshots.filter((one) => one.height > START) }));
  assert.equal([opened.recomputed, opened.unaudited], [BLOCKS, null]);
});

test("a ledger that begins with a certified state is recomputed from there", async () => {
  const base = height(512);
  const based = disk({ base, snapshots: snapshots.filter((one) => one.height >= 512) });
  delete (based.blocks as unknown[])[300];
  const opened = await open(based);
  assert.equal([opened.recomputed, opened.unaudited], [BLOCKS - 512, null]);
});

const alter = (on: Made, at: number, change: (block: StoredBlock) => StoredBlock) => {
  const block = on.blocks[at - 1];
  if (block !== undefined) on.blocks[at - 1] = change(block);
  return on;
};
const flipped = (bytes: Uint8Array, at: number) => bytes.with(at, (bytes.at(at) ?? 0) ^ 1);
const alteredSnapshot = (at: number) =>
  snapshots.map((one) => (one.height === at ? { ...one, state: flipped(one.state, -1) } : one));

const DAMAGES: readonly (readonly [what: string, on: () => StoreDisk, at: number, reason: string])[] = [
  [
    "a broken link far down, even after a clean stop",
    () => alter(disk({ isSound: true }), 40, (block) => ({ ...block, block: flipped(block.block, 60) })),
    40,
    "BLOCK_WRONG_HASH",
  ],
  [
    "a block of another height, even after a clean stop",
    () => alter(disk({ isSound: true }), 40, () => chain.entries[40]!),
    40,
    "BLOCK_WRONG_HEIGHT",
  ],
  [
    "another state after a clean stop",
    () => disk({ isSound: true, state: flipped(encodeState(chain.state), -1) }),
    BLOCKS,
    "STATE_DIFFERS",
  ],
  [
    "an altered certificate of the head after a clean stop",
    () =>
      alter(disk({ isSound: true }), BLOCKS, (block) => ({
        ...block,
        certificate: flipped(block.certificate, -1),
      })),
    BLOCKS,
    "BAD_SIGNATURE",
  ],
  [
    "an altered certificate among the newest",
    () => alter(disk(), BLOCKS - 900, (block) => ({ ...block, certificate: flipped(block.certificate, -1) })),
    BLOCKS - 900,
    "BAD_SIGNATURE",
  ],
  [
    "an altered snapshot to begin with",
    () => disk({ snapshots: alteredSnapshot(START) }),
    START,
    "STATE_DIFFERS",
  ],
  [
    "no state for the block that it begins with",
    () => disk({ base: height(700) as Height, snapshots: [] }),
    700,
    "SNAPSHOT_MISSING",
  ],
];
for (const [what, on, at, reason] of DAMAGES) {
  test(`${what} is damage of height ${at}: ${reason}`, async () => {
    const { detail } = await failsWith(() => open(on()), "LEDGER_DAMAGED");
    assert.equal([detail.height, detail.reason], [at, reason]);
  });
}

const audit = suite("the audit of a ledger");

async function audited(on: StoreDisk) {
  const clock = new FakeClock();
  const logger = eventLog();
  const store = memoryStore(on);
  const { unaudited } = await openChain({ context, store });
  const damages: unknown[] = [];
  const onDamage = (error: unknown) => damages.push(error);
  const walk = new LedgerAudit({ context, store, clock, logger, onDamage }, unaudited);
  assert.is(walk.isDone, unaudited === null);
  walk.start();
  return { walk, clock, logger, damages };
}

audit("walks over what was believed, a little at a time, and is done", async () => {
  const { walk, clock, logger, damages } = await audited(disk());
  await clock.advance(1_000);
  assert.is(walk.isDone, false);
  await clock.advance(9_000);
  assert.is(walk.isDone, true);
  assert.equal(damages, []);
  assert.equal(logger.events.at(-1)?.fields, { blocks: START, height: START });
  assert.is(clock.pendingCount(), 0);
});

audit("finds an altered certificate that the links do not show", async () => {
  const on = alter(disk(), 100, (block) => ({ ...block, certificate: flipped(block.certificate, -1) }));
  const { walk, clock, damages } = await audited(on);
  await clock.advance(10_000);
  assert.is(walk.isDone, false);
  const [damage] = damages;
  await failsWith(() => Promise.reject(damage), "LEDGER_DAMAGED");
});

audit("stopped half-way it is not done, and finds nothing more", async () => {
  const { walk, clock } = await audited(disk());
  await clock.advance(1_000);
  walk.stop();
  await clock.advance(20_000);
  assert.is(walk.isDone, false);
  assert.is(clock.pendingCount(), 0);
});

test.run();
audit.run();
