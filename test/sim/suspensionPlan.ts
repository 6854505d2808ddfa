/**
 * What a seed of mode "suspension" decides: voters that are away for a hundred blocks and come back, and who asks how
 * early that they lose their vote. So many are left that the street goes on.
 */
import { type Draw, drawFor } from "./draw.ts";
import { quorumByHand } from "./quorumByHand.ts";
import type { Crash, Cut, Scenario } from "./scenario.ts";

/** How a voter is away: without power, without links, or without its votes: then it is there, and cannot vote. */
const WAYS = ["power", "links", "votes"] as const;

/** What a seed decides of its suspensions. */
export type SuspensionPlan = {
  readonly away: readonly { readonly member: number; readonly way: (typeof WAYS)[number] }[];
  /** Whoever asks for a suspension, and after how many missed certificates: some too early, some where too few stay. */
  readonly hasty: { readonly member: number; readonly asksAt: readonly number[] };
};

/** In intervals, and blocks: from when on voters are away, for how long, and for how long that varies. */
const LEAVES_BY = 3;
const AWAY = 104;
const AWAY_MORE = 6;
const OUTAGE_SHARE = 0.6;
/** Certificates that a voter may be suspended for, or nearly. */
const ASKED_AT = [93, 94, 95, 96, 97];
const MOST_AWAY = 2;

/** @param plan of mode "suspension", of a sound network @returns the same with voters that are away */
export function withSuspension(plan: Scenario): Scenario {
  const { seed, members, intervalMs } = plan;
  const draw = drawFor(seed, `suspension ${members}`);
  const all = Array.from({ length: members }, (_, index) => index);
  const everybody = new Set(all);
  const spared = Math.min(MOST_AWAY, members - quorumByHand(members));
  const [hasty, ...others] = draw.some(all, 1 + draw.integer(Math.min(1, spared), spared));
  const away = others.map((member) => ({ member, way: draw.one(WAYS) }));
  const times = others.map(() => {
    const fromMs = draw.within(1, LEAVES_BY) * intervalMs;
    return { fromMs, toMs: fromMs + (AWAY + draw.within(0, AWAY_MORE)) * intervalMs };
  });
  const crashes = away.flatMap(({ member, way }, index): readonly Crash[] => {
    const { fromMs, toMs } = times[index]!;
    if (way === "links") return [];
    const isOff = way === "power";
    const downMs = isOff ? toMs - fromMs : intervalMs / 2;
    return [{ atMs: fromMs, downMs, members: [member], disk: isOff ? "cache-only" : "rot" }];
  });
  const cuts = away.flatMap(({ member, way }, index): readonly Cut[] => {
    if (way !== "links") return [];
    const one = new Set([member]);
    return [
      { ...times[index]!, from: one, to: everybody },
      { ...times[index]!, from: everybody, to: one },
    ];
  });
  return {
    ...plan,
    faultsEndMs: Math.max(...times.map(({ toMs }) => toMs)),
    crashes,
    cuts: draw.chance(OUTAGE_SHARE) ? [...cuts, outage(draw, everybody, intervalMs)] : cuts,
    suspension: { away, hasty: { member: hasty!, asksAt: draw.some(ASKED_AT, 3) } },
  };
}

/** Nobody hears anybody: the block after it holds several intervals, and embeds one certificate. */
function outage(draw: Draw, everybody: ReadonlySet<number>, intervalMs: number): Cut {
  const fromMs = draw.within(10, 60) * intervalMs;
  return { fromMs, toMs: fromMs + draw.within(2.1, 4.5) * intervalMs, from: everybody, to: everybody };
}
