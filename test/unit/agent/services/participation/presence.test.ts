import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contextOfNext, genesisState } from "../../../../../agent/core/ledger/state/context.ts";
import type { LedgerState } from "../../../../../agent/core/ledger/state/state.ts";
import { ABSENT_CERTIFICATES } from "../../../../../agent/core/ledger/transactions/absences.ts";
import { height, term } from "../../../../../agent/core/units.ts";
import { presenceDue } from "../../../../../agent/services/participation/presence.ts";
import { memberNamed, testContext } from "../../../../support/chainBuilder.ts";

const test = suite("presence");

const five = testContext(5);
const id = (name: string) => memberNamed(five, name).id;
const office = {
  dso: id("dep1"),
  term: term(1),
  blocksInTerm: 1,
  mandate: { kind: "genesis", height: height(1), round: null, signedBy: [] },
} as const;
const dueOf = (name: string, changes: Partial<LedgerState>, context = five) => {
  const state = { ...genesisState(context), office, ...changes };
  return presenceDue(state, contextOfNext(context, state).roster, id(name));
};
const away = { absences: new Map([[id("dep5"), ABSENT_CERTIFICATES]]) };

test("says that it is there at half of what it may be suspended for", () => {
  const absent = (certificates: number) => ({ absences: new Map([[id("dep2"), certificates]]) });
  assert.is(dueOf("dep2", absent(ABSENT_CERTIFICATES / 2 - 1)), null);
  assert.equal(dueOf("dep2", absent(ABSENT_CERTIFICATES / 2)), { kind: "present" });
});

test("as DSO suspends who was away long enough, one at a time, and nobody else does", () => {
  const change = { kind: "roster", change: { kind: "suspend", member: id("dep5") } };
  assert.equal(dueOf("dep1", away), change);
  assert.is(dueOf("dep2", away), null);
  const pendingChange = { change: { kind: "revoke", member: id("dep4") }, activeAt: height(3) } as const;
  assert.is(dueOf("dep1", { ...away, pendingChange }), null);
});

test("suspends nobody of four", () => {
  const four = testContext(4);
  const absences = new Map([[id("dep4"), ABSENT_CERTIFICATES]]);
  assert.is(dueOf("dep1", { absences }, four), null);
});

test("asks for its vote back when it was suspended", () => {
  const roster = { added: [], removed: [], suspended: [id("dep5")], guests: [id("dep4")], meters: [] };
  const back = { kind: "roster", change: { kind: "reinstate", member: id("dep5") } };
  assert.equal(dueOf("dep5", { roster }), back);
  assert.is(dueOf("dep4", { roster }), null, "a guest is the GridAdmin's to decide on");
});

test.run();
