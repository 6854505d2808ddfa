/** Everything that a seed decides: the street, its network, its disks, its clocks, its liars and when what breaks. */
import { maxFaulty } from "../../agent/core/consensus/quorum.ts";
import { CENSOR_LIES, steadyNetwork } from "./censorship.ts";
import { type Draw, drawFor } from "./draw.ts";
import { USUAL_MANNERS } from "./household.ts";
import { quorumByHand } from "./quorumByHand.ts";
import { type RosterPlan, withRosterChanges } from "./rosterPlan.ts";
import { hasReturns, liesApart, withRareFaults } from "./scenarioApart.ts";

/**
 * Safety: faults to the end. Liveness: faults, then a heal. Liar: a DSO that lies on a sound network. Straggler: rounds
 * pass without one gateway and without one kind of message; then it is needed, since another one is gone for good.
 * Censor: members that keep items out of blocks, or depose DSOs by what they send when, on a sound network.
 */
export const MODES = ["safety", "liveness", "liar", "straggler", "censor"] as const;
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

/** Ways to lie; a liar has a few of them. */
export const LIES = [
  "equivocate",
  "alter-trade",
  "omit-readings",
  "reorder-readings",
  "wrong-sums",
  "early-close",
  "stale-office",
  "silent",
  "vote-for-all",
  "mutate",
  "forget-lock",
  "hide-prepared",
  "far-round",
  "contradict-reading",
  "false-reading",
  "wrong-again",
  "thin-certificate",
  "replay",
  "omit-transactions",
  "last-moment",
  "two-transactions",
  "flood",
  "false-names",
  "wrong-state",
  "false-parent",
  "skip-interval",
  "forge-votes",
  "forged-certificate",
  "false-sync",
  "false-late",
  "forged-reading",
  "overlapping-span",
] as const;
export type Lie = (typeof LIES)[number];
const ONLY_CENSOR: ReadonlySet<Lie> = new Set([
  "omit-transactions",
  "last-moment",
  "two-transactions",
  "flood",
  "false-names",
]);

/** Drawn by streams of their own. */
const ONLY_APART: ReadonlySet<Lie> = new Set(["forged-reading", "overlapping-span"]);

/** Lies that a DSO tells with its block. */
const DSO_LIES = [
  "equivocate",
  "alter-trade",
  "omit-readings",
  "reorder-readings",
  "wrong-sums",
  "early-close",
  "stale-office",
  "hide-prepared",
  "wrong-again",
  "mutate",
  "wrong-state",
  "false-parent",
  "skip-interval",
] as const satisfies readonly Lie[];

export type Liar = { readonly member: number; readonly lies: readonly Lie[]; readonly hasTwin: boolean };

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
};

/** Until the heal one gateway is alone and one kind of vote reaches nobody; from then on another one is gone. */
export type Straggle = {
  readonly alone: number;
  readonly gone: number;
  readonly lost: "proposal" | "commit";
};

/** Lies of members in general; those of mode "censor" need its sound network to be seen. */
const GENERAL_LIES = LIES.filter((lie) => !ONLY_CENSOR.has(lie) && !ONLY_APART.has(lie));

const CENSOR_INTERVAL_MS = 5_000;
const HOUR_MS = 3_600_000;
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
  const intervalMs = spec.mode === "censor" ? CENSOR_INTERVAL_MS : drawnMs;
  const faultsEndMs = faultsEnd(spec, intervalMs);
  const liars = liarsOf(spec, draw);
  const isRough = spec.mode === "safety" || spec.mode === "liveness";
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
    clockSteps: isRough ? outvoted(spec, clockStepsOf(spec, draw, faultsEndMs), liars.length) : [],
    fsyncMs: draw.one([1, 5, 40]),
    silentMeterShare: draw.one([0, 0.05]),
    ...USUAL_MANNERS,
    straggle,
    hasReturns: isRough && hasReturns(spec),
    roster: null,
  };
  return isRough ? withRosterChanges(withRareFaults(plan)) : plan;
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

function liarsOf(spec: SeedSpec, draw: Draw): readonly Liar[] {
  const most = spec.mode === "straggler" ? 0 : maxFaulty(spec.members);
  const usual = spec.mode === "liar" || spec.mode === "censor" ? Math.max(1, most) : draw.integer(0, most);
  const count = Math.min(spec.byzantine ?? usual, spec.members);
  const members = draw.some(
    Array.from({ length: spec.members }, (_, index) => index),
    count,
  );
  return members.map((member) => {
    const hasTwin = spec.mode !== "liar" && spec.mode !== "censor" && draw.chance(0.25);
    return { member, lies: [...liesOf(spec.mode, draw), ...liesApart(spec, member)], hasTwin };
  });
}

function liesOf(mode: Mode, draw: Draw): readonly Lie[] {
  if (mode === "liar") return draw.some(DSO_LIES, draw.integer(1, 2));
  if (mode === "censor") return draw.some(CENSOR_LIES, draw.integer(1, 3));
  return draw.some(GENERAL_LIES, draw.integer(1, 4));
}

function cutsOf({ members }: SeedSpec, draw: Draw, endMs: number): readonly Cut[] {
  const all = Array.from({ length: members }, (_, index) => index);
  const cuts: Cut[] = [];
  const times = draw.one([0, 0, 1, 2, 3]);
  for (let time = 0; time < times; time += 1) {
    const fromMs = draw.within(0, endMs);
    const toMs = fromMs + draw.within(0.05, 0.6) * endMs;
    const add = (from: readonly number[], to: readonly number[]) =>
      cuts.push({ fromMs, toMs, from: new Set(from), to: new Set(to) });
    const half = draw.some(all, draw.integer(1, members - 1));
    const rest = all.filter((member) => !half.includes(member));
    switch (draw.one(["halves", "one-way", "one-way-single", "ring"] as const)) {
      case "halves":
        add(half, rest);
        add(rest, half);
        break;
      case "one-way":
        add(half, rest);
        break;
      case "one-way-single":
        add(half.slice(0, 1), all);
        break;
      case "ring":
        for (const member of all)
          add(
            [member],
            all.filter((other) => ![1, members - 1].includes((other - member + members) % members)),
          );
        break;
    }
  }
  return cuts;
}

/** In liveness mode no more voters are lost for good than the street can do without. */
function crashesOf(spec: SeedSpec, draw: Draw, endMs: number, liars: number): readonly Crash[] {
  const all = Array.from({ length: spec.members }, (_, index) => index);
  const sparable = spec.members - quorumByHand(spec.members) - liars;
  const crashes: Crash[] = [];
  const times = draw.one([0, 0, 1, 2, 4, 6]);
  const lost = new Set<number>();
  for (let time = 0; time < times; time += 1) {
    const isStreetWide = draw.chance(0.2);
    const member = draw.one(all);
    const members = isStreetWide ? all : [member];
    const wanted: DiskFault = isStreetWide
      ? "cache-only"
      : draw.one(["cache-only", "cache-only", "rot", "wipe"]);
    const mayLose = spec.mode === "safety" || lost.has(member) || lost.size < sparable;
    const disk = mayLose ? wanted : "cache-only";
    if (disk !== "cache-only") lost.add(member);
    crashes.push({ atMs: draw.within(0, endMs), downMs: draw.within(0.01, 0.4) * endMs, members, disk });
  }
  return crashes;
}

/**
 * A quorum whose clocks are ahead settles intervals before they end, and the chain waits for the time to come: nothing
 * can prevent that, so in liveness mode fewer than a quorum are fast or lie.
 */
function outvoted(
  { mode, members }: SeedSpec,
  steps: readonly ClockStep[],
  liars: number,
): readonly ClockStep[] {
  if (mode !== "liveness") return steps;
  const fast = new Set(steps.filter(({ offsetMs }) => offsetMs > 0).map(({ member }) => member));
  const bearable = new Set([...fast].slice(0, Math.max(0, quorumByHand(members) - 1 - liars)));
  return steps.filter(({ member, offsetMs }) => offsetMs <= 0 || bearable.has(member));
}

function clockStepsOf({ members }: SeedSpec, draw: Draw, endMs: number): readonly ClockStep[] {
  const steps: ClockStep[] = [];
  const times = draw.one([0, 0, 0, 1, 3]);
  for (let time = 0; time < times; time += 1) {
    const largestMs = draw.one([400, 3_000, HOUR_MS]);
    const member = draw.integer(0, members - 1);
    steps.push({
      atMs: draw.within(0, endMs),
      member,
      offsetMs: Math.round(draw.within(-largestMs, largestMs)),
    });
  }
  return steps;
}
