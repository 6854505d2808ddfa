/** When which gateway is killed and started again: drawn from the seed before the run, so that a run can be repeated. */
import { drawHash } from "../../agent/cli/demoStreet.ts";
import { between, type Random, seededRandom } from "../../drivers/simulator/seededRandom.ts";

/** Pause between two kills in ms. */
const KILL_EVERY_MS = { least: 5_000, most: 10_000 } as const;
/** How long a killed gateway stays down in ms. */
const DOWN_MS = { least: 0, most: 8_000 } as const;
/** How far the moment at which all are killed is drawn around its place, as a share of the pause between two. */
const ALL_JITTER_SHARE = 0.2;

/** One kill, and when what it killed is started again; ms since the street is up. */
export type Outage = {
  readonly atMs: number;
  readonly upAtMs: number;
  /** Place in the street; null for all of them. */
  readonly gateway: number | null;
};

/** What a plan is drawn for. */
export type OutagePlan = {
  readonly gateways: number;
  readonly durationMs: number;
  readonly seed: string;
  readonly downMost: number;
  readonly allAtOnce: number;
};

/**
 * @param plan how many, how long, and the seed
 * @returns the outages in order of their kills; no kill after the duration, never more than `downMost` down but
 *   when all are, and nobody is killed while it is down
 */
export function planOutages(plan: OutagePlan): readonly Outage[] {
  const random = seededRandom(Number.parseInt(drawHash(plan.seed, "chaos/outages").slice(0, 8), 16));
  const allAtMs = plan.allAtOnce === 0 ? [] : drawAllAt(plan, random);
  let outages: readonly Outage[] = [];
  let down: readonly Outage[] = [];
  for (let atMs = pauseOf(random); atMs < plan.durationMs || allAtMs.length > 0; atMs += pauseOf(random)) {
    const due = allAtMs[0];
    if (due !== undefined && due <= atMs) {
      allAtMs.shift();
      const all = { atMs: due, upAtMs: due + downMsOf(random), gateway: null };
      outages = [...cutShort(outages, all), all];
      down = [];
      atMs = all.upAtMs;
      continue;
    }
    down = down.filter((outage) => outage.upAtMs > atMs);
    if (down.length >= plan.downMost) continue;
    const standing = Array.from({ length: plan.gateways }, (_, index) => index).filter((index) =>
      down.every((outage) => outage.gateway !== index),
    );
    const gateway = standing[Math.floor(random() * standing.length)] ?? 0;
    const outage = { atMs, upAtMs: atMs + downMsOf(random), gateway };
    outages = [...outages, outage];
    down = [...down, outage];
  }
  return outages;
}

/** Spread over the run, each somewhere around its place. */
function drawAllAt({ allAtOnce, durationMs }: OutagePlan, random: Random): number[] {
  const stepMs = durationMs / (allAtOnce + 1);
  return Array.from({ length: allAtOnce }, (_, index) =>
    Math.round(stepMs * (index + 1 + between(random, -ALL_JITTER_SHARE, ALL_JITTER_SHARE))),
  );
}

/** Whoever is down when all are killed is started with them. */
function cutShort(outages: readonly Outage[], all: Outage): readonly Outage[] {
  return outages.map((outage) => (outage.upAtMs > all.atMs ? { ...outage, upAtMs: all.upAtMs } : outage));
}

function pauseOf(random: Random): number {
  return Math.round(between(random, KILL_EVERY_MS.least, KILL_EVERY_MS.most));
}

function downMsOf(random: Random): number {
  return Math.round(between(random, DOWN_MS.least, DOWN_MS.most));
}
