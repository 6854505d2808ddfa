/** Every rule a reading must satisfy, each shown refusing what breaks it and nothing less. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ledgerContext } from "../../../../../agent/core/ledger/context.ts";
import { memberIdFromBytes } from "../../../../../agent/core/membership/address.ts";
import type {
  Measured,
  MeterRegisters,
  Missing,
  Reading,
} from "../../../../../agent/core/metering/reading.ts";
import {
  contradicts,
  expectedRegisters,
  judgeReading,
  judgeSuccession,
  type LastReading,
} from "../../../../../agent/core/metering/validate.ts";
import { intervalIndex, wh } from "../../../../../agent/core/units.ts";
import {
  FIRST_INTERVAL,
  measured,
  memberNamed,
  testEnrolment,
  testGenesis,
  testReading,
  verify,
} from "../../../../support/chainBuilder.ts";

const members = [testEnrolment("dep1"), testEnrolment("dep2", ["grid", "generation"])];
const context = ledgerContext(testGenesis(members), verify);
const MISSING: Missing = { kind: "missing", reason: "meter-timeout" };

function codeOf(content: Measured | Missing, changes: Partial<Reading> = {}, name = "dep1"): string {
  const signed = testReading(context, name, content, changes);
  const judged = judgeReading(signed, context.roster, context.genesis, verify);
  return judged.kind === "accept" ? "accept" : `${judged.kind} ${judged.code}`;
}

const alone = suite("reading, judged alone");

alone("of an enrolled gateway is accepted, measured or missing", () => {
  assert.is(codeOf(measured([500, 300])), "accept");
  assert.is(codeOf(measured([0, 0])), "accept");
  assert.is(codeOf(MISSING), "accept");
});

alone("of a key that is not enrolled is rejected", () => {
  assert.is(codeOf(MISSING, { member: memberIdFromBytes(new Uint8Array(20)) }), "reject NOT_IN_ROSTER");
});

alone("with any field changed after signing is rejected", () => {
  const { reading, signature } = testReading(context, "dep1", measured([500, 300]));
  const others: readonly Partial<Reading>[] = [
    { member: memberNamed(context, "dep2").id },
    { interval: intervalIndex(FIRST_INTERVAL + 1) },
    { sequence: 2 },
    { boot: 2 },
    { time: "relative" },
    { content: measured([500, 299]) },
    { content: MISSING },
  ];
  for (const other of others) {
    const judged = judgeReading(
      { reading: { ...reading, ...other }, signature },
      context.roster,
      context.genesis,
      verify,
    );
    assert.is(judged.kind === "accept" ? "accept" : judged.code, "BAD_SIGNATURE", Object.keys(other).join());
  }
});

alone("of another microgrid or another epoch is rejected", () => {
  const elsewhere = ledgerContext(testGenesis(members, { seed: new Uint8Array(32) }), verify);
  const signed = testReading(elsewhere, "dep1", measured([500, 300]));
  const later = { ...context.roster, epoch: 1 };
  for (const [reading, roster] of [
    [signed, context.roster],
    [testReading(context, "dep1", measured([500, 300])), later],
  ] as const) {
    const judged = judgeReading(reading, roster, context.genesis, verify);
    assert.is(judged.kind === "accept" ? "accept" : judged.code, "BAD_SIGNATURE");
  }
});

alone("of an interval before the first is rejected", () => {
  assert.is(codeOf(MISSING, { interval: intervalIndex(FIRST_INTERVAL - 1) }), "reject READING_BEFORE_FIRST");
});

const meters = measured([500, 300]).meters as [MeterRegisters, MeterRegisters];
const [first, second] = meters;

const OTHER_METERS: Readonly<Record<string, readonly MeterRegisters[]>> = {
  "no meter": [],
  "a meter too few": [first],
  "a meter too many": [...meters, { ...second, meter: 2 }],
  "the meters swapped": [second, first],
  "one meter twice": [first, { ...second, meter: 0 }],
  "a register too few at the start": [{ ...first, start: [] }, second],
  "a register too few at the end": [first, { ...second, end: [] }],
  "a register too many": [{ ...first, end: [wh(1n), wh(2n)] }, second],
};

for (const [name, other] of Object.entries(OTHER_METERS)) {
  alone(`with ${name} is rejected`, () => {
    assert.is(codeOf(measured([500, 300], { meters: other })), "reject READING_METERS");
  });
}

alone("with the registers of the meters' roles is accepted", () => {
  const gridAndGeneration = measured([100, 300], {
    meters: [
      { meter: 0, start: [wh(5n), wh(7n)], end: [wh(205n), wh(7n)], resolutionMilliWh: 1 },
      { meter: 1, start: [wh(9n)], end: [wh(109n)], resolutionMilliWh: 1 },
    ],
  });
  assert.is(codeOf(gridAndGeneration, {}, "dep2"), "accept");
  assert.is(codeOf(measured([500, 300]), {}, "dep2"), "reject READING_METERS");
  assert.equal(expectedRegisters(memberNamed(context, "dep1")), [1, 1]);
  assert.equal(expectedRegisters(memberNamed(context, "dep2")), [2, 1]);
});

alone("with a sample beyond 1 % of the interval is rejected, at it accepted", () => {
  for (const offsetMs of [9_000, -9_000]) {
    assert.is(codeOf(measured([500, 300], { startOffsetMs: offsetMs })), "accept");
    assert.is(codeOf(measured([500, 300], { endOffsetMs: offsetMs })), "accept");
  }
  for (const offsetMs of [9_001, -9_001]) {
    assert.is(codeOf(measured([500, 300], { startOffsetMs: offsetMs })), "reject READING_OFF_BOUNDARY");
    assert.is(codeOf(measured([500, 300], { endOffsetMs: offsetMs })), "reject READING_OFF_BOUNDARY");
  }
});

/** The rating of 11 kW allows 2 750 Wh in a quarter of an hour. */
const INCONSISTENT: Readonly<Record<string, Partial<Measured>>> = {
  "a Wh more generated than the registers say": { generated: wh(501n), position: wh(201n) },
  "a Wh less consumed than the registers say": { consumed: wh(299n), position: wh(201n) },
  "a position that is not the difference": { position: wh(201n) },
  "a carry above 0": { carryIn: wh(1n) },
  "a carry beyond what the connection could carry": { carryIn: wh(-2_751n) },
  "a register that fell": { meters: [first, { ...second, end: [wh(0n)] }] },
};

for (const [name, changes] of Object.entries(INCONSISTENT)) {
  alone(`with ${name} is rejected`, () => {
    assert.is(codeOf(measured([500, 300], changes)), "reject READING_INCONSISTENT");
  });
}

alone("with more than the connection's rating is accepted: the settlement sets it apart", () => {
  assert.is(codeOf(measured([1_000_000, 300])), "accept");
});

const after = suite("reading, judged against the last settled one");

const LAST: LastReading = {
  interval: intervalIndex(FIRST_INTERVAL + 4),
  sequence: 10,
  registers: [first.start, second.start],
  measuredInterval: intervalIndex(FIRST_INTERVAL + 4),
  carry: wh(-3n),
};
const NEXT = { interval: intervalIndex(FIRST_INTERVAL + 5), sequence: 11 };
const continuing = measured([500, 300], { carryIn: wh(-3n) });

function successionOf(
  content: Measured | Missing,
  changes: Partial<Reading> = NEXT,
  last: LastReading | null = LAST,
): string {
  const judged = judgeSuccession(testReading(context, "dep1", content, changes), last);
  return judged.kind === "accept" ? "accept" : `${judged.kind} ${judged.code}`;
}

after("is accepted as the first, whatever it is", () => {
  assert.is(successionOf(continuing, { sequence: 0 }, null), "accept");
});

after("is accepted when it goes on from the registers and the carry before", () => {
  assert.is(successionOf(continuing), "accept");
  assert.is(successionOf(MISSING), "accept");
});

after("with a sequence that was settled is ignored as a replay", () => {
  for (const sequence of [0, 9, 10])
    assert.is(successionOf(continuing, { ...NEXT, sequence }), "ignore READING_REPLAYED");
  assert.is(
    successionOf(continuing, { ...NEXT, sequence: 1_000 }),
    "accept",
    "a gap of sequences is no fault",
  );
});

after("of an interval that was settled is ignored", () => {
  for (const steps of [0, 3, 4])
    assert.is(
      successionOf(MISSING, { ...NEXT, interval: intervalIndex(FIRST_INTERVAL + steps) }),
      "ignore READING_CLOSED_INTERVAL",
    );
});

after("of the next interval with other registers or another carry is ignored", () => {
  const [generation, consumption] = meters;
  const shifted = (meter: MeterRegisters): MeterRegisters => ({
    ...meter,
    start: meter.start.map((value) => wh(value + 1n)),
    end: meter.end.map((value) => wh(value + 1n)),
  });
  const others: readonly Measured[] = [
    { ...continuing, meters: [shifted(generation), consumption] },
    { ...continuing, meters: [generation, shifted(consumption)] },
    { ...continuing, carryIn: wh(0n) },
    { ...continuing, carryIn: wh(-4n) },
  ];
  for (const other of others) assert.is(successionOf(other), "ignore READING_REGISTERS");
});

after("after a gap begins a new base segment: any registers, any carry", () => {
  const other = measured([500, 300], {
    carryIn: wh(0n),
    meters: [{ ...first, start: [wh(0n)], end: [wh(500n)] }, second],
  });
  const later = { interval: intervalIndex(FIRST_INTERVAL + 6), sequence: 11 };
  assert.is(successionOf(other), "ignore READING_REGISTERS", "but not without a gap");
  assert.is(successionOf(other, later), "accept");
});

after("after a missing one begins a new base segment: a reset needs no more", () => {
  const settledMissing = { ...LAST, interval: intervalIndex(FIRST_INTERVAL + 5), sequence: 11 };
  const next = { interval: intervalIndex(FIRST_INTERVAL + 6), sequence: 12 };
  const reset = measured([500, 300], { meters: [{ ...first, start: [wh(0n)], end: [wh(500n)] }, second] });
  assert.is(successionOf(reset, next, settledMissing), "accept");
  assert.is(successionOf(reset, next, { ...settledMissing, measuredInterval: null }), "accept");
});

const contradiction = suite("contradiction");

contradiction("is two statements of one member on one interval", () => {
  const one = testReading(context, "dep1", measured([500, 300]));
  const other = testReading(context, "dep1", MISSING);
  assert.ok(contradicts(one, other));
  assert.ok(contradicts(one, testReading(context, "dep1", measured([500, 300]), { sequence: 2 })));
  assert.not(contradicts(one, one));
  assert.not(contradicts(one, { ...one, signature: other.signature }), "signature bytes state nothing");
  assert.not(contradicts(one, testReading(context, "dep2", MISSING)));
  assert.not(
    contradicts(one, testReading(context, "dep1", MISSING, { interval: intervalIndex(FIRST_INTERVAL + 1) })),
  );
});

alone.run();
after.run();
contradiction.run();
