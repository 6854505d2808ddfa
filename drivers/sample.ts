/** Answers of a meter turned into samples and read-outs: what is settled on, and what people are shown. */
import { type UnixMs, type Wh, watts, wh } from "../agent/core/units.ts";
import type { MeterReadOut, MeterSample, QuantityValue, RawFrame } from "../agent/ports/meter.ts";
import { type DecodedValue, decodeRegister } from "./decode.ts";
import type { MeterDefinition } from "./definition.ts";
import { DriverError } from "./driverError.ts";
import { type AnsweredRead, covers, wordsOf } from "./plan.ts";
import { type Quantity, quantityFacts, reversedQuantity } from "./quantity.ts";
import { type MeterRegister, termsOf } from "./register.ts";

/** Whose answers they are. */
export type Mounted = {
  readonly definition: MeterDefinition;
  readonly unitId: number;
  /** The meter is mounted the other way round: import and export change places, power its sign. */
  readonly invert?: boolean | undefined;
};

/** An answer with the frame it came in. */
export type FramedRead = AnsweredRead & { readonly frame: RawFrame };

type CumulativeValue = Extract<DecodedValue, { kind: "cumulative" }>;

/**
 * @param mounted whose answers they are
 * @param registers the settled registers that were read
 * @param answers covering all of them that the meter has
 * @returns the sample
 * @throws DriverError `DRIVER_BAD_VALUE` for an energy register without energy, `DRIVER_WRONG_MODEL`, `DRIVER_BAD_ANSWER`
 */
export function toSample(
  mounted: Mounted,
  registers: readonly MeterRegister[],
  answers: readonly FramedRead[],
): MeterSample {
  checkGuards(mounted, answers);
  const energies = new Map<Quantity, CumulativeValue>();
  let activePower: number | null = null;
  let takenAtMs: UnixMs | null = null;
  for (const register of registers) {
    const decoded = decodeFrom(mounted, register, answers);
    if (decoded === null) continue;
    const quantity = quantityOf(mounted, register);
    if (decoded.kind === "number") activePower = signed(mounted, quantity, decoded.value);
    if (quantityFacts(quantity).kind !== "cumulative") continue;
    if (isLacking(register, decoded)) continue;
    // A meter that has the register but no value in it has failed; null would say that it has none.
    if (decoded.kind !== "cumulative") throw badValue(mounted, quantity, decoded);
    energies.set(quantity, decoded);
    takenAtMs = latest(takenAtMs, receivedAtMs(register, answers));
  }
  return {
    takenAtMs: takenAtMs ?? lastOf(answers),
    activeEnergyImport: energyOf(energies, "activeEnergyImport"),
    activeEnergyExport: energyOf(energies, "activeEnergyExport"),
    activePower: activePower === null ? null : watts(activePower),
    resolutionMilliWh: Math.max(0, ...[...energies.values()].map((value) => value.resolutionMilli)),
    frames: framesOf(answers),
  };
}

/**
 * @param mounted whose answers they are
 * @param answers to everything the definition knows and the meter has
 * @param meterSerial read apart
 * @returns the read-out
 * @throws DriverError `DRIVER_WRONG_MODEL`, `DRIVER_BAD_ANSWER`
 */
export function toReadOut(
  mounted: Mounted,
  answers: readonly FramedRead[],
  { meterSerial, answers: serialAnswers }: SerialReading,
): MeterReadOut {
  checkGuards(mounted, answers);
  const all = [...answers, ...serialAnswers];
  return {
    takenAtMs: lastOf(all),
    values: mounted.definition.registers.flatMap((register) => quantityValue(mounted, register, answers)),
    meterSerial,
    frames: framesOf(all),
  };
}

/** A serial number and what it was read from. */
export type SerialReading = { readonly meterSerial: string | null; readonly answers: readonly FramedRead[] };

/** A chain of models may shift between two reads; its registers mean something only while its heads are in place. */
function checkGuards({ definition, unitId }: Mounted, answers: readonly AnsweredRead[]): void {
  for (const guard of definition.guards) {
    const [found] = wordsOf(answers, guard) ?? [];
    if (found !== guard.equals)
      throw new DriverError("DRIVER_WRONG_MODEL", {
        meter: definition.id,
        unitId,
        address: guard.address,
        expected: guard.equals,
        found: found ?? null,
      });
  }
}

function quantityValue(
  mounted: Mounted,
  register: MeterRegister,
  answers: readonly AnsweredRead[],
): readonly QuantityValue[] {
  const decoded = decodeFrom(mounted, register, answers);
  if (decoded === null || decoded.kind === "absent") return [];
  const quantity = quantityOf(mounted, register);
  const { unit, obis } = quantityFacts(quantity);
  const value =
    decoded.kind === "cumulative" ? Number(decoded.value) : signed(mounted, quantity, decoded.value);
  return [{ quantity, value, unit, obis }];
}

/** Null for a register that this variant of the meter refuses to read. */
function decodeFrom(
  { definition }: Mounted,
  register: MeterRegister,
  answers: readonly AnsweredRead[],
): DecodedValue | null {
  const words = wordsOf(answers, register);
  if (words !== null) return decodeRegister(register, words, definition.wordOrder);
  if (register.optional === "refused") return null;
  throw new DriverError("DRIVER_BAD_ANSWER", { address: register.address });
}

function isLacking({ optional }: MeterRegister, decoded: DecodedValue): boolean {
  return optional === "marked" && decoded.kind === "absent" && decoded.reason === "marker";
}

function receivedAtMs(register: MeterRegister, answers: readonly FramedRead[]): UnixMs | null {
  const holding = answers.filter(({ read }) => termsOf(register).some((term) => covers(read, term)));
  return holding.reduce<UnixMs | null>((last, { frame }) => latest(last, frame.receivedAtMs), null);
}

function latest(left: UnixMs | null, right: UnixMs | null): UnixMs | null {
  if (left === null || right === null) return left ?? right;
  return right > left ? right : left;
}

function lastOf(answers: readonly FramedRead[]): UnixMs {
  const last = answers.at(-1);
  if (last === undefined) throw new DriverError("DRIVER_DEFINITION", { what: "nothing to read" });
  return last.frame.receivedAtMs;
}

function framesOf(answers: readonly FramedRead[]): readonly RawFrame[] {
  return answers.map(({ frame }) => frame);
}

function quantityOf({ invert }: Mounted, register: MeterRegister): Quantity {
  return invert === true ? reversedQuantity(register.quantity) : register.quantity;
}

function signed({ invert }: Mounted, quantity: Quantity, value: number): number {
  return invert === true && quantityFacts(quantity).kind === "directed" ? 0 - value : value;
}

function energyOf(energies: ReadonlyMap<Quantity, CumulativeValue>, quantity: Quantity): Wh | null {
  const energy = energies.get(quantity);
  return energy === undefined ? null : wh(energy.value);
}

function badValue({ definition, unitId }: Mounted, quantity: Quantity, decoded: DecodedValue): DriverError {
  const why = decoded.kind === "absent" ? decoded.reason : decoded.kind;
  return new DriverError("DRIVER_BAD_VALUE", { meter: definition.id, unitId, quantity, why });
}
