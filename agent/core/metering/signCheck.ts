/**
 * Whether a meter counts the way its role needs: the sign of its power is compared with the counter that advances.
 *
 * @source docs/drivers.md, "Which way a meter counts"
 */
import type { MeterRole } from "../membership/enrolment.ts";

/** Which way energy flows; from the grid or the source into the household's load is import. */
export type FlowDirection = "import" | "export";

/** One look at a meter, with `invert` as it is configured. */
export type SignSample = {
  /** + is import; null when the meter does not say. */
  readonly activePowerW: number | null;
  /** Cumulative, in Wh; null when the meter has no such register. */
  readonly importWh: number | null;
  readonly exportWh: number | null;
};

/** What the comparison came to. */
export type SignFinding =
  /** Power and counter agree, and are what the role needs. */
  | { readonly kind: "agrees"; readonly direction: FlowDirection }
  /** They agree with each other; the role allows both, so somebody has to say what is so at the moment. */
  | { readonly kind: "ask"; readonly direction: FlowDirection }
  /** They agree with each other, and are the opposite of what the role needs. */
  | { readonly kind: "reversed"; readonly direction: FlowDirection }
  /** Power flows one way and the counter of the other advances: no mounting explains that. */
  | { readonly kind: "contradicts"; readonly power: FlowDirection; readonly counter: FlowDirection }
  /** Both counters advance while the power keeps its direction. */
  | { readonly kind: "both-ways" }
  /** Power flows, and no counter advanced yet. */
  | { readonly kind: "no-advance" }
  /** Too little flows to tell. */
  | { readonly kind: "no-current" };

/** Below it a line shows noise, and an inverter at night its own consumption. W */
export const LEAST_POWER_W = 50;

/**
 * @param samples oldest first, of one meter
 * @param role of the meter; null when it is not known
 * @returns what they show
 */
export function checkSign(samples: readonly SignSample[], role: MeterRole | null): SignFinding {
  const steady = steadyEnd(samples);
  const [sample] = steady;
  if (sample === undefined) return { kind: "no-current" };
  const [counter, other] = advanced(steady);
  if (counter === undefined) return { kind: sample.activePowerW === null ? "no-current" : "no-advance" };
  if (other !== undefined) return { kind: "both-ways" };
  const power = flowOf(sample) ?? counter;
  if (power !== counter) return { kind: "contradicts", power, counter };
  const wanted = wantedDirection(role);
  if (wanted === null) return { kind: "ask", direction: counter };
  return { kind: wanted === counter ? "agrees" : "reversed", direction: counter };
}

/** @param finding so far @returns true when looking longer would not change it */
export function isSignSettled({ kind }: SignFinding): boolean {
  return kind !== "both-ways" && kind !== "no-advance" && kind !== "no-current";
}

/** The newest samples of one flow: what advanced before it turned, or was too small, says nothing about it. */
function steadyEnd(samples: readonly SignSample[]): readonly SignSample[] {
  const last = samples.at(-1);
  if (last === undefined || isIdle(last)) return [];
  const turn = samples.findLastIndex((sample) => isIdle(sample) || flowOf(sample) !== flowOf(last));
  // A counter may tell a moment late what passed before the turn.
  return samples.slice(turn < 0 ? 0 : Math.min(turn + 2, samples.length - 1));
}

function isIdle({ activePowerW }: SignSample): boolean {
  return activePowerW !== null && Math.abs(activePowerW) < LEAST_POWER_W;
}

function flowOf({ activePowerW }: SignSample): FlowDirection | null {
  if (activePowerW === null) return null;
  return activePowerW > 0 ? "import" : "export";
}

function advanced(samples: readonly SignSample[]): readonly FlowDirection[] {
  const first = samples.at(0);
  const last = samples.at(-1);
  const has = (before: number | null = null, after: number | null = null) =>
    before !== null && after !== null && after > before;
  return [
    ...(has(first?.importWh, last?.importWh) ? (["import"] as const) : []),
    ...(has(first?.exportWh, last?.exportWh) ? (["export"] as const) : []),
  ];
}

function wantedDirection(role: MeterRole | null): FlowDirection | null {
  switch (role) {
    case "consumption":
      return "import";
    case "generation":
      return "export";
    case "grid":
    case null:
      return null;
    default:
      return role satisfies never;
  }
}
