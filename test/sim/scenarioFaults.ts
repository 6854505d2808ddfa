/** What breaks when in modes "safety" and "liveness": links, power, disks and clocks. */
import type { Draw } from "./draw.ts";
import { quorumByHand } from "./quorumByHand.ts";
import type { ClockStep, Crash, Cut, DiskFault, SeedSpec } from "./scenario.ts";

const HOUR_MS = 3_600_000;

/** @param spec of the seed @param draw of its plan @param endMs of its faults @returns links that are cut for a while */
export function cutsOf({ members }: SeedSpec, draw: Draw, endMs: number): readonly Cut[] {
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

/**
 * In liveness mode no more voters are lost for good than the street can do without.
 *
 * @param spec of the seed
 * @param draw of its plan
 * @param endMs of its faults
 * @param liars how many lie
 * @returns power cuts, and what they leave of a disk
 */
export function crashesOf(spec: SeedSpec, draw: Draw, endMs: number, liars: number): readonly Crash[] {
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

/** @param spec of the seed @param draw of its plan @param endMs of its faults @param liars how many lie @returns steps of wall clocks */
export function clockStepsOf(spec: SeedSpec, draw: Draw, endMs: number, liars: number): readonly ClockStep[] {
  const { members } = spec;
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
  return outvoted(spec, steps, liars);
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
