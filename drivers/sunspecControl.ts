/**
 * The power limit of SunSpec's immediate controls. The revert time is the device's own dead-man: it lifts the limit
 * when nobody repeats it. Where the device has none, or would lift also what somebody had set for good, that is said.
 *
 * @source SunSpec Alliance, model 123; Inverter Controls Information Models V1.2, section 2.1 (timers)
 */
import type { LimitCommand } from "../agent/ports/actuator.ts";
import { type Control, UNLIMITED_PERMILLE } from "./actuatorControl.ts";
import type { SunspecLimitDefinition } from "./actuatorDefinition.ts";
import { DriverError } from "./driverError.ts";
import type { RegisterAccess } from "./registerAccess.ts";
import { type SunspecModelPlace, walkSunspec } from "./sunspec.ts";

const HEAD_REGISTERS = 2;
const NOT_IMPLEMENTED = 0xffff;
const SCALE_NOT_IMPLEMENTED = -0x8000;
const MAX_SCALE_EXPONENT = 10;
/** A revert time of zero: the limit stays until it is lifted. */
const NEVER_REVERTS = 0;
const ENABLED = 1;
const DISABLED = 0;
/** Reads until a device shows what it was told; slower ones take a moment. */
const MAX_READ_BACKS = 3;

/** The model as it stands, its head included. */
type Block = { readonly place: SunspecModelPlace; readonly words: readonly number[] };

/** @param definition of the model @param access to the device @returns what it can be told */
export function sunspecControl(definition: SunspecLimitDefinition, access: RegisterAccess): Control {
  let found: SunspecModelPlace | null = null;
  const block = async (): Promise<Block> => {
    found ??= await locate(definition, access);
    const place = found;
    const words = await access.read({
      table: "holding",
      address: place.address,
      count: HEAD_REGISTERS + definition.length,
    });
    if (words?.[0] === place.id && words[1] === place.length) return { place, words };
    // The chain has shifted, or is not there at night: a limit must not be written into something else.
    found = null;
    throw new DriverError("DRIVER_WRONG_MODEL", {
      actuator: definition.id,
      address: place.address,
      expected: place.id,
      found: words?.[0] ?? null,
    });
  };
  return {
    stepPermille: 1,
    read: async () => {
      const { words } = await block();
      return { limitPermille: limitOf(definition, words), raw: rawOf(definition, words) };
    },
    limit: async (command, before) => {
      const present = await block();
      const { wanted, liftsItself } = limiting(definition, present.words, command, before);
      await write(definition, access, present.place, wanted, block);
      return { liftsItself };
    },
    restore: async ([limitRaw = 0, revertRaw = 0, enableRaw = 0]) => {
      const { place } = await block();
      const { limit, revertTime, enable } = definition.points;
      const wanted = new Map([
        // What the device did not show it will not take back; disabled, it means nothing anyway.
        ...(limitRaw === NOT_IMPLEMENTED ? [] : ([[limit, limitRaw]] as const)),
        ...(revertRaw === NOT_IMPLEMENTED ? [] : ([[revertTime, revertRaw]] as const)),
        [enable, enableRaw] as const,
      ]);
      await write(definition, access, place, wanted, block);
    },
  };
}

/** What is to be written, the end of the limit first: a limit without an end is not to exist, however short. */
function limiting(
  definition: SunspecLimitDefinition,
  words: readonly number[],
  command: LimitCommand,
  [limitBefore = NOT_IMPLEMENTED, , enableBefore]: readonly number[],
): { readonly wanted: ReadonlyMap<number, number>; readonly liftsItself: boolean } {
  const { limit, revertTime, enable } = definition.points;
  const hasRevertTime = words[revertTime] !== NOT_IMPLEMENTED;
  const wasLimited = enableBefore === ENABLED;
  // Reverting means no limit at all: where somebody had set one for good, only the driver can put it back.
  const liftsItself = hasRevertTime && !wasLimited;
  const raw = rawLimit(definition, words, command);
  const wanted = new Map([
    ...(hasRevertTime ? ([[revertTime, liftsItself ? command.holdS : NEVER_REVERTS]] as const) : []),
    [limit, wasLimited ? Math.min(raw, limitBefore) : raw] as const,
    [enable, ENABLED] as const,
  ]);
  return { wanted, liftsItself };
}

async function locate(
  definition: SunspecLimitDefinition,
  access: RegisterAccess,
): Promise<SunspecModelPlace> {
  const chain = await walkSunspec(access.read);
  const models = chain?.devices.flatMap((device) => device.models) ?? [];
  const place = models.find(({ id, length }) => id === definition.modelId && length >= definition.length);
  if (place !== undefined) return place;
  const ids = models.map(({ id }) => id).join(" ");
  throw new DriverError("DRIVER_NO_MODEL", {
    actuator: definition.id,
    model: definition.modelId,
    found: ids,
  });
}

async function write(
  { id }: SunspecLimitDefinition,
  access: RegisterAccess,
  place: SunspecModelPlace,
  wanted: ReadonlyMap<number, number>,
  block: () => Promise<Block>,
): Promise<void> {
  for (const [offset, word] of wanted) await access.writeRegisters(place.address + offset, [word]);
  for (let readBacks = 1; ; readBacks++) {
    const { words } = await block();
    const differing = [...wanted].find(([offset, word]) => words[offset] !== word);
    if (differing === undefined) return;
    const [offset, word] = differing;
    if (readBacks === MAX_READ_BACKS)
      throw new DriverError("DRIVER_NOT_TAKEN", {
        actuator: id,
        address: place.address + offset,
        wanted: word,
        found: words[offset] ?? null,
      });
  }
}

/** Thousandths, cut off: more than is shown may be fed in by less than one of them. */
function limitOf(definition: SunspecLimitDefinition, words: readonly number[]): number {
  const { limit, enable } = definition.points;
  const state = words[enable];
  if (state === DISABLED) return UNLIMITED_PERMILLE;
  const raw = words[limit] ?? NOT_IMPLEMENTED;
  if (state !== ENABLED || raw === NOT_IMPLEMENTED) throw badValue(definition, "limit");
  const exponent = permilleExponent(definition, words);
  const power = 10n ** BigInt(Math.abs(exponent));
  const permille = exponent < 0 ? BigInt(raw) / power : BigInt(raw) * power;
  return permille > UNLIMITED_PERMILLE ? UNLIMITED_PERMILLE : Number(permille);
}

/** The limit in the device's own step, cut off, so that it is never above what was asked for. */
function rawLimit(
  definition: SunspecLimitDefinition,
  words: readonly number[],
  { limitPermille }: LimitCommand,
): number {
  const exponent = permilleExponent(definition, words);
  const power = 10n ** BigInt(Math.abs(exponent));
  const raw = exponent < 0 ? BigInt(limitPermille) * power : BigInt(limitPermille) / power;
  if (raw >= NOT_IMPLEMENTED) throw badValue(definition, "scale-factor");
  return Number(raw);
}

/** A percent is ten thousandths: the scale factor of the limit, one more. */
function permilleExponent(definition: SunspecLimitDefinition, words: readonly number[]): number {
  const word = words[definition.points.limitScale] ?? 0;
  const exponent = word >= 0x8000 ? word - 0x10000 : word;
  if (exponent === SCALE_NOT_IMPLEMENTED || Math.abs(exponent) > MAX_SCALE_EXPONENT)
    throw badValue(definition, "scale-factor");
  return exponent + 1;
}

function rawOf({ points }: SunspecLimitDefinition, words: readonly number[]): readonly number[] {
  return [words[points.limit] ?? 0, words[points.revertTime] ?? 0, words[points.enable] ?? 0];
}

function badValue({ id }: SunspecLimitDefinition, why: string): DriverError {
  return new DriverError("DRIVER_BAD_VALUE", { actuator: id, why });
}
