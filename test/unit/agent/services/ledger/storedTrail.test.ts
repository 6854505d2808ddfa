/** What is found wrong with a stored trail when a ledger is opened, and what is believed. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MAX_TRAIL } from "../../../../../agent/core/ledger/chain/trailEntry.ts";
import { genesisState } from "../../../../../agent/core/ledger/state/context.ts";
import { encodeState } from "../../../../../agent/core/ledger/state/state.ts";
import { height } from "../../../../../agent/core/units.ts";
import { openChain } from "../../../../../agent/services/ledger/ledgerOpening.ts";
import { faultOfTrail } from "../../../../../agent/services/ledger/storedTrail.ts";
import { ChainBuilder, memberNamed, testContext, testEnrolment } from "../../../../support/chainBuilder.ts";
import { diskOf, settleWith } from "../../../../support/changedChain.ts";
import { failsWith } from "../../../../support/failure.ts";
import { memoryStore, type StoreDisk } from "../../../../support/memoryStore.ts";

const context = testContext(5);
const { id: dep5 } = memberNamed(context, "dep5");
const { id: dep6 } = memberNamed(testContext(6), "dep6");
const chain = new ChainBuilder(context);
const kept = settleWith(chain, 12, [
  { at: 2, change: { kind: "revoke", member: dep5 } },
  { at: 5, change: { kind: "admit", enrolment: testEnrolment("dep6"), isVoter: false } },
  { at: 8, change: { kind: "reinstate", member: dep6 } },
]);
const { changes } = kept;
const disk = (changed: Partial<StoreDisk> = {}): StoreDisk => ({ ...diskOf(chain, kept), ...changed });
const flipped = (entry: Uint8Array, at: number) => entry.with(at, (entry.at(at) ?? 0) ^ 1);
const altered = (index: number, at: number) =>
  changes.map((change, place) =>
    place === index ? { ...change, entry: flipped(change.entry, at) } : change,
  );
/** A byte of an entry in which a signature of its certificate stands. */
const SIGNATURE_AT = 400;

/** The chain as a gateway has it that began at height 10. */
function adopted(changed: Partial<StoreDisk> = {}): StoreDisk {
  const blocks = chain.entries.map((entry) => (entry.height < 10 ? undefined : entry));
  const at = chain.blocks[9]!;
  const snapshot = { height: height(10), blockHash: at.state.head, state: encodeState(at.state) };
  return disk({ blocks: blocks as never, base: height(10), snapshots: [snapshot], ...changed });
}

const test = suite("a stored trail");

test("that is whole is found so, from the genesis and where the ledger begins later, noted as sound or not", async () => {
  for (const whole of [disk(), adopted(), disk({ isSound: true }), adopted({ isSound: true })]) {
    const store = memoryStore(whole);
    assert.is(await faultOfTrail({ context, store }, chain.state), null);
    const opened = await openChain({ context, store });
    assert.equal(encodeState(opened.state), encodeState(chain.state));
  }
});

const without = (index: number) => changes.toSpliced(index, 1);
const DAMAGES: readonly (readonly [what: string, changed: Partial<StoreDisk>, at: number, reason: string])[] =
  [
    ["the first entry gone", { changes: without(0) }, 5, "TRAIL_GAP"],
    ["one gone between", { changes: without(1) }, 8, "TRAIL_GAP"],
    ["the newest gone", { changes: without(2) }, 12, "TRAIL_INCOMPLETE"],
    ["all gone", { changes: [] }, 12, "TRAIL_INCOMPLETE"],
    ["an entry that is none", { changes: altered(1, 0) }, 5, "NOT_CBOR"],
    [
      "an entry under the height of another",
      { changes: [{ ...changes[0]!, height: height(1) }, changes[1]!, changes[2]!] },
      1,
      "TRAIL_ORDER",
    ],
  ];
for (const [what, changed, at, reason] of DAMAGES) {
  test(`with ${what} is damage of height ${at}: ${reason}, also of a ledger that was found sound`, async () => {
    for (const damaged of [disk(changed), disk({ ...changed, isSound: true }), adopted(changed)]) {
      const store = memoryStore(damaged);
      const { detail } = await failsWith(() => openChain({ context, store }), "LEDGER_DAMAGED");
      assert.equal([detail.height, detail.reason], [at, reason]);
    }
  });
}

test("with an altered signature is damage, unless the ledger was found sound", async () => {
  const damaged = { changes: altered(1, SIGNATURE_AT) };
  for (const one of [disk(damaged), adopted(damaged)]) {
    const { detail } = await failsWith(
      () => openChain({ context, store: memoryStore(one) }),
      "LEDGER_DAMAGED",
    );
    assert.equal([detail.height, detail.reason], [5, "BAD_SIGNATURE"]);
  }
  await openChain({ context, store: memoryStore(disk({ ...damaged, isSound: true })) });
});

test("is not looked at in an empty ledger, nor behind more changes than anybody follows", async () => {
  const store = memoryStore(disk({ changes: [] }));
  assert.is(await faultOfTrail({ context, store }, genesisState(context)), null);
  assert.is(await faultOfTrail({ context, store }, { ...chain.state, rosterChanges: MAX_TRAIL + 1 }), null);
});

test.run();
