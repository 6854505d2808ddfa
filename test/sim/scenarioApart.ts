/**
 * What a seed decides by streams of their own, each rare and only for what it takes to show one kind of fault: whoever
 * adds to it leaves the plans of all other seeds as they were.
 */
import { drawFor } from "./draw.ts";
import type { Lie } from "./lies.ts";
import type { Scenario, SeedSpec } from "./scenario.ts";

/** Lies that a liar may tell beside those of its mode. */
const LIES_APART = ["forged-reading", "overlapping-span", "skip-interval"] as const satisfies readonly Lie[];

const LIE_SHARE = 0.3;
const FAST_CLOCK_SHARE = 0.1;
const IDLE_SHARE = 0.1;
const OUTAGE_SHARE = 0.15;
const RETURN_SHARE = 0.5;

/** Nobody at home, and a bus so slow that a carry is left over often; then a meter is silent, and answers again. */
const IDLE_MANNERS = { consumesShare: 0.2, skewShare: 0.1, silentMeterShare: 0.08 };
/** Beyond the usual ones: time for gaps between settled readings, and for their spans. */
const IDLE_INTERVALS = 8;

/** @param spec of the seed @param member that lies @returns the lies it tells beside others */
export function liesApart({ seed, mode, members }: SeedSpec, member: number): readonly Lie[] {
  const draw = drawFor(seed, `lies apart ${mode}/${members}/${member}`);
  const isUsual = mode !== "straggler" && mode !== "censor";
  return isUsual && draw.chance(LIE_SHARE) ? [draw.one(LIES_APART)] : [];
}

/** @param spec of the seed @returns whether gateways that lost their votes ask for them */
export function hasReturns({ seed, mode, members }: SeedSpec): boolean {
  return drawFor(seed, `returns ${mode}/${members}`).chance(RETURN_SHARE);
}

/** @param plan of mode "safety" or "liveness" @returns the same, or with what few seeds have */
export function withRareFaults(plan: Scenario): Scenario {
  return withOutage(withIdleHouseholds(withFastClock(plan)));
}

/**
 * A clock that is ahead for an interval or two, while the gateway states what it takes for gone by; then it is right
 * again, and the power fails. A gateway that loses its disk does not know any more what it stated, and is none of these.
 */
function withFastClock(plan: Scenario): Scenario {
  const { seed, mode, members, intervalMs, clockSteps, crashes } = plan;
  const draw = drawFor(seed, `fast clock ${mode}/${members}`);
  const member = draw.integer(0, members - 1);
  const losesDisk = crashes.some((crash) => crash.disk !== "cache-only" && crash.members.includes(member));
  if (losesDisk || !draw.chance(FAST_CLOCK_SHARE)) return plan;
  const atMs = draw.within(0.2, 1.5) * intervalMs;
  const offsetMs = draw.integer(2, 4) * intervalMs;
  const backMs = atMs + draw.within(1.2, 2.2) * intervalMs;
  const cutMs = backMs + draw.within(0.05, 0.5) * intervalMs;
  const downMs = draw.within(0.05, 0.3) * intervalMs;
  return {
    ...plan,
    clockSteps: [...clockSteps, { atMs, member, offsetMs }, { atMs: backMs, member, offsetMs: 0 }],
    crashes: [...crashes, { atMs: cutMs, downMs, members: [member], disk: "cache-only" }],
  };
}

function withIdleHouseholds(plan: Scenario): Scenario {
  const { seed, mode, members, intervalMs, faultsEndMs } = plan;
  const draw = drawFor(seed, `manners ${mode}/${members}`);
  if (mode !== "safety" || !draw.chance(IDLE_SHARE)) return plan;
  return { ...plan, ...IDLE_MANNERS, faultsEndMs: faultsEndMs + IDLE_INTERVALS * intervalMs };
}

/** Nobody hears anybody for two intervals and more; then a block may hold several, and a liar passes over the oldest. */
function withOutage(plan: Scenario): Scenario {
  const { seed, mode, members, intervalMs, liars, cuts } = plan;
  const draw = drawFor(seed, `outage ${mode}/${members}`);
  if (mode !== "safety" || liars.length === 0 || !draw.chance(OUTAGE_SHARE)) return plan;
  const all = new Set(Array.from({ length: members }, (_, index) => index));
  const fromMs = draw.within(0.1, 1) * intervalMs;
  const toMs = fromMs + draw.within(2.1, 2.6) * intervalMs;
  return {
    ...plan,
    cuts: [...cuts, { fromMs, toMs, from: all, to: all }],
    liars: liars.map((liar) => ({ ...liar, lies: [...new Set([...liar.lies, "skip-interval" as const])] })),
  };
}
