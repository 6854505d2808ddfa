/** A meter swap on the ledger: who may state which, what it changes, and that a chain with one verifies. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { verifyNext } from "../../../../../../agent/core/ledger/chain/chain.ts";
import { contextAt, contextOfNext, genesisState } from "../../../../../../agent/core/ledger/state/context.ts";
import { encodeState, type LedgerState, readState } from "../../../../../../agent/core/ledger/state/state.ts";
import {
  GRID_ADMIN,
  type SwapStatement,
  type TransactionContent,
  type TransactionSigner,
} from "../../../../../../agent/core/ledger/state/transaction.ts";
import { applyTransactions } from "../../../../../../agent/core/ledger/transactions/applyTransactions.ts";
import type { MeterRole } from "../../../../../../agent/core/membership/enrolment.ts";
import { withChange, withMeter } from "../../../../../../agent/core/membership/rosterDelta.ts";
import { height, intervalIndex, wh } from "../../../../../../agent/core/units.ts";
import {
  ChainBuilder,
  FIRST_INTERVAL,
  memberNamed,
  signTransaction,
  testContext,
  testEnrolment,
} from "../../../../../support/chainBuilder.ts";

const context = testContext(3);
const id = (name: string) => memberNamed(context, name).id;
const SWAP: SwapStatement = {
  swap: { interval: FIRST_INTERVAL, meter: 1, oldEnd: [wh(500n)], newStart: [wh(3n)] },
  oldSerial: "dep1-2",
  newSerial: "777",
};
type Step = readonly [signer: TransactionSigner, content: TransactionContent];
const stated = (changes: Partial<SwapStatement> = {}, name = "dep1"): Step => [
  id(name),
  { kind: "meter-swap", ...SWAP, ...changes },
];

function after(steps: readonly Step[], state: LedgerState = genesisState(context)) {
  const counts = new Map<TransactionSigner, number>();
  const signed = steps.map(([signer, content]) => {
    const sequence = (counts.get(signer) ?? 0) + 1;
    counts.set(signer, sequence);
    return signTransaction(context, { signer, sequence, content });
  });
  const { state: left, settled } = applyTransactions(context, state, signed);
  const { members } = contextAt(context, left, height(left.height + 1)).roster;
  const serials = members.map(
    ({ name, meters }) => `${name}: ${meters.map(({ serial }) => serial).join(" ")}`,
  );
  return { state: left, refusals: settled.map(({ refusal }) => refusal), serials: serials.sort() };
}

const test = suite("meter swap on the ledger");

test("gives the place another serial number; role and fuel stay, and every other member", () => {
  const { state, refusals, serials } = after([stated()]);
  assert.equal(refusals, [null]);
  assert.equal(serials, ["dep1: dep1-1 777", "dep2: dep2-1 dep2-2", "dep3: dep3-1 dep3-2"]);
  const { meters } = contextOfNext(context, state).roster.byId.get(id("dep1"))!;
  assert.equal(meters[1], { serial: "777", role: "consumption", fuel: null });
  assert.equal(state.members.get(id("dep1"))?.coverage.swaps, [SWAP.swap]);
  assert.equal(readState(encodeState(state)), { kind: "accept", value: state });
});

test("has no effect where it cannot, and says why", () => {
  const rows: readonly (readonly [readonly Step[], readonly (string | null)[]])[] = [
    [[[GRID_ADMIN, { kind: "meter-swap", ...SWAP }]], ["SWAP_NOT_METER"]],
    [[stated({ oldSerial: "dep1-1" })], ["SWAP_NOT_METER"]],
    [[stated({ swap: { ...SWAP.swap, meter: 2 } })], ["SWAP_NOT_METER"]],
    [[stated({}, "dep2")], ["SWAP_NOT_METER"]],
    [[stated({ swap: { ...SWAP.swap, oldEnd: [wh(1n), wh(2n)] } })], ["SWAP_REGISTERS"]],
    [[stated({ swap: { ...SWAP.swap, newStart: [] } })], ["SWAP_REGISTERS"]],
    [[stated({ newSerial: "dep2-1" })], ["SWAP_SERIAL_TAKEN"]],
    [[stated({ newSerial: "dep1-1" })], ["SWAP_SERIAL_TAKEN"]],
    [[stated({ newSerial: "dep1-2" })], ["SWAP_SERIAL_TAKEN"]],
    [
      [stated(), stated()],
      [null, "SWAP_NOT_METER"],
    ],
    [
      [stated(), stated({ oldSerial: "dep2-2" }, "dep2")],
      [null, "SWAP_SERIAL_TAKEN"],
    ],
    [[stated({ swap: { ...SWAP.swap, interval: intervalIndex(FIRST_INTERVAL - 1) } })], ["SWAP_SETTLED"]],
  ];
  for (const [steps, codes] of rows) assert.equal(after(steps).refusals, codes);
});

test("what was taken off is free again, and both meters of one member go in one block", () => {
  const other = { ...SWAP.swap, meter: 0 };
  const { refusals, serials } = after([
    stated(),
    stated({ swap: other, oldSerial: "dep1-1", newSerial: "778" }),
    stated({ oldSerial: "777", newSerial: "dep1-2" }),
  ]);
  assert.equal(refusals, [null, null, null]);
  assert.is(serials[0], "dep1: 778 dep1-2");
});

test("a serial number on its way into the roster is taken; what is on its way comes in all the same", () => {
  const enrolment = testEnrolment("dep4");
  const admit: Step = [GRID_ADMIN, { kind: "roster", change: { kind: "admit", enrolment, isVoter: true } }];
  const { refusals } = after([admit, stated({ newSerial: "dep4-1" })]);
  assert.equal(refusals, [null, "SWAP_SERIAL_TAKEN"]);
  const { state } = after([admit, stated()]);
  // What is derived before the change is active must not be kept for after the swap.
  contextAt(context, state, height(2));
  const later = contextAt(
    context,
    after([stated({ oldSerial: "777", newSerial: "778" })], state).state,
    height(2),
  );
  assert.is(later.roster.byId.get(id("dep1"))?.meters[1]?.serial, "778");
  assert.is(later.roster.members.length, 4);
});

test("who leaves takes its swaps along; a new key comes with the meters it enrols", () => {
  const { state } = after([stated()]);
  assert.equal(withChange(state.roster, { kind: "revoke", member: id("dep1") }).meters, []);
  const roles: readonly MeterRole[] = ["consumption"];
  const enrolment = testEnrolment("dep1b", roles);
  assert.equal(withChange(state.roster, { kind: "rekey", member: id("dep1"), enrolment }).meters, []);
  const again = withMeter(state.roster, { member: id("dep1"), meter: 1, serial: "778" });
  assert.equal(again.meters, [{ member: id("dep1"), meter: 1, serial: "778" }], "one entry a place");
});

test("a chain with one verifies block by block, and a restart reads the same state", () => {
  const chain = new ChainBuilder(context);
  chain.settle([{ dep1: [0, 100] }]);
  const [, content] = stated({
    swap: { ...SWAP.swap, interval: intervalIndex(FIRST_INTERVAL + 1), oldEnd: [wh(200_000n)] },
  });
  const signed = signTransaction(context, { signer: id("dep1"), sequence: 1, content });
  chain.append(chain.assembleOf([[]], 0, [signed]));
  chain.settle([{}]);
  assert.is(chain.state.members.get(id("dep1"))?.coverage.gaps[0]?.swaps.length, 1);
  let state = genesisState(context);
  for (const entry of chain.entries) {
    const verified = verifyNext(context, state, entry);
    if (verified.kind !== "accept") return assert.unreachable(`${entry.height}: ${verified.code}`);
    const read = readState(encodeState(verified.value.state));
    if (read.kind !== "accept") return assert.unreachable(read.code);
    state = read.value;
  }
  assert.equal(state, chain.state);
});

test.run();
