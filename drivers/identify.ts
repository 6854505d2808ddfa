/**
 * Names a meter that is not yet known, with few reads: by the code of its model, by the common block of a SunSpec
 * chain, or, where it says nothing of itself, by plausible values where a definition expects them.
 */
import { decodeIdentity, decodeRegister } from "./decode.ts";
import type { MeterDefinition, ModelPlace } from "./definition.ts";
import { planReads, type RegisterRead, wordsOf } from "./plan.ts";
import type { Quantity } from "./quantity.ts";
import type { IdentityPlace } from "./register.ts";
import type { ReadRegisters } from "./registerAccess.ts";
import { walkSunspec } from "./sunspec.ts";
import type { SunspecDefinition } from "./sunspecDefinition.ts";
import { devicesOf } from "./sunspecMeter.ts";

/** Reads spent on one unit; about eight seconds at 9600 baud. */
export const MAX_IDENTIFY_READS = 80;

/** Every kind of meter that may be looked for. */
export type KnownMeter = MeterDefinition | SunspecDefinition;

/** A device that said what it is. */
export type NamedMeter = {
  readonly definitionId: string;
  /** As the device or its code names it. */
  readonly model: string;
  readonly meterSerial: string | null;
};

/** What became of an attempt to name a meter. */
export type Identification =
  | {
      readonly kind: "named";
      readonly by: "model-register" | "sunspec";
      /** At least one; a SunSpec chain may hold an inverter and its meters. */
      readonly meters: readonly NamedMeter[];
      readonly reads: number;
    }
  | {
      readonly kind: "likely";
      /** Definitions under which its values are plausible, best first; families share addresses, so there may be several. */
      readonly definitionIds: readonly string[];
      readonly meterSerial: string | null;
      readonly reads: number;
    }
  | { readonly kind: "unknown"; readonly reads: number };

/** What a mains connection in Europe shows, with room for faults. */
type Plausible = readonly [quantity: Quantity, least: number, most: number];
const PLAUSIBLE: readonly Plausible[] = [
  ["frequency", 45, 65],
  ["voltageL1", 80, 300],
];
/** What a connection of three phases shows besides; a meter of three may be fitted to one. */
const OTHER_PHASES: readonly Plausible[] = [
  ["voltageL2", 80, 300],
  ["voltageL3", 80, 300],
];

/** Told to stop by the bound on reads. */
class Exhausted extends Error {}

/**
 * Names the meter behind one unit.
 *
 * @param known every kind it may be, such as `KNOWN_METERS` of the registry
 * @param read of that unit; null is a refusal or, where the caller bounds it, silence
 * @param maxReads bound on calls of `read`
 * @returns what it is, what it may be, or nothing
 * @throws whatever `read` throws
 */
export async function identifyMeter(
  known: readonly KnownMeter[],
  read: ReadRegisters,
  maxReads = MAX_IDENTIFY_READS,
): Promise<Identification> {
  let reads = 0;
  const cache = new Map<string, readonly number[] | null>();
  const counted: ReadRegisters = async (asked) => {
    const key = `${asked.table} ${asked.address} ${asked.count}`;
    const before = cache.get(key);
    if (before !== undefined) return before;
    if (reads >= maxReads) throw new Exhausted();
    reads++;
    const words = await read(asked);
    cache.set(key, words);
    return words;
  };
  const registerMaps = known.filter((meter) => meter.kind === "registers");
  try {
    const named = await byModelRegister(registerMaps, counted);
    if (named !== null) return { kind: "named", by: "model-register", meters: [named], reads };
    const meters = devicesOf(
      await walkSunspec(counted),
      known.filter((meter) => meter.kind === "sunspec"),
    );
    if (meters.length > 0) return { kind: "named", by: "sunspec", meters, reads };
    const likely = await byValues(registerMaps, counted);
    if (likely.length === 0) return { kind: "unknown", reads };
    const meterSerial = await commonSerial(likely, counted);
    return { kind: "likely", definitionIds: likely.map(({ id }) => id), meterSerial, reads };
  } catch (error) {
    if (error instanceof Exhausted) return { kind: "unknown", reads };
    throw error;
  }
}

async function byModelRegister(
  known: readonly MeterDefinition[],
  read: ReadRegisters,
): Promise<NamedMeter | null> {
  for (const definition of known) {
    const { model } = definition.identification;
    const code = model === undefined ? null : await readIdentity(definition, model, read);
    const match = model?.matches.find(({ value }) => String(value) === code);
    if (match === undefined) continue;
    // A code is only a number: nothing else may speak against the model.
    if ((await evidence(definition, read)) === "against") continue;
    const { meterSerial } = definition.identification;
    const serial = meterSerial === undefined ? null : await readIdentity(definition, meterSerial, read);
    return { definitionId: definition.id, model: `${definition.maker} ${match.name}`, meterSerial: serial };
  }
  return null;
}

async function byValues(
  known: readonly MeterDefinition[],
  read: ReadRegisters,
): Promise<readonly MeterDefinition[]> {
  const likely: { definition: MeterDefinition; phases: number }[] = [];
  for (const definition of known) {
    if ((await evidence(definition, read)) !== "for") continue;
    let phases = 0;
    for (const plausible of OTHER_PHASES) phases += await weigh(definition, plausible, read);
    likely.push({ definition, phases });
  }
  return likely.sort((left, right) => right.phases - left.phases).map(({ definition }) => definition);
}

/** Every value of {@link PLAUSIBLE} that the definition has must be within its bounds; without any nothing is proven. */
async function evidence(
  definition: MeterDefinition,
  read: ReadRegisters,
): Promise<"for" | "against" | "none"> {
  let found: "for" | "none" = "none";
  for (const plausible of PLAUSIBLE) {
    const weight = await weigh(definition, plausible, read);
    if (weight < 0) return "against";
    if (weight > 0) found = "for";
  }
  return found;
}

/** 1 for a value within its bounds, -1 for none or another, 0 where the definition has no such register. */
async function weigh(
  definition: MeterDefinition,
  [quantity, least, most]: Plausible,
  read: ReadRegisters,
): Promise<number> {
  const register = definition.registers.find((candidate) => candidate.quantity === quantity);
  if (register === undefined) return 0;
  const words = await readPlace(definition, register, read);
  const decoded = words === null ? null : decodeRegister(register, words, definition.wordOrder);
  return decoded?.kind === "number" && decoded.value >= least && decoded.value <= most ? 1 : -1;
}

async function commonSerial(likely: readonly MeterDefinition[], read: ReadRegisters): Promise<string | null> {
  for (const definition of likely) {
    const { meterSerial } = definition.identification;
    const serial = meterSerial === undefined ? null : await readIdentity(definition, meterSerial, read);
    if (serial !== null) return serial;
  }
  return null;
}

async function readIdentity(
  definition: MeterDefinition,
  place: IdentityPlace | ModelPlace,
  read: ReadRegisters,
): Promise<string | null> {
  // A meter that is read in pairs may still give its one-register code by itself only.
  const exactly = { ...definition, readsInPairs: false };
  const words = (await readPlace(definition, place, read)) ?? (await readPlace(exactly, place, read));
  return words === null ? null : decodeIdentity(place, words, definition.wordOrder);
}

async function readPlace(
  definition: MeterDefinition,
  place: IdentityPlace,
  read: ReadRegisters,
): Promise<readonly number[] | null> {
  const answers: { read: RegisterRead; words: readonly number[] }[] = [];
  for (const planned of planReads(definition, [place])) {
    const words = await read(planned);
    if (words === null || words.length !== planned.count) return null;
    answers.push({ read: planned, words });
  }
  return wordsOf(answers, place);
}
