/** Every rule a reading must satisfy, each shown refusing what breaks it and nothing less. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ledgerContext } from "../../../../../agent/core/ledger/state/context.ts";
import { memberIdFromBytes } from "../../../../../agent/core/membership/address.ts";
import { type Coverage, coverLate, type Gap } from "../../../../../agent/core/metering/coverage.ts";
import { pieceOf } from "../../../../../agent/core/metering/piece.ts";
import type {
  Measured,
  MeterRegisters,
  Missing,
  Reading,
  Spanning,
} from "../../../../../agent/core/metering/reading.ts";
import {
  contradicts,
  expectedRegisters,
  isSpanning,
  judgeReading,
  judgeSuccession,
  type Standing,
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

function codeOf(content: Reading["content"], changes: Partial<Reading> = {}, name = "dep1"): string {
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
  assert.is(codeOf(MISSING, { member: memberIdFromBytes(new Uint8Array(20)) }), "ignore NOT_IN_ROSTER");
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

alone(
  "is settled under the time of NTP or of the other gateways, not under one that nobody has placed",
  () => {
    for (const [time, code] of [
      ["synchronised", "accept"],
      ["peers", "accept"],
      ["relative", "ignore READING_UNPLACED"],
    ] as const)
      assert.is(codeOf(measured([500, 300]), { time }), code);
  },
);

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
  "a carry, though its meters have no skew to carry": {
    carryIn: wh(-1n),
    consumed: wh(299n),
    position: wh(201n),
  },
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

alone("with a carry beyond what the connection could carry is rejected, up to it accepted", () => {
  const stated = (carryIn: bigint) =>
    measured([0, 0], {
      meters: [
        { meter: 0, start: [wh(0n), wh(0n)], end: [wh(2_751n), wh(0n)], resolutionMilliWh: 1 },
        { meter: 1, start: [wh(0n)], end: [wh(0n)], resolutionMilliWh: 1 },
      ],
      carryIn: wh(carryIn),
      consumed: wh(2_751n + carryIn),
      position: wh(-2_751n - carryIn),
    });
  assert.is(codeOf(stated(-2_750n), {}, "dep2"), "accept");
  assert.is(codeOf(stated(-2_751n), {}, "dep2"), "reject READING_INCONSISTENT");
});

const spanned = (fromSteps: number, changes: Partial<Spanning> = {}): Spanning => ({
  kind: "spanning",
  from: intervalIndex(FIRST_INTERVAL + fromSteps),
  meters,
  ...changes,
});

alone("that spans intervals is accepted, also a single one", () => {
  const to = { interval: intervalIndex(FIRST_INTERVAL + 3) };
  assert.is(codeOf(spanned(1), to), "accept");
  assert.is(codeOf(spanned(3), to), "accept");
});

alone("that spans intervals is rejected with other meters, a fallen register, or no interval to span", () => {
  const to = { interval: intervalIndex(FIRST_INTERVAL + 3) };
  assert.is(codeOf(spanned(1, { meters: [first] }), to), "reject READING_METERS");
  assert.is(codeOf(spanned(4), to), "reject READING_INCONSISTENT");
  assert.is(codeOf(spanned(-1), to), "reject READING_BEFORE_FIRST");
  const fallen = [first, { ...second, end: [wh(0n)] }];
  assert.is(codeOf(spanned(1, { meters: fallen }), to), "reject READING_INCONSISTENT");
});

const after = suite("reading of the next interval");

const dep1 = memberNamed(context, "dep1");
const at = (steps: number) => intervalIndex(FIRST_INTERVAL + steps);
const BEFORE = { registers: [first.start, second.start], carry: wh(0n) };
const AFTER = { registers: [first.end, second.end], carry: wh(0n) };
/** Interval 4 is the last one settled. */
const SETTLED: Standing = { nextInterval: at(5), coverage: { edge: BEFORE, gaps: [], swaps: [] } };
const shifted = (meter: MeterRegisters): MeterRegisters => ({
  ...meter,
  start: meter.start.map((value) => wh(value + 1n)),
  end: meter.end.map((value) => wh(value + 1n)),
});
const shiftedReading = measured([500, 300], { meters: [shifted(first), second] });

function successionOf(
  content: Reading["content"],
  steps: number,
  standing: Standing,
  changes: Partial<Reading> = {},
): string {
  const signed = testReading(context, "dep1", content, { interval: at(steps), ...changes });
  const judged = judgeSuccession(signed, dep1, standing);
  return judged.kind === "accept" ? "accept" : `${judged.kind} ${judged.code}`;
}

after("is accepted when it goes on from the registers before, whatever its sequence", () => {
  for (const sequence of [0, 1, 1_000])
    assert.is(successionOf(measured([500, 300]), 5, SETTLED, { sequence }), "accept");
  assert.is(successionOf(MISSING, 5, SETTLED), "accept");
});

after("is ignored with other registers or another carry", () => {
  const others = [
    shiftedReading,
    measured([500, 300], { meters: [first, shifted(second)] }),
    measured([500, 300], { carryIn: wh(-1n) }),
  ];
  for (const other of others) assert.is(successionOf(other, 5, SETTLED), "ignore READING_REGISTERS");
});

after("may begin anywhere after an open interval, after a reset, and as the first", () => {
  const openBefore: Coverage = {
    edge: null,
    gaps: [{ from: at(4), to: at(4), before: BEFORE, after: null, swaps: [] }],
    swaps: [],
  };
  for (const coverage of [openBefore, { edge: null, gaps: [], swaps: [] }])
    assert.is(successionOf(shiftedReading, 5, { nextInterval: at(5), coverage }), "accept");
});

after("of a later interval is accepted as it is: what lies before it is not settled yet", () => {
  assert.is(successionOf(shiftedReading, 6, SETTLED), "accept");
});

after("is no span: a gap is spanned when it is closed", () => {
  assert.is(successionOf(spanned(5), 5, SETTLED), "ignore READING_OPEN_INTERVAL");
  assert.is(successionOf(spanned(4), 7, SETTLED), "ignore READING_OPEN_INTERVAL");
});

const late = suite("reading of a closed interval");

const GAP: Gap = { from: at(2), to: at(6), before: BEFORE, after: AFTER, swaps: [] };
const withGap = (changes: Partial<Gap> = {}): Standing => ({
  nextInterval: at(9),
  coverage: { edge: AFTER, gaps: [{ ...GAP, ...changes }], swaps: [] },
});

late("is accepted inside an open gap, whatever its registers where it touches nothing", () => {
  for (const steps of [3, 4, 5]) assert.is(successionOf(shiftedReading, steps, withGap()), "accept");
  assert.is(successionOf({ kind: "missing", reason: "register-reset" }, 4, withGap()), "accept");
});

late("is ignored where intervals are settled, or the gap was given up: a replay looks the same", () => {
  for (const steps of [0, 1, 7, 8])
    assert.is(successionOf(measured([500, 300]), steps, withGap()), "ignore READING_SETTLED");
});

late("is ignored when it states no energy: the interval is closed without it", () => {
  assert.is(successionOf(MISSING, 4, withGap()), "ignore READING_CLOSED_INTERVAL");
});

late("joins what is settled before it and after it", () => {
  assert.is(successionOf(measured([500, 300]), 2, withGap()), "accept");
  assert.is(successionOf(shiftedReading, 2, withGap()), "ignore READING_REGISTERS");
  assert.is(successionOf(measured([500, 300]), 6, withGap()), "accept", "its end is where the next begins");
  assert.is(successionOf(shiftedReading, 6, withGap()), "ignore READING_REGISTERS");
  assert.is(successionOf(measured([499, 300]), 6, withGap()), "ignore READING_REGISTERS");
  assert.is(successionOf(shiftedReading, 2, withGap({ before: null })), "accept");
  assert.is(successionOf(shiftedReading, 6, withGap({ after: null })), "accept");
});

late("spans a whole gap, or its beginning, from the registers before it", () => {
  assert.is(successionOf(spanned(2), 6, withGap()), "accept");
  assert.is(
    successionOf(spanned(2, { meters: [shifted(first), second] }), 6, withGap()),
    "ignore READING_REGISTERS",
  );
  assert.is(successionOf(spanned(2), 5, withGap()), "accept");
  assert.is(successionOf(spanned(3), 6, withGap()), "ignore READING_REGISTERS", "not from nowhere");
  assert.is(successionOf(spanned(2), 6, withGap({ before: null })), "ignore READING_REGISTERS");
});

late("that overlaps what is settled is ignored, however little", () => {
  for (const [from, to] of [
    [1, 6],
    [2, 7],
    [1, 7],
    [0, 1],
    [0, 8],
  ] as const)
    assert.is(successionOf(spanned(from), to, withGap()), "ignore READING_SETTLED", `${from} to ${to}`);
});

late("is settled once: neither it nor anything over it is taken again", () => {
  const standing = withGap();
  const { reading } = testReading(context, "dep1", shiftedReading, { interval: at(4) });
  const coverage = coverLate(standing.coverage, pieceOf(reading, dep1, GAP)!, standing.nextInterval);
  const then = { ...standing, coverage };
  assert.is(successionOf(shiftedReading, 4, then), "ignore READING_SETTLED");
  assert.is(successionOf(measured([1, 1]), 4, then), "ignore READING_SETTLED");
  assert.is(successionOf(spanned(2), 6, then), "ignore READING_SETTLED");
  assert.is(
    successionOf(
      spanned(2, {
        meters: [
          { ...first, end: shifted(first).start },
          { ...second, end: second.start },
        ],
      }),
      3,
      then,
    ),
    "accept",
  );
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

contradiction(
  "is nothing that spans: neither beside a reading of its last interval, nor beside another span",
  () => {
    const one = testReading(context, "dep1", MISSING);
    const span = testReading(context, "dep1", spanned(0));
    assert.not(contradicts(one, span));
    assert.not(contradicts(span, one));
    assert.not(contradicts(span, testReading(context, "dep1", spanned(0), { sequence: 2 })));
    assert.equal([one, span].map(isSpanning), [false, true]);
  },
);

alone.run();
after.run();
late.run();
contradiction.run();
