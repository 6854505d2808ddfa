/** Ways to lie, and which of them the liars of a seed have. */
import { maxFaulty } from "../../agent/core/consensus/quorum.ts";
import { CENSOR_LIES } from "./censorship.ts";
import type { Draw } from "./draw.ts";
import type { Mode, SeedSpec } from "./scenario.ts";
import { liesApart } from "./scenarioApart.ts";

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

/** A member that lies. */
export type Liar = { readonly member: number; readonly lies: readonly Lie[]; readonly hasTwin: boolean };

/** Lies of members in general; those of mode "censor" need its sound network to be seen. */
export const GENERAL_LIES = LIES.filter((lie) => !ONLY_CENSOR.has(lie) && !ONLY_APART.has(lie));

/** Without any, or with liars of a plan of its own. */
const WITHOUT_LIARS: ReadonlySet<Mode> = new Set(["straggler", "recovery", "suspension"]);

/** @param spec of the seed @param draw of its plan @returns its liars, up to f, each with a few lies */
export function liarsOf(spec: SeedSpec, draw: Draw): readonly Liar[] {
  const most = WITHOUT_LIARS.has(spec.mode) ? 0 : maxFaulty(spec.members);
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
