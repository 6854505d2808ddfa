/** From two boundary samples to one statement: measured, or missing with its reason. */
import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type BoundaryMeter,
  type BoundarySample,
  framesHashOf,
  type IntervalLimits,
  stateInterval,
} from "../../../../../agent/core/metering/delta.ts";
import { MISSING_REASONS, type MissingReason } from "../../../../../agent/core/metering/reading.ts";
import { intervalIndex, unixMs, wh } from "../../../../../agent/core/units.ts";

const INTERVAL_MS = 900_000;
const K = intervalIndex(2_000_000);
const START_MS = 2_000_000 * INTERVAL_MS;
const END_MS = START_MS + INTERVAL_MS;
const NO_CARRY = wh(0n);

const LIMITS: IntervalLimits = { intervalMs: INTERVAL_MS, timeLapse: 1, boundWh: wh(2_750n) };

type SampledMeter = Extract<BoundaryMeter, { kind: "sampled" }>;

function sampled(atMs: number, changes: Partial<SampledMeter> = {}): SampledMeter {
  return {
    kind: "sampled",
    role: "consumption",
    takenAtMs: unixMs(atMs),
    registers: [wh(1_000n)],
    activePowerW: null,
    resolutionMilliWh: 63,
    frames: [],
    ...changes,
  };
}

const failed = (reason: MissingReason): BoundaryMeter => ({ kind: "failed", role: "consumption", reason });
const state = (start: BoundarySample | null, end: BoundarySample, carry = NO_CARRY) =>
  stateInterval(K, LIMITS, start, end, carry);

const measured = suite("stated as measured");

measured("the registers of both ends, their energies and the worst offsets", () => {
  const start = [
    sampled(START_MS - 300, { role: "generation", registers: [wh(50n)], frames: [Uint8Array.of(1)] }),
    sampled(START_MS + 20, { registers: [wh(1_000n)], resolutionMilliWh: 10, frames: [Uint8Array.of(2)] }),
  ];
  const end = [
    sampled(END_MS + 5, { role: "generation", registers: [wh(550n)], frames: [Uint8Array.of(3)] }),
    sampled(END_MS + 40, { registers: [wh(1_300n)], resolutionMilliWh: 20, frames: [Uint8Array.of(4)] }),
  ];
  const { content, carry } = state(start, end);
  assert.equal(content, {
    kind: "measured",
    startOffsetMs: -300,
    endOffsetMs: 40,
    meters: [
      { meter: 0, start: [wh(50n)], end: [wh(550n)], resolutionMilliWh: 63 },
      { meter: 1, start: [wh(1_000n)], end: [wh(1_300n)], resolutionMilliWh: 20 },
    ],
    carryIn: wh(0n),
    generated: wh(500n),
    consumed: wh(300n),
    position: wh(200n),
    framesHash: framesHashOf([1, 2, 3, 4].map((byte) => Uint8Array.of(byte))),
  });
  assert.is(carry, 0n);
});

measured("with the carry of the reading before taken off, and the next carry given out", () => {
  const grid = (atMs: number, exported: bigint) => [
    sampled(atMs, { role: "grid", registers: [wh(0n), wh(exported)] }),
    sampled(atMs, { role: "generation", registers: [wh(exported)] }),
  ];
  const skewed = (atMs: number) => [
    sampled(atMs, { role: "grid", registers: [wh(0n), wh(107n)] }),
    sampled(atMs, { role: "generation", registers: [wh(100n)] }),
  ];
  const { content, carry } = state(grid(START_MS, 0n), skewed(END_MS), wh(-4n));
  assert.ok(content.kind === "measured");
  assert.is(content.carryIn, -4n);
  assert.is(content.consumed, 0n);
  assert.is(content.position, 100n);
  assert.is(carry, -11n);
});

measured("when both samples lie exactly at the tolerance", () => {
  assert.is(state([sampled(START_MS - 9_000)], [sampled(END_MS + 9_000)]).content.kind, "measured");
});

const missing = suite("stated as missing");

function reasonOf(start: BoundarySample | null, end: BoundarySample): MissingReason {
  const { content, carry } = state(start, end, wh(-7n));
  assert.is(carry, -7n, "the carry waits for the next measured interval");
  if (content.kind !== "missing") return assert.unreachable("measured") as never;
  return content.reason;
}

missing("without a sample at the start", () => {
  assert.is(reasonOf(null, [sampled(END_MS)]), "no-start-sample");
});

for (const reason of MISSING_REASONS) {
  missing(`with ${reason}, when a meter failed for that at either end`, () => {
    const good = sampled(END_MS);
    assert.is(reasonOf([failed(reason)], [good]), reason);
    assert.is(reasonOf([sampled(START_MS)], [failed(reason)]), reason);
    assert.is(reasonOf([sampled(START_MS), sampled(START_MS)], [good, failed(reason)]), reason);
  });
}

missing("with the first failure when both ends failed", () => {
  assert.is(reasonOf([failed("meter-timeout")], [failed("port-gone")]), "meter-timeout");
});

missing("when any sample lies beyond the tolerance, early or late, at either end", () => {
  for (const offsetMs of [-9_001, 9_001]) {
    assert.is(reasonOf([sampled(START_MS + offsetMs)], [sampled(END_MS)]), "sample-off-boundary");
    assert.is(reasonOf([sampled(START_MS)], [sampled(END_MS + offsetMs)]), "sample-off-boundary");
    const second = [sampled(START_MS), sampled(START_MS + offsetMs)];
    assert.is(reasonOf(second, [sampled(END_MS), sampled(END_MS)]), "sample-off-boundary");
  }
});

missing("when any register fell: reset or rollover", () => {
  const lower = sampled(END_MS, { registers: [wh(999n)] });
  assert.is(reasonOf([sampled(START_MS)], [lower]), "register-reset");
  assert.is(reasonOf([sampled(START_MS), sampled(START_MS)], [sampled(END_MS), lower]), "register-reset");
});

missing("when two meters disagree by more than the connection can carry, and the carry begins anew", () => {
  const both = (atMs: number, exported: bigint, generated: bigint) => [
    sampled(atMs, { role: "grid", registers: [wh(0n), wh(exported)] }),
    sampled(atMs, { role: "generation", registers: [wh(generated)] }),
  ];
  const disagreement = (exported: bigint) =>
    state(both(START_MS, 0n, 0n), both(END_MS, exported, 0n), wh(-50n));
  assert.is(disagreement(2_700n).content.kind, "measured");
  const { content, carry } = disagreement(2_701n);
  assert.equal(content, { kind: "missing", reason: "meters-disagree" });
  assert.is(carry, 0n);
});

const frames = suite("frames hash");

frames("is the SHA-256 over the SHA-256 of each frame", () => {
  const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
  const byHand = sha256(Buffer.concat([sha256(Uint8Array.of(1, 2)), sha256(Uint8Array.of(3))]));
  assert.is(framesHashOf([Uint8Array.of(1, 2), Uint8Array.of(3)]), byHand.toString("hex"));
});

frames("tells frames apart that join to the same bytes, and their order", () => {
  const hashes = [
    [Uint8Array.of(1, 2), Uint8Array.of(3)],
    [Uint8Array.of(1), Uint8Array.of(2, 3)],
    [Uint8Array.of(1, 2, 3)],
    [Uint8Array.of(3), Uint8Array.of(1, 2)],
    [Uint8Array.of(1, 2), Uint8Array.of(3), Uint8Array.of()],
    [],
  ].map(framesHashOf);
  assert.is(new Set(hashes).size, hashes.length);
});

const stuck = suite("a counter that stands still");

/** 40 W for a quarter of an hour are 10 Wh. */
const STUCK: readonly (readonly [
  name: string,
  start: Partial<SampledMeter>,
  end: Partial<SampledMeter>,
  isStuck: boolean,
])[] = [
  ["while enough power flows into it", { activePowerW: 40 }, { activePowerW: 900 }, true],
  ["while too little flows to show", { activePowerW: 39 }, { activePowerW: 900 }, false],
  ["while power flows at one end only", { activePowerW: 0 }, { activePowerW: 900 }, false],
  ["while power flows the other way", { activePowerW: -500 }, { activePowerW: -500 }, false],
  ["while power turns round", { activePowerW: 500 }, { activePowerW: -500 }, false],
  ["of a meter that tells no power", {}, { activePowerW: 900 }, false],
  [
    "for less than ten of its steps",
    { activePowerW: 300 },
    { activePowerW: 300, resolutionMilliWh: 7_600 },
    false,
  ],
  ["for ten of its steps", { activePowerW: 300 }, { activePowerW: 300, resolutionMilliWh: 7_500 }, true],
  ["while it counts", { activePowerW: 500 }, { activePowerW: 500, registers: [wh(1_001n)] }, false],
  [
    "of a generation meter that gives",
    { role: "generation", activePowerW: -500 },
    { role: "generation", activePowerW: -500 },
    true,
  ],
  [
    "for export, of a grid meter that takes in nothing",
    { role: "grid", registers: [wh(1n), wh(2n)], activePowerW: -500 },
    { role: "grid", registers: [wh(1n), wh(2n)], activePowerW: -500 },
    true,
  ],
  [
    "for import, while its export counts",
    { role: "grid", registers: [wh(1n), wh(2n)], activePowerW: 500 },
    { role: "grid", registers: [wh(1n), wh(9n)], activePowerW: 500 },
    true,
  ],
];

for (const [name, start, end, isStuck] of STUCK) {
  stuck(`${name} is ${isStuck ? "missing: counter-stuck" : "measured"}`, () => {
    const { content } = state([sampled(START_MS, start)], [sampled(END_MS, end)]);
    assert.is(
      content.kind === "missing" ? content.reason : content.kind,
      isStuck ? "counter-stuck" : "measured",
    );
  });
}

stuck("is judged by metered time where the meters run faster", () => {
  const fast = { ...LIMITS, timeLapse: 180 };
  const power = { activePowerW: 1 };
  const { content } = stateInterval(K, fast, [sampled(START_MS, power)], [sampled(END_MS, power)], NO_CARRY);
  assert.is(content.kind, "missing");
});

stuck.run();
measured.run();
missing.run();
frames.run();
