/** Rosters change in simulated streets, and the onlookers' book of them sees a wrong word. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GRID_ADMIN, type SettledTransaction } from "../../../agent/core/ledger/state/transaction.ts";
import type { RosterChange } from "../../../agent/core/membership/rosterDelta.ts";
import { specOf } from "../../sim/chunk.ts";
import { RosterBook } from "../../sim/rosterBook.ts";
import { playSeed } from "../../sim/runSeed.ts";
import { scenarioOf } from "../../sim/scenario.ts";
import { memberNamed, signTransaction, testContext, testEnrolment } from "../../support/chainBuilder.ts";

const test = suite("book of the roster");

const SEEDS = 40;
const context = testContext(4);
const id = (name: string) => memberNamed(context, name).id;
const revoke = (name: string): RosterChange => ({ kind: "revoke", member: id(name) });
const admit = (isVoter: boolean): RosterChange => ({
  kind: "admit",
  enrolment: testEnrolment("dep5"),
  isVoter,
});
const bookOf = () => new RosterBook(context.genesis, new Set([id("dep1")]), context.voters.verify);

function settled(change: RosterChange, refusal: string | null, signer = GRID_ADMIN): SettledTransaction {
  const content = { kind: "roster", change } as const;
  return {
    signed: signTransaction(context, { signer: signer as typeof GRID_ADMIN, sequence: 1, content }),
    refusal,
  };
}

test("is not empty: on some seeds changes take effect, and others have none", () => {
  const sum = { changes: 0, withoutEffect: 0, rekeyed: 0 };
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const spec = specOf({ mode: "safety", members: 4, byzantine: null }, seed);
    if (scenarioOf(spec).roster === null) continue;
    const { world, result } = playSeed(spec);
    assert.equal(result.faults, []);
    const { counts, newest } = world.onlookers.roster;
    sum.changes += counts.changes;
    sum.withoutEffect += counts.withoutEffect;
    sum.rekeyed += [...newest.members.values()].filter(({ name, peerId }) => name !== peerId).length;
  }
  assert.ok(sum.changes > 0 && sum.withoutEffect > 0 && sum.rekeyed > 0, JSON.stringify(sum));
});

test("has a change from two heights after its block on, with its quorum and its liars", () => {
  const book = bookOf();
  assert.equal(book.enter(7, [settled(revoke("dep1"), null)]), []);
  const [before, after] = [book.at(8), book.at(9)];
  assert.equal([before.voters.length, before.quorum, before.liars], [4, 3, 1]);
  assert.equal([after.voters.length, after.quorum, after.liars], [3, 2, 0]);
  assert.is(after.members.has(id("dep1")), false);
  assert.is(book.enrolled(id("dep1"))?.name, "dep1");
});

test("takes one change at a time, and says so when a block takes another", () => {
  for (const [height, isFree] of [
    [7, false],
    [8, false],
    [9, true],
  ] as const) {
    const faultsOf = (refusal: string | null) => {
      const book = bookOf();
      book.enter(7, [settled(revoke("dep1"), null)]);
      return book.enter(height, [settled(revoke("dep2"), refusal)]).length;
    };
    assert.equal([faultsOf(null), faultsOf("ROSTER_IN_FLIGHT")], isFree ? [0, 1] : [1, 0]);
  }
});

test("knows whose word counts, which keys come back, and who has a vote to be given", () => {
  const { enrolment } = { enrolment: testEnrolment("dep5") };
  const forged: RosterChange = {
    kind: "admit",
    enrolment: { ...enrolment, signature: new Uint8Array(64) },
    isVoter: true,
  };
  const again: RosterChange = { kind: "admit", enrolment: testEnrolment("dep2"), isVoter: true };
  for (const [change, signer] of [
    [admit(true), id("dep2")],
    [forged, GRID_ADMIN],
    [again, GRID_ADMIN],
    [{ kind: "reinstate", member: id("dep2") }, GRID_ADMIN],
    [{ kind: "suspend", member: id("dep2") }, id("dep3")],
  ] as const)
    assert.is(bookOf().enter(1, [settled(change, null, signer as typeof GRID_ADMIN)]).length, 1, change.kind);
  const book = bookOf();
  const guest = memberNamed(testContext(5), "dep5").id;
  assert.equal(book.enter(1, [settled(admit(false), null)]), []);
  assert.is(book.at(3).voters.length, 4);
  assert.equal(book.enter(3, [settled({ kind: "reinstate", member: guest }, null)]), []);
  assert.is(book.at(5).voters.length, 5);
  assert.equal(book.enter(5, [settled(revoke("dep2"), null)]), []);
  assert.equal(book.enter(7, [settled(again, "ROSTER_KEY_REUSED")]), []);
});

test("lets the last voter stay", () => {
  const book = bookOf();
  for (const [index, name] of ["dep1", "dep2", "dep3"].entries())
    assert.equal(book.enter(2 * index, [settled(revoke(name), null)]), []);
  assert.equal(book.enter(6, [settled(revoke("dep4"), "ROSTER_TOO_FEW_VOTERS")]), []);
});

test.run();
