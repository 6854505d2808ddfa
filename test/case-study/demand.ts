/**
 * What each DEP generates and needs in each hour: drawn from the seed, but for the one hour whose figures stand in the
 * paper's text. Mean power in kW over an hour is the same number as energy in kWh.
 *
 * @source Dzobo, Malila, Sithole 2021, case study; docs/case-study.md, "What was drawn, and how"
 */
import { hashBytes, hashOf } from "../../agent/core/hash.ts";

/** The three DEPs of the paper. */
export const DEPS = ["dep1", "dep2", "dep3"] as const;
export type Dep = (typeof DEPS)[number];

/** Wh in one kWh. */
export const WH_PER_KWH = 1_000n;

/** Generation and need of one DEP in one hour, in whole kWh. */
export type Demand = { readonly generationKwh: number; readonly needKwh: number };
/** Of all three. */
export type HourDemand = Readonly<Record<Dep, Demand>>;

/** The golden case: hour, DEP and its figures. @source the paper's text, t = 7 */
export const GOLDEN = { at: 7, dep: "dep2", generationKwh: 20, needKwh: 60 } as const;
/** The paper's range of the generation in kW; the need is drawn from the same, which is a choice of ours. */
export const RANGE_KW = { min: 10, max: 100 } as const;

/** Bytes of a digest that a draw is made from: 2^48 values over 91 leave no bias that shows. */
const DRAW_BYTES = 6;
/** Draws of one hour before giving up; one in two is taken. */
const MAX_ATTEMPTS = 200;

/** @param name of a gateway @returns true for one of the three */
export function isDep(name: string): name is Dep {
  return DEPS.some((dep) => dep === name);
}

/**
 * @param seed of the run
 * @param t the hour, from 1
 * @returns what the DEPs generate and need in it
 */
export function demandOf(seed: string, t: number): HourDemand {
  if (t === GOLDEN.at) return goldenHour(seed);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const drawn = drawnHour(seed, t, attempt);
    if (!bindsGolden(t) || isEnough(drawn)) return drawn;
  }
  throw new Error(`no draw of hour ${t} leaves enough energy`);
}

/** An order of these hours would bind, or be renewed until it binds, the golden hour: it knows of none. */
function bindsGolden(t: number): boolean {
  return t < GOLDEN.at && (GOLDEN.at - t) % 2 === 0;
}

function isEnough(hour: HourDemand): boolean {
  const surplus = DEPS.map((dep) => hour[dep].generationKwh - hour[dep].needKwh);
  return surplus.reduce((total, one) => total + one, 0) >= 0;
}

/** Nobody has excess and only the one DEP has a deficit: the others need exactly what they generate. */
function goldenHour(seed: string): HourDemand {
  const { generationKwh, needKwh } = GOLDEN;
  const drawn = drawnHour(seed, GOLDEN.at, 1);
  return hourOf((dep) =>
    dep === GOLDEN.dep
      ? { generationKwh, needKwh }
      : { generationKwh: drawn[dep].generationKwh, needKwh: drawn[dep].generationKwh },
  );
}

function drawnHour(seed: string, t: number, attempt: number): HourDemand {
  const draw = (dep: Dep, what: string) => drawnKw(`${seed}/${t}/${attempt}/${dep}/${what}`);
  return hourOf((dep) => ({ generationKwh: draw(dep, "generation"), needKwh: draw(dep, "need") }));
}

function hourOf(demand: (dep: Dep) => Demand): HourDemand {
  return { dep1: demand("dep1"), dep2: demand("dep2"), dep3: demand("dep3") };
}

function drawnKw(purpose: string): number {
  const digest = hashBytes(hashOf(new TextEncoder().encode(`case study draw ${purpose}`)));
  const value = digest.slice(0, DRAW_BYTES).reduce((total, byte) => total * 256 + byte, 0);
  return RANGE_KW.min + (value % (RANGE_KW.max - RANGE_KW.min + 1));
}
