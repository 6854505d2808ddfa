/** The registers of a simulated meter: a definition filled with values, and the refusals a real meter gives. */
import { type MeterDefinition, registerPlaces } from "../definition.ts";
import { encodeCumulative, encodeIdentity, encodeTerm } from "../encode.ts";
import type { RegisterRead } from "../plan.ts";
import { type Quantity, quantityFacts } from "../quantity.ts";
import { type IdentityPlace, type MeterRegister, placeCount, type RegisterTable } from "../register.ts";
import type { CounterState } from "./energyCounter.ts";

/** Exceptions a meter refuses a read with. @source Modbus Application Protocol V1.1b3, section 7 */
export type ExceptionCode = 1 | 2 | 3;

/** Answer to a read. */
export type BankAnswer =
  | { readonly kind: "registers"; readonly words: readonly number[] }
  | { readonly kind: "exception"; readonly code: ExceptionCode };

type EncodedValue = { readonly address: number; readonly words: readonly number[] };

const POWER_FACTOR = 0.98;
/** Reactive for each unit of active at that power factor. */
const REACTIVE_PER_ACTIVE = Math.tan(Math.acos(POWER_FACTOR));
const REACTIVE_PER_ACTIVE_MILLI = BigInt(Math.round(REACTIVE_PER_ACTIVE * 1000));
const NOMINAL_VOLTS = 230;
const NOMINAL_HERTZ = 50;

/**
 * Answers a read as the meter would.
 *
 * @param definition of the meter
 * @param meterSerial its serial number
 * @param state of its counters now
 * @param read as asked
 * @returns registers, holes read as zero, or the exception
 */
export function answerRead(
  definition: MeterDefinition,
  meterSerial: number,
  state: CounterState,
  read: RegisterRead,
): BankAnswer {
  const { maxRegistersPerRead, readsInPairs } = definition;
  if (read.count < 1 || read.count > maxRegistersPerRead) return { kind: "exception", code: 3 };
  if (readsInPairs && (read.address % 2 !== 0 || read.count % 2 !== 0)) return { kind: "exception", code: 3 };
  const own = identityAnswer(definition, meterSerial, read);
  if (own !== null) return { kind: "registers", words: own };
  if (!isWithinAnIsland(definition, read)) return { kind: "exception", code: 2 };
  const words = new Array<number>(read.count).fill(0);
  for (const register of definition.registers)
    place(words, read, register.table, encoded(definition, register, state));
  for (const { place: identity, words: its } of identities(definition, meterSerial))
    if (identity.readAlone !== true)
      place(words, read, identity.table, { address: identity.address, words: its });
  return { kind: "registers", words };
}

/** What is read alone stands beside the map: asked for by itself it is a code, within a block another value. */
function identityAnswer(
  definition: MeterDefinition,
  meterSerial: number,
  read: RegisterRead,
): readonly number[] | null {
  const found = identities(definition, meterSerial).find(
    ({ place: { table, address, readAlone }, words }) =>
      readAlone === true && table === read.table && address === read.address && words.length === read.count,
  );
  return found?.words ?? null;
}

/** The serial number, and the code of the first model that the definition reads. */
function identities(
  definition: MeterDefinition,
  meterSerial: number,
): readonly { place: IdentityPlace; words: readonly number[] }[] {
  const { identification, wordOrder } = definition;
  const { meterSerial: serial, model } = identification;
  const code = model?.matches[0]?.value;
  return [
    ...(serial === undefined
      ? []
      : [{ place: serial, words: encodeIdentity(serial, String(meterSerial), wordOrder) }]),
    ...(model === undefined || code === undefined
      ? []
      : [{ place: model, words: encodeIdentity(model, String(code), wordOrder) }]),
  ];
}

/** A read may span the holes between registers, but not leave the region they form. */
function isWithinAnIsland(definition: MeterDefinition, read: RegisterRead): boolean {
  return islands(definition, read.table).some(
    ([start, end]) => start <= read.address && read.address + read.count <= end,
  );
}

/** A meter that is read in pairs has a second register beside every odd one. */
function islands(definition: MeterDefinition, table: RegisterTable): readonly (readonly [number, number])[] {
  const merged: [number, number][] = [];
  const places = registerPlaces(definition).filter(
    (candidate) => candidate.table === table && candidate.readAlone !== true,
  );
  for (const candidate of [...places].sort((a, b) => a.address - b.address)) {
    const own = candidate.address + placeCount(candidate);
    const end = definition.readsInPairs ? own + (own % 2) : own;
    const last = merged.at(-1);
    if (last !== undefined && candidate.address - last[1] <= definition.maxGapRegisters)
      last[1] = Math.max(last[1], end);
    else merged.push([candidate.address, end]);
  }
  return merged;
}

function place(words: number[], read: RegisterRead, table: RegisterTable, value: EncodedValue): void {
  if (table !== read.table) return;
  const offset = value.address - read.address;
  for (const [index, word] of value.words.entries())
    if (offset + index >= 0 && offset + index < words.length) words[offset + index] = word;
}

function encoded(definition: MeterDefinition, register: MeterRegister, state: CounterState): EncodedValue {
  const { address, quantity } = register;
  if (quantityFacts(quantity).kind === "cumulative") {
    const words = encodeCumulative(register, cumulativeMilli(quantity, state), definition.wordOrder);
    return { address, words };
  }
  const phases = definition.registers.some((other) => other.quantity === "voltageL3") ? 3 : 1;
  return encodeTerm(register, presentValue(quantity, state, phases), definition.wordOrder);
}

function cumulativeMilli(quantity: Quantity, state: CounterState): bigint {
  const { importMilliWh, exportMilliWh } = state;
  const share = /L[123]$/.test(quantity) ? 3n : 1n;
  if (quantity.startsWith("activeEnergyImport")) return importMilliWh / share;
  if (quantity.startsWith("activeEnergyExport")) return exportMilliWh / share;
  if (quantity.startsWith("activeEnergySum")) return (importMilliWh + exportMilliWh) / share;
  const active = quantity.startsWith("reactiveEnergyImport") ? importMilliWh : exportMilliWh;
  return (active * REACTIVE_PER_ACTIVE_MILLI) / 1000n;
}

function presentValue(quantity: Quantity, state: CounterState, phases: number): number {
  const isOfPhase = /L[123]$/.test(quantity);
  const powerW = state.powerW / (isOfPhase ? phases : 1);
  const volts = NOMINAL_VOLTS + (state.virtualMinute % 7) / 2;
  if (quantity === "activePowerImport") return Math.max(0, powerW);
  if (quantity === "activePowerExport") return Math.max(0, -powerW);
  if (quantity.startsWith("activePower")) return powerW;
  if (quantity.startsWith("reactivePower")) return powerW * REACTIVE_PER_ACTIVE;
  if (quantity.startsWith("apparentPower")) return Math.abs(powerW) / POWER_FACTOR;
  if (quantity.startsWith("powerFactor")) return powerW < 0 ? -POWER_FACTOR : POWER_FACTOR;
  if (quantity.startsWith("dcPower")) return Math.abs(powerW);
  if (quantity.startsWith("voltage")) return volts;
  if (quantity.startsWith("current")) return Math.abs(powerW) / POWER_FACTOR / volts;
  return NOMINAL_HERTZ;
}
