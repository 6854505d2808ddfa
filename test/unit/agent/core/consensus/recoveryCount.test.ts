/** How many sound reports a recovery needs, by hand for small streets and against what it must guarantee for all. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { maxFaulty, quorum } from "../../../../../agent/core/consensus/quorum.ts";
import {
  countReports,
  isProvenBy,
  reportsNeeded,
} from "../../../../../agent/core/consensus/recoveryCount.ts";

const test = suite("recovery count");

/** Voters, then the reports needed with none, one, two … of them declared lost; written by hand. */
const TABLE: readonly (readonly [voters: number, ...needed: readonly number[]])[] = [
  [1, 1],
  [2, 1],
  [3, 2],
  [4, 3, 2],
  [5, 3, 2],
  [6, 4, 3],
  [7, 5, 4, 3],
  [10, 7, 6, 5, 4],
];

for (const [voters, ...needed] of TABLE) {
  for (const [lost, count] of needed.entries())
    test(`${voters} voters, ${lost} declared lost: ${count} reports`, () => {
      assert.is(reportsNeeded(voters, lost), count);
      assert.is(isProvenBy(countReports(voters, lost, count)), true);
      const short = countReports(voters, lost, count - 1);
      assert.is(isProvenBy(short), false);
      assert.is(short.missing, 1);
    });
  test(`${voters} voters: more declared lost than may lie are merely silent`, () => {
    assert.is(reportsNeeded(voters, needed.length), needed[0]);
  });
}

test("two of five are dead: the three others prove it, and are a quorum of three", () => {
  assert.is(isProvenBy(countReports(5, 2, 3)), true);
  assert.is(isProvenBy(countReports(5, 2, 2)), false);
});

test("in the worst case a quorum that decided and the reporters share one honest voter, and with one fewer none", () => {
  for (let voters = 1; voters <= 200; voters += 1) {
    for (let lost = 0; lost <= maxFaulty(voters); lost += 1) {
      // All lost voters decided, and every liar that is left reports: so few honest ones are among both.
      const honestInBoth = (reports: number) =>
        quorum(voters) - lost + reports - (voters - lost) - (maxFaulty(voters) - lost);
      assert.is(honestInBoth(reportsNeeded(voters, lost)), 1, `${voters}, ${lost}`);
    }
  }
});

test("only 2, 5, 8, 11 … voters need fewer reports than votes unless one is declared lost", () => {
  for (let voters = 1; voters <= 200; voters += 1)
    assert.is(reportsNeeded(voters, 0) < quorum(voters), voters % 3 === 2, `${voters}`);
});

test.run();
