/** Everything that a seed decides: the street, its network, its disks, its clocks, its liars and when what breaks. */
import { steadyNetwork } from "./censorship.ts";
import { type Draw, drawFor } from "./draw.ts";
import { USUAL_MANNERS } from "./household.ts";
import { type Liar, liarsOf } from "./lies.ts";
import { type RecoveryPlan, withRecovery } from "./recoveryPlan.ts";
import { type RosterPlan, withRosterChanges } from "./rosterPlan.ts";
import { hasReturns, withRareFaults } from "./scenarioApart.ts";
import { clockStepsOf, crashesOf, cutsOf } from "./scenarioFaults.ts";
import { type SuspensionPlan, withSuspension } from "./suspensionPlan.ts";

/**
 * Safety: faults to the end. Liveness: faults, then a heal. Liar: a DSO that lies on a sound network. Straggler: rounds
 * pass without one gateway and without one kind of message; then it is needed, since another one is gone for good.
 * Censor: members that keep items out of blocks, or depose DSOs by what they send when, on a sound network. Recovery:
 * faults, then more voters are gone for good than the street can spare, and what is left goes on in a new epoch.
 * Suspension: voters are away for a hundred blocks, lose their vote to that, and come back.
 */
export const MODES = ["safety", "liveness", "liar", "straggler", "censor", "recovery", "suspension"] as const;
export type Mode = (typeof MODES)[number];

/** What is asked for; with the same spec everything repeats. */
export type SeedSpec = {
  readonly mode: Mode;
  readonly seed: number;
  readonly members: number;
  /** Members that lie; null lets the seed decide, up to f. */
  readonly byzantine: number | null;
  /** Planted in the simulated disk, never in the product. */
  readonly hasFsync?: boolean;
};

/** Links that are cut for a while: from each of `from` to each of `to`, one way. */
export type Cut = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly from: ReadonlySet<number>;
  readonly to: ReadonlySet<number>;
};

/** What a power cut does to a disk beyond its cache. */
export type DiskFault = "cache-only" | "rot" | "wipe";
export type Crash = {
  readonly atMs: number;
  readonly downMs: number;
  readonly members: readonly number[];
  readonly disk: DiskFault;
};

/** A wall clock that steps; the monotonic one never does. */
export type ClockStep = { readonly atMs: number; readonly member: number; readonly offsetMs: number };

export type Scenario = SeedSpec & {
  readonly intervalMs: number;
  readonly gridMode: "islanded" | "grid-tied";
  readonly termMax: number;
  readonly hasRealSignatures: boolean;
  /** From the start of the ledger's first interval. */
  readonly faultsEndMs: number;
  readonly liars: readonly Liar[];
  readonly network: {
    readonly delayMs: number;
    readonly slowShare: number;
    readonly dropShare: number;
    readonly duplicateShare: number;
    /** Every message takes about as long as every other. */
    readonly isSteady?: boolean;
  };
  readonly cuts: readonly Cut[];
  readonly crashes: readonly Crash[];
  readonly clockSteps: readonly ClockStep[];
  readonly fsyncMs: number;
  readonly silentMeterShare: number;
  /** Of the time, how much a household consumes at all. */
  readonly consumesShare: number;
  /** How much later than the one before a meter is read, in intervals. */
  readonly skewShare: number;
  /** Null but in straggler mode. */
  readonly straggle: Straggle | null;
  /** Whoever has lost its votes asks the ledger for its vote; else it observes for good. */
  readonly hasReturns: boolean;
  /** Null where nobody comes or goes. */
  readonly roster: RosterPlan | null;
  /** Null but in recovery mode. */
  readonly recovery: RecoveryPlan | null;
  /** Null but in suspension mode. */
  readonly suspension: SuspensionPlan | null;
};

/** Until the heal one gateway is alone and one kind of vote reaches nobody; from then on another one is gone. */
export type Straggle = {
  readonly alone: number;
  readonly gone: number;
  readonly lost: "proposal" | "commit";
};

const SHORT_INTERVAL_MS = 5_000;
const REAL_SIGNATURES_EVERY = 100;
/** Intervals under fault: more members make more messages, so they get fewer. */
const MOST_INTERVALS = 11;
const LEAST_INTERVALS = 4;
const INTERVALS_TO_HEAL = 5;
/** So many longest rounds that a straggler which climbs them one by one is seen to come late. */
const ROUNDS_TO_STRAGGLE = 20;
const LONGEST_ROUND_MS = 60_000;

/** @param spec asked for @returns the whole plan of the seed */
export function scenarioOf(spec: SeedSpec): Scenario {
  const draw = drawFor(spec.seed, `${spec.mode}/${spec.members}`);
  const drawnMs = draw.one([5_000, 5_000, 5_000, 5_000, 60_000, 900_000]);
  const intervalMs = spec.mode === "censor" || spec.mode === "suspension" ? SHORT_INTERVAL_MS : drawnMs;
  const faultsEndMs = faultsEnd(spec, intervalMs);
  const liars = liarsOf(spec, draw);
  const isPlain = spec.mode === "safety" || spec.mode === "liveness";
  const isRough = isPlain || spec.mode === "recovery";
  const straggle = spec.mode === "straggler" ? straggleOf(spec, draw) : null;
  const plan: Scenario = {
    ...spec,
    intervalMs,
    gridMode: draw.one(["islanded", "grid-tied"]),
    termMax: draw.one([2, 3, 96]),
    hasRealSignatures: spec.seed % REAL_SIGNATURES_EVERY === REAL_SIGNATURES_EVERY - 1,
    faultsEndMs,
    liars,
    network: spec.mode === "censor" ? steadyNetwork(draw) : usualNetwork(isRough, draw),
    cuts: isRough ? cutsOf(spec, draw, faultsEndMs) : aloneUntil(spec, straggle, faultsEndMs),
    crashes: isRough ? crashesOf(spec, draw, faultsEndMs, liars.length) : [],
    clockSteps: isPlain ? clockStepsOf(spec, draw, faultsEndMs, liars.length) : [],
    fsyncMs: draw.one([1, 5, 40]),
    silentMeterShare: draw.one([0, 0.05]),
    ...USUAL_MANNERS,
    straggle,
    hasReturns: isRough && hasReturns(spec),
    roster: null,
    recovery: null,
    suspension: null,
  };
  if (spec.mode === "suspension") return withSuspension(plan);
  if (spec.mode === "recovery") return withRecovery(plan);
  return isPlain ? withRosterChanges(withRareFaults(plan)) : plan;
}

function straggleOf({ members }: SeedSpec, draw: Draw): Straggle {
  const [alone, gone] = draw.some(
    Array.from({ length: members }, (_, index) => index),
    2,
  ) as [number, number];
  return { alone, gone, lost: draw.one(["proposal", "commit"]) };
}

function aloneUntil({ members }: SeedSpec, straggle: Straggle | null, toMs: number): readonly Cut[] {
  if (straggle === null) return [];
  const all = new Set(Array.from({ length: members }, (_, index) => index));
  const alone = new Set([straggle.alone]);
  return [
    { fromMs: 0, toMs, from: alone, to: all },
    { fromMs: 0, toMs, from: all, to: alone },
  ];
}

function faultsEnd(spec: SeedSpec, intervalMs: number): number {
  if (spec.mode !== "straggler") return intervalMs * faultyIntervals(spec);
  return intervalMs + ROUNDS_TO_STRAGGLE * Math.min(LONGEST_ROUND_MS, intervalMs);
}

function faultyIntervals({ mode, members }: SeedSpec): number {
  const most = mode === "safety" ? MOST_INTERVALS - members : INTERVALS_TO_HEAL;
  return Math.max(LEAST_INTERVALS, most);
}

function usualNetwork(isRough: boolean, draw: Draw): Scenario["network"] {
  return {
    delayMs: draw.one([5, 30, 120]),
    slowShare: isRough ? draw.one([0, 0.02, 0.1]) : 0,
    dropShare: isRough ? draw.one([0, 0, 0.05, 0.2, 0.4]) : 0,
    duplicateShare: draw.one([0, 0.1]),
  };
}
