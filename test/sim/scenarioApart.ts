/**
 * What a seed decides by streams of their own, each rare and only for what it takes to show one kind of fault: whoever
 * adds to it leaves the plans of all other seeds as they were.
 */
import { drawFor } from "./draw.ts";
import type { ClockStep, Crash, Lie, Scenario, SeedSpec } from "./scenario.ts";

/** Lies that a liar may tell beside those of its mode. */
export const LIES_APART = [
  "forged-reading",
  "overlapping-span",
  "skip-interval",
] as const satisfies readonly Lie[];

const LIE_SHARE = 0.3;
const FAST_CLOCK_SHARE = 0.1;
const IDLE_SHARE = 0.15;

/** Meters that are read nearly at once, in households that nearly always consume. */
const USUAL_MANNERS = { consumesShare: 0.9, skewShare: 0.01 };
/** Nobody at home, and a bus so slow that a carry is left over often; then a meter is silent. */
const IDLE_MANNERS = { consumesShare: 0.2, skewShare: 0.1 };
const IDLE_SILENT_SHARE = 0.15;

/** @param spec of the seed @param member that lies @returns the lies it tells beside others */
export function liesApart({ seed, mode, members }: SeedSpec, member: number): readonly Lie[] {
  const draw = drawFor(seed, `lies apart ${mode}/${members}/${member}`);
  const isUsual = mode !== "straggler" && mode !== "censor";
  return isUsual && draw.chance(LIE_SHARE) ? [draw.one(LIES_APART)] : [];
}

/**
 * A clock that is ahead for an interval or two, while the gateway states what it takes for gone by; then it is right
 * again, and the power fails.
 *
 * @param spec of the seed
 * @param intervalMs of its street
 * @param crashes drawn so far: a gateway that loses its disk does not know any more what it stated
 * @returns the steps and the power cut, mostly none
 */
export function fastClockOf(
  { seed, mode, members }: SeedSpec,
  intervalMs: number,
  crashes: readonly Crash[],
): { readonly clockSteps: readonly ClockStep[]; readonly crashes: readonly Crash[] } {
  const draw = drawFor(seed, `fast clock ${mode}/${members}`);
  const member = draw.integer(0, members - 1);
  const losesDisk = crashes.some((crash) => crash.disk !== "cache-only" && crash.members.includes(member));
  if (losesDisk || !draw.chance(FAST_CLOCK_SHARE)) return { clockSteps: [], crashes: [] };
  const atMs = draw.within(0.2, 1.5) * intervalMs;
  const backMs = atMs + draw.within(1.2, 2.2) * intervalMs;
  const cutMs = backMs + draw.within(0.05, 0.5) * intervalMs;
  return {
    clockSteps: [
      { atMs, member, offsetMs: draw.integer(2, 4) * intervalMs },
      { atMs: backMs, member, offsetMs: 0 },
    ],
    crashes: [
      {
        atMs: cutMs,
        downMs: draw.within(0.05, 0.3) * intervalMs,
        members: [member],
        disk: "cache-only",
      },
    ],
  };
}

/** @param spec of the seed @param silentShare drawn for it @returns how its households consume and how their meters answer */
export function mannersOf(
  { seed, mode, members }: SeedSpec,
  silentShare: number,
): Pick<Scenario, "silentMeterShare" | "consumesShare" | "skewShare"> {
  const draw = drawFor(seed, `manners ${mode}/${members}`);
  const isRough = mode === "safety" || mode === "liveness";
  return isRough && draw.chance(IDLE_SHARE)
    ? { ...IDLE_MANNERS, silentMeterShare: IDLE_SILENT_SHARE }
    : { ...USUAL_MANNERS, silentMeterShare: silentShare };
}
