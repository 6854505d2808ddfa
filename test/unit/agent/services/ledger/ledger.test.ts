/** The ledger opens only what recomputes, and makes durable before visible. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { StoreError } from "../../../../../agent/adapters/store/storeError.ts";
import { hashOf } from "../../../../../agent/core/hash.ts";
import { judgeBlock } from "../../../../../agent/core/ledger/blocks/judgeBlock.ts";
import { MAX_TRAIL } from "../../../../../agent/core/ledger/chain/trailEntry.ts";
import { encodeState } from "../../../../../agent/core/ledger/state/state.ts";
import { encodeReading, type Reading } from "../../../../../agent/core/metering/reading.ts";
import { height, intervalIndex } from "../../../../../agent/core/units.ts";
import type { LedgerStore, StoredBlock } from "../../../../../agent/ports/ledgerStore.ts";
import { LedgerService } from "../../../../../agent/services/ledger/ledger.ts";
import {
  ChainBuilder,
  FIRST_INTERVAL,
  measured,
  memberNamed,
  testContext,
  testReading,
} from "../../../../support/chainBuilder.ts";
import { eventLog } from "../../../../support/eventLog.ts";
import { failsWith } from "../../../../support/failure.ts";
import { emptyOutboxDisk, memoryOutbox, type OutboxDisk } from "../../../../support/memoryOutbox.ts";
import { memoryStore, type StoreDisk } from "../../../../support/memoryStore.ts";
import { commitCertificate } from "../../../../support/testCertificates.ts";

const context = testContext(4);
const self = memberNamed(context, "dep1").id;

/** Three blocks on a disk. */
function builtChain(): { readonly chain: ChainBuilder; readonly disk: StoreDisk } {
  const chain = new ChainBuilder(context);
  chain.settle([{ dep1: [500, 100], dep2: [0, 300] }]);
  chain.settle([{ dep1: [10, 100], dep2: [900, 300], dep3: "port-gone" }], 1);
  chain.settle([{ dep1: [0, 0] }]);
  return { chain, disk: { blocks: [...chain.entries], state: encodeState(chain.state) } };
}

function service(
  disk: StoreDisk,
  outboxDisk: OutboxDisk = emptyOutboxDisk(),
  store: LedgerStore = memoryStore(disk),
) {
  const log = eventLog();
  const ledger = new LedgerService({ context, store, outbox: memoryOutbox(outboxDisk), logger: log, self });
  return { ledger, log };
}

const opening = suite("ledger, opened");

opening("empty stands on the genesis, without a certificate", async () => {
  const { ledger } = service({ blocks: [], state: new Uint8Array() });
  await ledger.start();
  assert.is(ledger.state.height, 0);
  assert.is(ledger.headCertificate, null);
});

opening("on a sound store stands where the chain stood", async () => {
  const { chain, disk } = builtChain();
  const { ledger, log } = service(disk);
  await ledger.start();
  assert.equal(encodeState(ledger.state), encodeState(chain.state));
  assert.equal(ledger.headCertificate, chain.headCertificate);
  const { head } = chain.state;
  assert.equal(log.events.at(-1)?.fields, { height: 3, head, base: 0, recomputed: 3, unaudited: 0 });
});

type Damage = (blocks: StoredBlock[], disk: StoreDisk) => void;
const alter = (blocks: StoredBlock[], index: number, changes: Partial<StoredBlock>) => {
  blocks[index] = { ...blocks[index]!, ...changes };
};
const flipped = (bytes: Uint8Array, at: number) => bytes.with(at, (bytes.at(at) ?? 0) ^ 1);

const DAMAGES: readonly (readonly [name: string, height: number, reason: string, damage: Damage])[] = [
  ["a block that is gone", 2, "BLOCK_MISSING", (blocks) => delete (blocks as (StoredBlock | undefined)[])[1]],
  ["a block in the place of another", 2, "BLOCK_WRONG_HEIGHT", (blocks) => alter(blocks, 1, blocks[0]!)],
  [
    "a block under another hash",
    1,
    "BLOCK_WRONG_HASH",
    (blocks) => alter(blocks, 0, { blockHash: hashOf(new Uint8Array()) }),
  ],
  [
    "a block cut short",
    2,
    "NOT_CBOR",
    (blocks) => alter(blocks, 1, { block: blocks[1]!.block.subarray(0, 50) }),
  ],
  [
    "an altered signature of a reading",
    3,
    "BAD_SIGNATURE",
    (blocks) => alter(blocks, 2, { block: withFlippedSignature(blocks[2]!) }),
  ],
  [
    "an altered certificate",
    3,
    "BAD_SIGNATURE",
    (blocks) => alter(blocks, 2, { certificate: flipped(blocks[2]!.certificate, -1) }),
  ],
  [
    "the certificate of another block",
    2,
    "PARENT_CERTIFICATE_OTHER",
    (blocks) => alter(blocks, 1, { certificate: blocks[0]!.certificate }),
  ],
  ["no certificate", 1, "NOT_CBOR", (blocks) => alter(blocks, 0, { certificate: new Uint8Array() })],
  [
    "another state",
    3,
    "STATE_DIFFERS",
    (_, disk) => {
      disk.state = flipped(disk.state, -1);
    },
  ],
  [
    "no state",
    3,
    "STATE_DIFFERS",
    (_, disk) => {
      disk.state = new Uint8Array();
    },
  ],
];

/** Finds the only reading's signature in the stored bytes and flips its last bit. */
function withFlippedSignature(stored: StoredBlock): Uint8Array {
  const judged = builtChain().chain.blocks[2]!.block.body.intervals[0]!.readings[0]!;
  const encoded = encodeReading(judged);
  const at = stored.block.findIndex((_, index) =>
    encoded.every((byte, offset) => stored.block[index + offset] === byte),
  );
  assert.ok(at > 0);
  return flipped(stored.block, at + encoded.length - 1);
}

for (const [name, at, reason, damage] of DAMAGES) {
  opening(`refuses a store with ${name}: height ${at}, ${reason}`, async () => {
    const { disk } = builtChain();
    damage(disk.blocks, disk);
    const { detail } = await failsWith(() => service(disk).ledger.start(), "LEDGER_DAMAGED");
    assert.is(detail.height, at);
    assert.is(detail.reason, reason);
  });
}

opening(
  "lets go of own readings that the chain holds, when the stop came before the outbox heard of it",
  async () => {
    const { chain, disk } = builtChain();
    const outboxDisk = emptyOutboxDisk();
    const outbox = memoryOutbox(outboxDisk);
    const own = chain.blocks.flatMap(({ block }) =>
      block.body.intervals.flatMap(({ readings }) =>
        readings.filter(({ reading }) => reading.member === self),
      ),
    );
    assert.equal(
      own.map(({ reading }) => reading.sequence),
      [1, 2, 3],
    );
    const waiting = own.map((signed) => ({
      sequence: signed.reading.sequence,
      bytes: encodeReading(signed),
    }));
    for (const entry of [...waiting, { sequence: 4, bytes: new Uint8Array() }]) await outbox.append(entry);
    await service(disk, outboxDisk).ledger.start();
    assert.equal([...outboxDisk.pending.keys()], [4], "what no block holds waits on");
    assert.is(outboxDisk.lastRelease?.height, 3);
  },
);

opening("refuses a chain that is not the one its outbox knows", async () => {
  const { disk } = builtChain();
  const outboxDisk = emptyOutboxDisk();
  outboxDisk.lastRelease = { sequence: 2, height: height(2), blockHash: hashOf(new Uint8Array()) };
  const { detail } = await failsWith(() => service(disk, outboxDisk).ledger.start(), "LEDGER_DAMAGED");
  assert.equal([detail.height, detail.reason], [2, "OUTBOX_NAMES_ANOTHER"]);
});

opening("refuses a store of another microgrid", async () => {
  const elsewhere = new ChainBuilder(testContext(4, { seed: new Uint8Array(32) }));
  elsewhere.settle([{}]);
  const disk = { blocks: [...elsewhere.entries], state: encodeState(elsewhere.state) };
  const { detail } = await failsWith(() => service(disk).ledger.start(), "LEDGER_DAMAGED");
  assert.is(detail.reason, "BLOCK_WRONG_CHAIN");
});

opening("says when it has lost blocks that the outbox knows of, and stands on what is left", async () => {
  const { chain, disk } = builtChain();
  const released = (at: number): OutboxDisk => ({
    ...emptyOutboxDisk(),
    lastRelease: { sequence: 1, height: height(at), blockHash: chain.state.head },
  });
  const whole = service(disk, released(3));
  await whole.ledger.start();
  assert.not.ok(whole.log.events.some(({ event }) => event === "ledger.behind"));
  const { ledger, log } = service(disk, released(4));
  await ledger.start();
  assert.is(ledger.state.height, 3);
  const behind = log.events.find(({ event }) => event === "ledger.behind");
  assert.equal(behind?.fields, { height: 3, released: 4 });
});

opening("hands on what the store itself fails with", async () => {
  const { disk } = builtChain();
  const store = { ...memoryStore(disk), block: () => Promise.reject(new StoreError("STORE_DAMAGED")) };
  await failsWith(() => service(disk, undefined, store).ledger.start(), "STORE_DAMAGED");
});

const committing = suite("ledger, committing");

function judgedNext(chain: ChainBuilder) {
  const assembled = chain.assemble([{ dep1: [1, 2], dep2: [3, 4] }]);
  const before = chain.state;
  const entry = chain.append(assembled);
  const judged = judgeBlock(context, before, entry.block, null);
  if (judged.kind !== "accept") throw new Error(judged.code);
  return {
    judged: judged.value,
    certificate: commitCertificate(context, entry.height, entry.blockHash),
    entry,
  };
}

committing("stores block, certificate and state, then shows them and tells its listeners", async () => {
  const { chain, disk } = builtChain();
  const { ledger } = service(disk, { ...emptyOutboxDisk(), nextSequence: 99 });
  await ledger.start();
  const { judged, certificate, entry } = judgedNext(chain);
  const heard: number[] = [];
  const stop = ledger.onCommit(({ block }) => {
    assert.is(disk.blocks.length, 4, "durable by then");
    assert.is(ledger.state.height, 4);
    heard.push(block.header.height);
  });
  await ledger.commit(judged, certificate);
  assert.is(disk.changes, undefined, "the block holds no change of the roster");
  assert.equal(disk.blocks[3], entry);
  assert.equal(disk.state, encodeState(ledger.state));
  assert.equal(ledger.headCertificate, entry.certificate);
  stop();
  const next = judgedNext(chain);
  await ledger.commit(next.judged, next.certificate);
  assert.equal(heard, [4]);
  await service(disk).ledger.start();
});

committing(
  "releases what is settled or can no longer be settled, and keeps what may be settled late",
  async () => {
    const { chain, disk } = builtChain();
    const outboxDisk = emptyOutboxDisk();
    const { ledger } = service(disk, outboxDisk);
    await ledger.start();
    const stated = (sequence: number, steps: number, content: Reading["content"]) => {
      const place = { interval: intervalIndex(FIRST_INTERVAL + steps), sequence };
      const signed = testReading(context, "dep3", content, place);
      outboxDisk.pending.set(sequence, { sequence, bytes: encodeReading(signed) });
      return signed;
    };
    const silentIn = FIRST_INTERVAL + 3;
    stated(1, 3, { kind: "missing", reason: "port-gone" });
    const late = stated(2, 3, measured([1, 1]));
    stated(3, 4, measured([1, 1]));
    outboxDisk.nextSequence = 4;
    const { judged, certificate, entry } = judgedNext(chain);
    await ledger.commit(judged, certificate);
    assert.is(judged.block.header.to, silentIn);
    assert.equal([...outboxDisk.pending.keys()], [2, 3], "nothing was measured in the first");
    assert.equal(outboxDisk.lastRelease, { sequence: 1, height: entry.height, blockHash: entry.blockHash });
    const before = chain.state;
    const next = chain.append(chain.assembleOf([[]], 0, [], [late]));
    const judgedLate = judgeBlock(context, before, next.block, null);
    if (judgedLate.kind !== "accept") return assert.unreachable(judgedLate.code);
    await ledger.commit(judgedLate.value, commitCertificate(context, next.height, next.blockHash));
    assert.equal([...outboxDisk.pending.keys()], [3]);
  },
);

committing("takes no other block in the place of one that the outbox saw committed", async () => {
  const { chain, disk } = builtChain();
  const outboxDisk = { ...emptyOutboxDisk(), nextSequence: 99 };
  outboxDisk.lastRelease = { sequence: 9, height: height(4), blockHash: hashOf(new Uint8Array()) };
  const { ledger } = service(disk, outboxDisk);
  await ledger.start();
  const { judged, certificate } = judgedNext(chain);
  const { detail } = await failsWith(() => ledger.commit(judged, certificate), "LEDGER_CONTRADICTS_OUTBOX");
  assert.is(detail.height, 4);
  assert.is(disk.blocks.length, 3);
});

committing(
  "keeps what proves a change of the roster with its block, and says when nobody follows so many",
  async () => {
    const change = { kind: "revoke", member: memberNamed(context, "dep2").id } as const;
    for (const [rosterChanges, isKept] of [
      [1, true],
      [MAX_TRAIL, true],
      [MAX_TRAIL + 1, false],
    ] as const) {
      const { chain, disk } = builtChain();
      const { ledger, log } = service(disk, { ...emptyOutboxDisk(), nextSequence: 99 });
      await ledger.start();
      const { judged, certificate, entry } = judgedNext(chain);
      const pendingChange = { change, activeAt: height(entry.height + 2) };
      await ledger.commit(
        { ...judged, state: { ...judged.state, pendingChange, rosterChanges } },
        certificate,
      );
      const kept = disk.changes?.map((one) => one.height) ?? [];
      assert.equal(kept, isKept ? [entry.height] : [], `${rosterChanges}`);
      assert.is(
        log.events.some(({ event }) => event === "ledger.trail-full"),
        !isKept,
        `${rosterChanges}`,
      );
    }
  },
);

committing("changes nothing when the store fails", async () => {
  const { chain, disk } = builtChain();
  const store = { ...memoryStore(disk), commit: () => Promise.reject(new StoreError("STORE_WRITE")) };
  const { ledger } = service(disk, undefined, store);
  await ledger.start();
  const before = [ledger.state, ledger.headCertificate];
  let heard = 0;
  ledger.onCommit(() => {
    heard += 1;
  });
  const { judged, certificate } = judgedNext(chain);
  await failsWith(() => ledger.commit(judged, certificate), "STORE_WRITE");
  assert.equal([ledger.state, ledger.headCertificate], before);
  assert.is(heard, 0);
});

opening.run();
committing.run();
