/**
 * The plan of the demo's street: which households stand in it, what they generate and what they use.
 * Everything is drawn from the seed, household by household: the same seed gives the same meters,
 * and a longer street begins with the shorter one.
 */
import { hashOf } from "../core/hash.ts";
import type { Fuel } from "../core/membership/enrolment.ts";

/** Fewest and most gateways of a demo. */
export const DEMO_GATEWAYS = { min: 1, max: 40 } as const;
/** Metered seconds that one interval of the demo stands for. @source docs/market.md, "Quantities": 900 s by default */
export const METERED_SECONDS_PER_INTERVAL = 900;
/** Hour of the simulated day at which the first interval begins. */
export const FIRST_HOUR = 9;
/** Rating of each household's connection in W: three phases of 25 A at 230 V. */
export const CONNECTION_RATING_W = 17_250;
/** What the demo's microgrid is called. */
export const DEMO_MICROGRID_ID = "demo-street";

/** Every how many-th household has no generation. */
const CONSUMER_ONLY_EVERY = 4;
/** Households of one part of the street. */
const HOUSEHOLDS_PER_AREA = 4;
/** Shortest interval in s in which 9600 baud, gossip and two rounds of votes have room. */
const SHORTEST_INTERVAL_SECONDS = 2;
/** What the households generate from, in turn; not only sun, so that there are trades at night. */
const PLANTS_IN_TURN: readonly PlantFuel[] = ["solar", "wind", "hydro"];
/** Rated power of a plant in W; an SDM120 measures up to 45 A at 230 V. @source Eastron SDM120 manual, "Specifications" */
const PLANT_W: Readonly<Record<PlantFuel, PowerRange>> = {
  solar: { min: 2_500, max: 6_000 },
  wind: { min: 1_000, max: 3_000 },
  hydro: { min: 400, max: 1_000 },
};
/** Serial numbers are eight digits: a street number from the seed, then two digits for the meter. */
const SERIAL = { first: 10_000_000, streets: 899_999, metersPerStreet: 100 } as const;

type PlantFuel = "solar" | "wind" | "hydro";
type PowerRange = { readonly min: number; readonly max: number };

/** How a simulated meter's power runs over the day; powers in W, never negative. */
export type CurvePlan =
  | { readonly kind: "household"; readonly seed: number }
  | { readonly kind: "solar"; readonly seed: number; readonly ratedW: number }
  | { readonly kind: "wind"; readonly seed: number; readonly ratedW: number }
  | { readonly kind: "steady"; readonly ratedW: number };

/** One simulated meter on a household's line. */
export type MeterPlan = {
  readonly role: "generation" | "consumption";
  readonly definition: "eastron-sdm120" | "eastron-sdm630";
  readonly unitId: number;
  readonly serial: string;
  /** Null unless the role is generation. */
  readonly fuel: Fuel | null;
  readonly curve: CurvePlan;
  /** Draws what the registers show before the first interval. */
  readonly registerSeed: number;
  /** What obeys curtailment orders: a limiter at the meter's own unit, of what the meter measures. */
  readonly limiter: { readonly ratedW: number; readonly isObeyed: boolean } | null;
};

/** One household: a gateway with two meters on one line. */
export type HouseholdPlan = {
  /** `dep1`, or `home4` for one without generation. */
  readonly name: string;
  readonly isConsumerOnly: boolean;
  /** Part of the street: the first households hang on one feeder, the next ones on another. */
  readonly area: string;
  readonly meters: readonly MeterPlan[];
};

/** What besides the seed a street follows from. */
export type StreetPlanOptions = {
  /** Share of their usual power that the plants have, in percent. */
  readonly generationPercent: number;
  /** Household whose loads take no notice of a limit; null for none. */
  readonly defiant: string | null;
};

/** Plants as they usually are, and everybody obeys. */
export const USUAL_STREET: StreetPlanOptions = { generationPercent: 100, defiant: null };

/** @returns the lengths of an interval that the demo allows, in s: whole numbers that divide a quarter of an hour */
export function allowedIntervalSeconds(): readonly number[] {
  const candidates = Array.from({ length: METERED_SECONDS_PER_INTERVAL }, (_, index) => index + 1);
  return candidates.filter(
    (seconds) => seconds >= SHORTEST_INTERVAL_SECONDS && METERED_SECONDS_PER_INTERVAL % seconds === 0,
  );
}

/** @param intervalSeconds one of the allowed lengths @returns metered seconds per second, a whole number */
export function timeLapseOf(intervalSeconds: number): number {
  return METERED_SECONDS_PER_INTERVAL / intervalSeconds;
}

/**
 * @param gateways number of households, 1 to 40
 * @param seed any text
 * @param options what else it follows from
 * @returns the households in the order of the street
 */
export function planStreet(
  gateways: number,
  seed: string,
  options: StreetPlanOptions = USUAL_STREET,
): readonly HouseholdPlan[] {
  return Array.from({ length: gateways }, (_, index) => planHousehold(index, seed, options));
}

/** @param index of a household in the street, from 0 @returns its name */
export function householdName(index: number): string {
  return `${isConsumerOnlyAt(index) ? "home" : "dep"}${index + 1}`;
}

/** @param seed any text @param purpose what is drawn @returns 32 bytes that depend on both, as hexadecimal */
export function drawHash(seed: string, purpose: string): string {
  return hashOf(new TextEncoder().encode(`edso-demo/1\n${purpose}\n${seed}`));
}

function isConsumerOnlyAt(index: number): boolean {
  return (index + 1) % CONSUMER_ONLY_EVERY === 0;
}

function planHousehold(
  index: number,
  seed: string,
  { generationPercent, defiant }: StreetPlanOptions,
): HouseholdPlan {
  const isConsumerOnly = isConsumerOnlyAt(index);
  const name = householdName(index);
  return {
    name,
    isConsumerOnly,
    area: `feeder-${Math.floor(index / HOUSEHOLDS_PER_AREA) + 1}`,
    meters: [
      generationMeter(index, isConsumerOnly, seed, generationPercent),
      consumptionMeter(index, seed, name !== defiant),
    ],
  };
}

/** A household without generation has the meter too: it stands still, and its zero is measured. */
function generationMeter(index: number, isConsumerOnly: boolean, seed: string, percent: number): MeterPlan {
  const plantsBefore = index - Math.floor(index / CONSUMER_ONLY_EVERY);
  const fuel = PLANTS_IN_TURN[plantsBefore % PLANTS_IN_TURN.length] ?? "solar";
  return {
    role: "generation",
    definition: "eastron-sdm120",
    unitId: 1,
    serial: serialOf(index, 0, seed),
    fuel,
    curve: isConsumerOnly
      ? { kind: "steady", ratedW: 0 }
      : plantCurve(fuel, `${index}/generation`, seed, percent),
    registerSeed: drawSeed(seed, `${index}/generation/registers`),
    limiter: null,
  };
}

function plantCurve(fuel: PlantFuel, purpose: string, seed: string, percent: number): CurvePlan {
  const ratedW = Math.round((drawPower(seed, `${purpose}/rating`, PLANT_W[fuel]) * percent) / 100);
  if (fuel === "hydro") return { kind: "steady", ratedW };
  return { kind: fuel, seed: drawSeed(seed, `${purpose}/weather`), ratedW };
}

function consumptionMeter(index: number, seed: string, isObeyed: boolean): MeterPlan {
  return {
    role: "consumption",
    definition: "eastron-sdm630",
    unitId: 2,
    serial: serialOf(index, 1, seed),
    fuel: null,
    curve: { kind: "household", seed: drawSeed(seed, `${index}/consumption/habits`) },
    registerSeed: drawSeed(seed, `${index}/consumption/registers`),
    limiter: { ratedW: CONNECTION_RATING_W, isObeyed },
  };
}

function serialOf(index: number, meter: number, seed: string): string {
  const street = drawInteger(seed, "serial", SERIAL.streets);
  return String(SERIAL.first + street * SERIAL.metersPerStreet + 2 * index + meter);
}

function drawSeed(seed: string, purpose: string): number {
  return drawInteger(seed, purpose, 2 ** 31);
}

/** Whole hundreds of watts, as on a nameplate. */
function drawPower(seed: string, purpose: string, range: PowerRange): number {
  const steps = (range.max - range.min) / 100 + 1;
  return range.min + 100 * drawInteger(seed, purpose, steps);
}

/** 48 bits of the hash are whole in a double, and far more than any limit here. */
function drawInteger(seed: string, purpose: string, limit: number): number {
  return Number.parseInt(drawHash(seed, purpose).slice(0, 12), 16) % limit;
}
