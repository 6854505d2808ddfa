/**
 * Power through the virtual day: a household's load, a solar roof, a small wind turbine. A curve is constant within
 * each virtual minute and depends on nothing but its seed, so the same seed gives the same registers.
 */
import { between, type Random, seededRandom } from "./seededRandom.ts";

/** Minutes of a virtual day. */
export const MINUTES_PER_DAY = 1440;

const MINUTES_PER_HOUR = 60;
const WEATHER_STEP_MINUTES = 10;
const SUNRISE_MINUTE = 6 * MINUTES_PER_HOUR;
const SUNSET_MINUTE = 20 * MINUTES_PER_HOUR;
const CUT_IN_METRES_PER_SECOND = 3;
const RATED_METRES_PER_SECOND = 11;
/** Purposes of sequences, so that no two share their numbers. */
const SEQUENCE = { household: 1, habits: 2, sky: 3, wind: 4 } as const;

/** Power as a function of virtual time. */
export type PowerCurve = {
  /**
   * @param minute whole virtual minutes since midnight of day 0, ≥ 0
   * @returns whole watts throughout that minute; positive is import
   */
  wattsInMinute(minute: number): number;
};

/** Something switched on for a while on some days. */
type Appliance = {
  readonly watts: readonly [least: number, most: number];
  readonly durationMinutes: readonly [least: number, most: number];
  readonly startMinute: readonly [least: number, most: number];
  readonly probability: number;
};

/** Typical ratings and habits of a European household. */
const APPLIANCES: readonly Appliance[] = [
  appliance([1800, 2200], [3, 6], [6.3, 8], 0.95),
  appliance([1800, 2200], [3, 6], [15, 17], 0.6),
  appliance([900, 1600], [15, 30], [11.5, 13], 0.45),
  appliance([1500, 2800], [25, 55], [17.5, 19.5], 0.9),
  appliance([1900, 2100], [18, 25], [9, 15], 0.45),
  appliance([1100, 1400], [60, 80], [19.5, 22], 0.5),
  appliance([80, 250], [120, 240], [18, 20], 0.95),
  appliance([3400, 3700], [60, 180], [17, 21], 0.25),
];

/** @param options.seed integer @returns load of a household, always import */
export function householdLoad(options: { readonly seed: number }): PowerCurve {
  return dailyCurve((day) => householdDay(options.seed, day));
}

/** @param options.seed integer @param options.peakW of the roof, ≥ 0 @returns generation, always export or zero */
export function solarGeneration(options: { readonly seed: number; readonly peakW: number }): PowerCurve {
  return dailyCurve((day) => solarDay(options.seed, day, options.peakW));
}

/** @param options.seed integer @param options.ratedW of the turbine, ≥ 0 @returns generation, export or zero */
export function windGeneration(options: { readonly seed: number; readonly ratedW: number }): PowerCurve {
  return dailyCurve((day) => windDay(options.seed, day, options.ratedW));
}

/** @param watts positive is import @returns a curve that never changes */
export function constantCurve(watts: number): PowerCurve {
  return { wattsInMinute: () => watts };
}

/** Keeps the last day, since a meter asks for minutes in rising order. */
function dailyCurve(wattsOfDay: (day: number) => Int32Array): PowerCurve {
  let kept: { readonly day: number; readonly watts: Int32Array } | null = null;
  return {
    wattsInMinute: (minute) => {
      const day = Math.floor(minute / MINUTES_PER_DAY);
      if (kept?.day !== day) kept = { day, watts: wattsOfDay(day) };
      return kept.watts[minute % MINUTES_PER_DAY] ?? 0;
    },
  };
}

function householdDay(seed: number, day: number): Int32Array {
  const home = seededRandom(seed, SEQUENCE.household);
  const baseW = between(home, 60, 170);
  const fridgeW = between(home, 70, 110);
  const fridgePhase = between(home, 0, MINUTES_PER_HOUR);
  const morningW = between(home, 120, 380);
  const eveningW = between(home, 250, 700);
  const heatPump = drawHeatPump(home);
  const watts = Int32Array.from({ length: MINUTES_PER_DAY }, (_, minute) => {
    const isFridgeOn = (minute + fridgePhase) % MINUTES_PER_HOUR < 22;
    const people = morningW * bell(minute, 7.2, 1.1) + eveningW * bell(minute, 19.6, 2.1);
    return Math.round(baseW + people + (isFridgeOn ? fridgeW : 0) + heatPumpW(heatPump, minute));
  });
  const habits = seededRandom(seed, day, SEQUENCE.habits);
  for (const { watts: range, durationMinutes, startMinute, probability } of APPLIANCES) {
    const isUsed = habits() < probability;
    const start = Math.floor(between(habits, ...startMinute));
    const end = start + Math.floor(between(habits, ...durationMinutes));
    const extraW = Math.round(between(habits, ...range));
    if (!isUsed) continue;
    for (let minute = start; minute < Math.min(end, MINUTES_PER_DAY); minute++)
      watts[minute] = (watts[minute] ?? 0) + extraW;
  }
  return watts;
}

/** A heat pump as it runs in spring: it starts, runs a while at one power, and rests. */
type HeatPump = {
  readonly watts: number;
  readonly cycleMinutes: number;
  readonly runMinutes: number;
  readonly phaseMinutes: number;
};

function drawHeatPump(home: Random): HeatPump {
  const cycleMinutes = Math.floor(between(home, 50, 110));
  return {
    watts: between(home, 900, 2400),
    cycleMinutes,
    runMinutes: Math.floor(cycleMinutes * between(home, 0.3, 0.55)),
    phaseMinutes: Math.floor(between(home, 0, cycleMinutes)),
  };
}

function heatPumpW({ watts, cycleMinutes, runMinutes, phaseMinutes }: HeatPump, minute: number): number {
  return (minute + phaseMinutes) % cycleMinutes < runMinutes ? watts : 0;
}

function solarDay(seed: number, day: number, peakW: number): Int32Array {
  const sky = weather(seededRandom(seed, day, SEQUENCE.sky), 0.75, 0.22);
  return Int32Array.from({ length: MINUTES_PER_DAY }, (_, minute) => {
    if (minute <= SUNRISE_MINUTE || minute >= SUNSET_MINUTE) return 0;
    const height = Math.sin((Math.PI * (minute - SUNRISE_MINUTE)) / (SUNSET_MINUTE - SUNRISE_MINUTE));
    const clearness = Math.min(1, Math.max(0.12, at(sky, minute)));
    return 0 - Math.round(peakW * height ** 1.3 * clearness);
  });
}

function windDay(seed: number, day: number, ratedW: number): Int32Array {
  const random = seededRandom(seed, day, SEQUENCE.wind);
  const speeds = weather(random, between(random, 5, 8), 2);
  return Int32Array.from({ length: MINUTES_PER_DAY }, (_, minute) => {
    const span = RATED_METRES_PER_SECOND - CUT_IN_METRES_PER_SECOND;
    const share = Math.min(1, Math.max(0, (at(speeds, minute) - CUT_IN_METRES_PER_SECOND) / span));
    return 0 - Math.round(ratedW * share ** 3);
  });
}

/** A level that wanders around its mean: each step keeps most of the last one. */
function weather(random: Random, mean: number, spread: number): readonly number[] {
  let level = mean + spread * between(random, -1, 1);
  return Array.from({ length: MINUTES_PER_DAY / WEATHER_STEP_MINUTES }, () => {
    level = 0.85 * level + 0.15 * mean + spread * between(random, -0.6, 0.6);
    return level;
  });
}

function at(levels: readonly number[], minute: number): number {
  return levels[Math.floor(minute / WEATHER_STEP_MINUTES)] ?? 0;
}

function bell(minute: number, centreHour: number, widthHours: number): number {
  return Math.exp(-(((minute / MINUTES_PER_HOUR - centreHour) / widthHours) ** 2));
}

function appliance(
  watts: readonly [number, number],
  durationMinutes: readonly [number, number],
  startHours: readonly [number, number],
  probability: number,
): Appliance {
  const [first, last] = startHours;
  const startMinute = [first * MINUTES_PER_HOUR, last * MINUTES_PER_HOUR] as const;
  return { watts, durationMinutes, startMinute, probability };
}
