/** Names a meter that is not yet known by plausible values where a definition expects them. */
import { decodeRegister, decodeWhole } from "./decode.ts";
import { type MeterDefinition, type RegisterPlace, registerCount } from "./definition.ts";
import type { ReadRegisters } from "./registerAccess.ts";

/** A device that said what it is. */
export type NamedMeter = {
  readonly definitionId: string;
  readonly model: string;
  readonly meterSerial: string | null;
};

/** What became of an attempt to name a meter. */
export type Identification =
  | {
      readonly kind: "named";
      readonly by: "model-register" | "sunspec";
      readonly meters: readonly NamedMeter[];
    }
  | {
      readonly kind: "likely";
      readonly definitionIds: readonly string[];
      readonly meterSerial: string | null;
    }
  | { readonly kind: "unknown" };

/** @param known every kind it may be @param read of its unit @returns what it may be @throws whatever `read` throws */
export async function identifyMeter(
  known: readonly MeterDefinition[],
  read: ReadRegisters,
): Promise<Identification> {
  const likely: { id: string; shown: number; meterSerial: string | null }[] = [];
  for (const definition of known) {
    const shown = await plausibleValues(definition, read);
    if (shown === null) continue;
    const { meterSerial: place } = definition.identification;
    const words = place === undefined ? null : await readPlace(place, read);
    const serial =
      place === undefined || words === null ? null : decodeWhole(place, words, definition.wordOrder);
    likely.push({ id: definition.id, shown, meterSerial: serial === null ? null : String(serial) });
  }
  const most = Math.max(0, ...likely.map(({ shown }) => shown));
  const best = likely.filter(({ shown }) => shown === most);
  if (best.length === 0) return { kind: "unknown" };
  const meterSerial = best.find((candidate) => candidate.meterSerial !== null)?.meterSerial ?? null;
  return { kind: "likely", definitionIds: best.map(({ id }) => id), meterSerial };
}

async function plausibleValues(definition: MeterDefinition, read: ReadRegisters): Promise<number | null> {
  let shown = 0;
  for (const register of definition.registers) {
    if (!/^voltageL|^frequency$/.test(register.quantity)) continue;
    const words = await readPlace(register, read);
    const value = words === null ? null : decodeRegister(register, words, definition.wordOrder);
    const [least, most] = register.quantity === "frequency" ? [45, 65] : [80, 300];
    if (value?.kind !== "number" || value.value < least || value.value > most) return null;
    shown++;
  }
  return shown === 0 ? null : shown;
}

function readPlace({ table, address, type }: RegisterPlace, read: ReadRegisters) {
  return read({ table, address, count: registerCount(type) });
}
