import { suite } from "uvu";
import * as assert from "uvu/assert";
import { votingHindrances } from "../../../../../agent/services/voting/votingHindrances.ts";
import { FakeClock } from "../../../../support/fakeClock.ts";

const test = suite("votingHindrances");

const hindrance = (code: string) => ({ code, because: () => `${code} text`, next: "do" });

function voter() {
  const clock = new FakeClock();
  const changes: boolean[] = [];
  return { clock, changes, right: votingHindrances(clock, (isVoter) => changes.push(isVoter)) };
}

test("a gateway votes while nothing hinders it", () => {
  const { right, changes } = voter();
  assert.is(right.isVoter(), true);
  right.hinder("ledger", hindrance("A"));
  right.hinder("disk", hindrance("B"));
  assert.is(right.isVoter(), false);
  right.lift("ledger");
  assert.is(right.isVoter(), false, "the disk still hinders");
  right.lift("disk");
  right.lift("disk");
  assert.is(right.isVoter(), true);
  assert.equal(changes, [false, true], "told once each way");
});

test("tells the worst first: doubt, then the disk, then the ledger", () => {
  const { right } = voter();
  for (const [cause, code] of [
    ["ledger", "C"],
    ["doubt", "A"],
    ["disk", "B"],
  ] as const)
    right.hinder(cause, hindrance(code));
  assert.equal(
    right.hindrances().map(({ code }) => code),
    ["A", "B", "C"],
  );
});

test("the first doubt stays; another hindrance takes the place of the one before, and keeps its time while it is the same", async () => {
  const { right, clock, changes } = voter();
  assert.is(right.hinder("doubt", hindrance("A")), true);
  assert.is(right.hinder("doubt", hindrance("B")), false);
  right.hinder("disk", hindrance("LOW"));
  const [, low] = right.hindrances();
  await clock.advance(5_000);
  assert.is(right.hinder("disk", hindrance("LOW")), false);
  assert.is(right.hindrances()[1]?.sinceMs, low?.sinceMs);
  assert.is(right.hinder("disk", hindrance("GONE")), true);
  assert.is(right.hindrances()[1]?.sinceMs, clock.nowMs());
  assert.is(right.hindrances()[0]?.code, "A");
  assert.equal(changes, [false]);
});

test.run();
