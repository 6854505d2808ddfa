// time limit: 300 s
/**
 * What the ledger gets when a meter or the clock misbehaves: reset, rollover, spike, stale answers, a stuck counter,
 * silence, an untrusted clock. In each case Σ settled + Σ corrected + Σ quarantined is last register − first register
 * of every base, and nothing that was not measured is invented.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readBlock } from "../../../agent/core/ledger/blocks/block.ts";
import { type MemberState, readState } from "../../../agent/core/ledger/state/state.ts";
import { memberIdOf } from "../../../agent/core/membership/address.ts";
import { publicKeyOf } from "../../../agent/core/signature.ts";
import type { CounterMeter } from "../../support/counterMeter.ts";
import { MemoryStreet, secretKeyOf } from "../../support/memoryStreet.ts";

const FIRST_WH = 1_000_000n;
/** What dep1's consumption meter counts in an interval. */
const USUAL_WH = 100;
const ENERGIES = { dep1: [0, USUAL_WH], dep2: [300, 0], dep3: [0, 50], dep4: [0, 0] } as const;
const DEP1 = memberIdOf(publicKeyOf(secretKeyOf("dep1")));
/** 11 kW at 180 times the pace for 5 s are 2 750 Wh. */
const SPIKE_WH = 2_751;

const faults = suite("a consumption meter");

/** What the ledger has of dep1 after a run. */
type Outcome = {
  readonly totals: MemberState["totals"];
  readonly gaps: number;
  /** Why intervals of its own block were missing, each reason once, in order of appearance. */
  readonly reasons: readonly string[];
  readonly late: readonly string[];
};

/** Runs a street until the fault, through it, and long enough after it. */
async function outcomeOf(
  fault: (meter: CounterMeter, street: MemoryStreet) => Promise<void>,
): Promise<Outcome> {
  const street = new MemoryStreet({ gateways: 4 });
  await street.start();
  try {
    await street.pass(4, ENERGIES);
    await fault(street.gateway("dep1").consumption, street);
    await street.pass(6, ENERGIES);
    for (const { name, faults: thrown } of street.gateways) assert.equal(thrown, [], name);
    return readOutcome(street);
  } finally {
    await street.stop();
  }
}

function readOutcome(street: MemoryStreet): Outcome {
  const disk = street.gateway("dep2").storeDisk;
  const bodies = disk.blocks.flatMap(({ block }) => {
    const read = readBlock(block);
    return read.kind === "accept" ? [read.value.body] : [];
  });
  const state = readState(disk.state);
  const member = state.kind === "accept" ? state.value.members.get(DEP1) : undefined;
  if (member === undefined) throw new Error("no state of dep1");
  const reasons = bodies.flatMap(({ intervals }) =>
    intervals.flatMap(({ outcome }) =>
      outcome.missing.flatMap((one) => (one.member === DEP1 ? [one.reason] : [])),
    ),
  );
  const late = bodies.flatMap((body) =>
    body.late.flatMap(({ signed, correction }) =>
      correction.member === DEP1
        ? [`${signed.reading.content.kind} ${correction.consumed} ${correction.against}`]
        : [],
    ),
  );
  return { totals: member.totals, gaps: member.coverage.gaps.length, reasons: [...new Set(reasons)], late };
}

/** @returns consumption that is settled, corrected and quarantined */
const consumedOf = ({ totals }: Outcome) =>
  [totals.consumed, totals.corrected.consumed, totals.quarantined.consumed] as const;
const sumOf = (outcome: Outcome) => consumedOf(outcome).reduce((sum, amount) => sum + amount, 0n);

/** @returns the register that the last settled interval ended with */
function lastRegister(street: MemoryStreet): bigint {
  const state = readState(street.gateway("dep2").storeDisk.state);
  const edge = state.kind === "accept" ? state.value.members.get(DEP1)?.coverage.edge : undefined;
  return edge?.registers[1]?.[0] ?? -1n;
}

/** As {@link outcomeOf}, with the last register that was settled. */
async function withRegister(fault: (meter: CounterMeter, street: MemoryStreet) => Promise<void>) {
  let last = -1n;
  let kept: MemoryStreet | null = null;
  const outcome = await outcomeOf(async (meter, street) => {
    kept = street;
    await fault(meter, street);
  });
  if (kept !== null) last = lastRegister(kept);
  return { outcome, last };
}

for (const [name, value] of [
  ["is reset to 0", 0n],
  ["rolls over at its last digit", 17n],
] as const) {
  faults(`that ${name}: the interval is missing, its energy is not invented, a new base begins`, async () => {
    const { outcome, last } = await withRegister(async (meter) => meter.set(value));
    assert.equal(outcome.reasons, ["register-reset"]);
    assert.equal([outcome.late, outcome.gaps], [[], 0], "the interval is closed for good");
    const [settled, corrected, quarantined] = consumedOf(outcome);
    assert.equal([corrected, quarantined], [0n, 0n]);
    const perInterval = BigInt(USUAL_WH);
    assert.is(settled % perInterval, 0n);
    const secondBase = last - (value + perInterval);
    const firstBase = settled - secondBase;
    assert.ok(firstBase > 0n && secondBase > 0n);
    assert.is(firstBase, 3n * perInterval, "from the first register to the last before the reset");
  });
}

faults(
  "that jumps by more than the connection carries: set apart, in sight, and everything adds up",
  async () => {
    const { outcome, last } = await withRegister(async (meter) => meter.add(SPIKE_WH));
    assert.equal(outcome.reasons, ["quarantined"]);
    const [, corrected, quarantined] = consumedOf(outcome);
    assert.equal([corrected, quarantined], [0n, BigInt(SPIKE_WH + USUAL_WH)]);
    assert.is(sumOf(outcome), last - FIRST_WH - firstStated());
  },
);

faults("that jumps to nonsense and back: the jump is set apart, the way back is a reset", async () => {
  const { outcome, last } = await withRegister(async (meter, street) => {
    meter.add(900_000_000);
    await street.pass(1, ENERGIES);
    meter.add(-900_000_000);
  });
  assert.equal(outcome.reasons, ["quarantined", "register-reset"]);
  const [settled, , quarantined] = consumedOf(outcome);
  assert.is(quarantined, 900_000_000n + BigInt(USUAL_WH));
  assert.is(
    settled,
    last - FIRST_WH - firstStated() - 2n * BigInt(USUAL_WH),
    "without the jump and the way back",
  );
});

faults("that gives old answers as new: never signed, and made up for when it is fresh again", async () => {
  const { outcome, last } = await withRegister(async (meter, street) => {
    meter.delayAnswers(2_000);
    await street.pass(2, ENERGIES);
    meter.delayAnswers(0);
  });
  assert.equal(outcome.reasons, ["sample-off-boundary"]);
  assert.equal(outcome.late, ["spanning 300 imbalance"]);
  assert.is(sumOf(outcome), last - FIRST_WH - firstStated());
});

faults(
  "whose counter is stuck while power flows: missing, not zero, and made up for when it jumps ahead",
  async () => {
    const { outcome, last } = await withRegister(async (meter, street) => {
      meter.show(500);
      await street.pass(2, { ...ENERGIES, dep1: [0, 0] });
      meter.add(2 * USUAL_WH);
    });
    assert.equal(outcome.reasons, ["counter-stuck"]);
    assert.is(sumOf(outcome), last - FIRST_WH - firstStated());
    assert.is(outcome.gaps, 0);
  },
);

faults("that does not answer: missing with the reason, and one span when it does", async () => {
  const { outcome, last } = await withRegister(async (meter, street) => {
    meter.fail("DRIVER_TIMEOUT");
    await street.pass(3, ENERGIES);
    meter.fail(null);
  });
  assert.equal(outcome.reasons, ["meter-timeout"]);
  assert.equal(outcome.late, ["spanning 400 imbalance"]);
  assert.is(sumOf(outcome), last - FIRST_WH - firstStated());
});

faults(
  "of a gateway whose clock is not trusted for a while: nothing is signed, and one span when it is",
  async () => {
    const { outcome, last } = await withRegister(async (_meter, street) => {
      street.clock.setTrust("unsynchronised");
      await street.pass(3, ENERGIES);
      street.clock.setTrust("synchronised");
    });
    assert.equal(outcome.reasons, ["silent"]);
    assert.is(outcome.late.length, 1);
    assert.is(sumOf(outcome), last - FIRST_WH - firstStated());
  },
);

/** The interval in which the street began has no sample at its start: its energy is before the first register. */
function firstStated(): bigint {
  return BigInt(USUAL_WH);
}

faults.run();
