import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  candidates,
  dsoOf,
  isTermOver,
  type Office,
  officeAfter,
  type Seating,
} from "../../../../../agent/core/consensus/candidates.ts";
import { round, term } from "../../../../../agent/core/units.ts";
import { failsWith } from "../../../../support/failure.ts";
import { propertySeed } from "../../../../support/propertySeed.ts";

const order = suite("candidates");

const VOTERS = ["a", "b", "c", "d"];
const SEED = Uint8Array.of(1, 2, 3);
const seating = (changes: Partial<Seating> = {}): Seating => ({
  voters: VOTERS,
  office: null,
  termMax: 10,
  ballots: new Map(),
  demoted: new Set(),
  seed: SEED,
  ...changes,
});
const inOffice = (dso: string, blocksInTerm = 1, terms = 1): Office => ({
  dso,
  term: term(terms),
  blocksInTerm,
});

/** The order by hash, computed apart: SHA-256 over the seed and the CBOR of [term, voter]. */
function byHash(voters: readonly string[], terms: number): string[] {
  const draw = (voter: string): string => {
    const cbor = Buffer.from([0x82, terms, 0x60 + voter.length, ...Buffer.from(voter)]);
    return createHash("sha256").update(SEED).update(cbor).digest("hex");
  };
  return voters.toSorted((left, right) => draw(left).localeCompare(draw(right)));
}

order("at height 1 follows the hash of seed, term 1 and voter", () => {
  assert.equal(candidates(seating()), byHash(VOTERS, 1));
});

order("draws anew with each term", () => {
  const orders = [1, 2, 3, 4, 5].map((terms) => byHash(VOTERS.slice(1), terms).join(""));
  assert.ok(new Set(orders).size > 1);
  for (const terms of [1, 2, 3, 4, 5])
    assert.equal(candidates(seating({ office: inOffice("a", 1, terms) })), [
      "a",
      ...byHash(["b", "c", "d"], terms),
    ]);
});

order("keeps the incumbent first, whatever ballots say", () => {
  const ballots = new Map([
    ["d", 4],
    ["b", 3],
  ]);
  const [first, second, third] = candidates(seating({ office: inOffice("c", 9), ballots }));
  assert.equal([first, second, third], ["c", "d", "b"]);
});

order("orders the others by ballots and equals by hash", () => {
  const ballots = new Map([["b", 2]]);
  assert.equal(candidates(seating({ office: inOffice("a"), ballots })), ["a", "b", ...byHash(["c", "d"], 1)]);
});

order("puts the incumbent last when its term has reached its length", () => {
  const before = candidates(seating({ office: inOffice("a", 9) }));
  const after = candidates(seating({ office: inOffice("a", 10) }));
  assert.is(before[0], "a");
  assert.equal(after, [...byHash(["b", "c", "d"], 1), "a"]);
});

order("puts whoever evidence names last, incumbent or not", () => {
  assert.is(candidates(seating({ office: inOffice("a"), demoted: new Set(["a"]) })).at(-1), "a");
  const other = candidates(seating({ office: inOffice("a"), demoted: new Set(["c"]) }));
  assert.is(other[0], "a");
  assert.is(other.at(-1), "c");
});

order("prefers an honest incumbent whose term is over to one that evidence names", () => {
  const both = seating({ voters: ["a", "b"], office: inOffice("a", 10), demoted: new Set(["b"]) });
  assert.equal(candidates(both), ["a", "b"]);
});

order("drops an incumbent that is no voter any more", () => {
  assert.equal(candidates(seating({ office: inOffice("gone") })), byHash(VOTERS, 1));
});

order("is the same for every order of the voters", () => {
  const seed = propertySeed("candidates.test.ts");
  const voters = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 });
  const scene = voters.chain((ids) =>
    fc.record({
      ids: fc.constant(ids),
      shuffled: fc.shuffledSubarray(ids, { minLength: ids.length }),
      incumbent: fc.constantFrom(...ids, "gone"),
      blocksInTerm: fc.integer({ min: 1, max: 12 }),
      ballots: fc.array(fc.tuple(fc.constantFrom(...ids), fc.integer({ min: 0, max: 3 }))),
      demoted: fc.subarray(ids),
    }),
  );
  fc.assert(
    fc.property(scene, ({ ids, shuffled, incumbent, blocksInTerm, ballots, demoted }) => {
      const facts = {
        office: inOffice(incumbent, blocksInTerm),
        ballots: new Map(ballots),
        demoted: new Set(demoted),
      };
      const one = candidates(seating({ ...facts, voters: ids }));
      assert.equal(candidates(seating({ ...facts, voters: shuffled })), one);
      assert.equal(one.toSorted(), ids.toSorted());
    }),
    { seed, numRuns: 300 },
  );
});

order("seats the candidates in turn, round after round", () => {
  const list = ["x", "y", "z"];
  assert.equal(
    [0, 1, 2, 3, 4].map((at) => dsoOf(list, round(at))),
    ["x", "y", "z", "x", "y"],
  );
});

order("cannot name a DSO without candidates", async () => {
  await failsWith(() => dsoOf([], round(0)), "CONSENSUS_NO_CANDIDATE");
});

const office = suite("office");

office("counts the blocks of a term and starts again with the next", () => {
  const first = officeAfter(null, { dso: "a", term: term(1) });
  const second = officeAfter(first, { dso: "a", term: term(1) });
  const third = officeAfter(second, { dso: "b", term: term(2) });
  assert.equal(first, inOffice("a", 1, 1));
  assert.equal(second, inOffice("a", 2, 1));
  assert.equal(third, inOffice("b", 1, 2));
});

office("begins a new term for the same DSO put into office again", () => {
  assert.equal(officeAfter(inOffice("a", 10, 3), { dso: "a", term: term(4) }), inOffice("a", 1, 4));
});

office("is over when served, when evidence names its holder, or when that left", () => {
  assert.is(isTermOver(seating()), false);
  assert.is(isTermOver(seating({ office: inOffice("a", 9) })), false);
  assert.is(isTermOver(seating({ office: inOffice("a", 10) })), true);
  assert.is(isTermOver(seating({ office: inOffice("a"), demoted: new Set(["a"]) })), true);
  assert.is(isTermOver(seating({ office: inOffice("a"), demoted: new Set(["b"]) })), false);
  assert.is(isTermOver(seating({ office: inOffice("gone") })), true);
});

order.run();
office.run();
