/**
 * Which seeds change their roster, and how: drawn by a stream of its own, so that the plans of all other seeds stay as
 * they were. Never may so many leave that the rest has a liar too many, or in liveness mode no quorum, whichever of the
 * wishes come true and in whatever order.
 */
import { type Draw, drawFor } from "./draw.ts";
import { faultyByHand, quorumByHand } from "./quorumByHand.ts";
import type { Crash, Cut, Scenario } from "./scenario.ts";

/** What the GridAdmin asks for, or whoever poses as it; the last five must have no effect. */
export const ROSTER_WISHES = [
  "admit",
  "admit-guest",
  "give-vote",
  "revoke",
  "rekey",
  "two-at-once",
  "own-wish",
  "forged-enrolment",
  "gone-again",
  "stranger",
  "early-suspension",
] as const;
export type RosterWish = (typeof ROSTER_WISHES)[number];

/** What a seed decides of its roster. */
export type RosterPlan = {
  /** Households that the genesis does not have; they come after the members, the second gateway of `rekeyed` last. */
  readonly newcomers: number;
  readonly rekeyed: number | null;
  /** When the gateway with the old key ends for good; null for one that runs on. */
  readonly retiresAtMs: number | null;
  /** Members that may be revoked, in this order. */
  readonly leavers: readonly number[];
  readonly wishes: readonly { readonly atMs: number; readonly wish: RosterWish }[];
};

const ROSTER_SHARE = 0.25;
const REKEY_SHARE = 0.4;
const MOST_LEAVERS = 2;
/** Time for a change to be asked for, to become active, and to be lived with. */
const MORE_INTERVALS = 4;
const CUT_SHARE = 0.3;
const CRASH_SHARE = 0.3;

/** @param plan of mode "safety" or "liveness" @returns the same, or with a roster that changes */
export function withRosterChanges(plan: Scenario): Scenario {
  const { seed, mode, members, intervalMs } = plan;
  const draw = drawFor(seed, `roster ${mode}/${members}`);
  if (!draw.chance(ROSTER_SHARE)) return plan;
  const faultsEndMs = plan.faultsEndMs + (mode === "safety" ? MORE_INTERVALS * intervalMs : 0);
  const roster = rosterPlan(plan, draw, faultsEndMs);
  const outsiders = Array.from(
    { length: roster.newcomers + (roster.rekeyed === null ? 0 : 1) },
    (_, index) => members + index,
  );
  return {
    ...plan,
    faultsEndMs,
    roster,
    cuts: [...plan.cuts, ...outsiders.flatMap((outsider) => cutsOf(plan, outsider, draw, faultsEndMs))],
    crashes: [...plan.crashes, ...outsiders.flatMap((outsider) => crashesOf(outsider, draw, faultsEndMs))],
  };
}

function rosterPlan(plan: Scenario, draw: Draw, endMs: number): RosterPlan {
  const { members, mode, intervalMs } = plan;
  const newcomers = draw.integer(1, 2);
  const all = Array.from({ length: members }, (_, index) => index);
  const leavers: number[] = [];
  for (const member of draw.some(all, draw.integer(0, MOST_LEAVERS)))
    if (isBearable(plan, [...leavers, member])) leavers.push(member);
  const steady = all.filter((member) => !leavers.includes(member) && !isLiar(plan, member));
  const rekeyed = steady.length > 1 && draw.chance(REKEY_SHARE) ? draw.one(steady) : null;
  const atMs = draw.within(0, 0.6) * endMs;
  const wishes = Array.from({ length: draw.integer(2, 6) }, () => ({
    atMs: draw.within(0, 0.8) * endMs,
    wish: draw.one(ROSTER_WISHES),
  }));
  const retiresAtMs = mode === "safety" && draw.chance(0.5) ? atMs + draw.within(0, 3) * intervalMs : null;
  const rekeying = rekeyed === null ? [] : [{ atMs, wish: "rekey" as const }];
  return { newcomers, rekeyed, retiresAtMs, leavers, wishes: [...wishes, ...rekeying] };
}

/** @returns true when the street bears that any of these are gone, and the others not */
function isBearable(plan: Scenario, leavers: readonly number[]): boolean {
  const { members, mode, liars, crashes } = plan;
  const lying = liars.map(({ member }) => member);
  const lost = crashes.filter(({ disk }) => disk !== "cache-only").flatMap((crash) => crash.members);
  return subsetsOf(leavers).every((gone) => {
    const count = (of: readonly number[]) => new Set(of.filter((member) => !gone.includes(member))).size;
    const voters = members - gone.length;
    if (voters < 1 || count(lying) > faultyByHand(voters)) return false;
    return mode === "safety" || voters - count([...lying, ...lost]) >= quorumByHand(voters);
  });
}

function isLiar({ liars }: Scenario, member: number): boolean {
  return liars.some((liar) => liar.member === member);
}

function subsetsOf<T>([first, ...others]: readonly T[]): readonly (readonly T[])[] {
  if (first === undefined) return [[]];
  return subsetsOf(others).flatMap((subset) => [subset, [first, ...subset]]);
}

/** Some newcomers do not hear some of the street for a while. */
function cutsOf({ members }: Scenario, outsider: number, draw: Draw, endMs: number): readonly Cut[] {
  if (!draw.chance(CUT_SHARE)) return [];
  const all = Array.from({ length: members }, (_, index) => index);
  const from = new Set(draw.some(all, draw.integer(1, members)));
  const fromMs = draw.within(0.2, 0.9) * endMs;
  return [{ fromMs, toMs: fromMs + draw.within(0.1, 0.4) * endMs, from, to: new Set([outsider]) }];
}

function crashesOf(outsider: number, draw: Draw, endMs: number): readonly Crash[] {
  if (!draw.chance(CRASH_SHARE)) return [];
  const atMs = draw.within(0.2, 0.9) * endMs;
  return [{ atMs, downMs: draw.within(0.01, 0.2) * endMs, members: [outsider], disk: "cache-only" }];
}
