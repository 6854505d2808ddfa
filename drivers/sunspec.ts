/**
 * SunSpec: finds the chain of models in a device and walks it. What a model holds is data elsewhere.
 * Real chains end in three ways, hold several devices, and lie about lengths; none of it may lead astray or go on for ever.
 *
 * @source SunSpec Device Information Model Specification V1.1, sections 6.2 to 6.5
 */
import { decodeIdentity } from "./decode.ts";
import type { RegisterRead } from "./plan.ts";
import type { IdentityPlace } from "./register.ts";
import type { ReadRegisters } from "./registerAccess.ts";

/** "SunS". */
const MARKER: readonly number[] = [0x5375, 0x6e53];
/** Where the marker may stand; 40000 nearly always. */
export const SUNSPEC_BASES: readonly number[] = [40_000, 50_000, 0];
/** Models of one chain, its end included; a longer one runs in circles or through something else. */
export const MAX_SUNSPEC_MODELS = 64;
const ADDRESS_SPACE = 0x10000;
/** Identifier and length before each model's body. */
const HEAD_REGISTERS = 2;
const COMMON_MODEL = 1;
/** With and without the pad register. @source https://github.com/sunspec/models/issues/22 */
const COMMON_LENGTHS: readonly number[] = [65, 66];
const END_IDS: readonly number[] = [0xffff, 0x0000];
const COMMON_SOURCE = "https://github.com/sunspec/models, json/model_1.json";

/** One model where it stands. */
export type SunspecModelPlace = {
  readonly id: number;
  /** Address of its identifier; the length follows, then the body. */
  readonly address: number;
  /** Registers of its body. */
  readonly length: number;
};

/** What the common block says; null where it says nothing printable. */
export type SunspecCommon = {
  readonly maker: string | null;
  readonly model: string | null;
  readonly meterSerial: string | null;
};

/** One device of a chain: a common block and the models up to the next one. */
export type SunspecDevice = {
  /** Address of the common block's identifier. */
  readonly address: number;
  readonly common: SunspecCommon;
  readonly models: readonly SunspecModelPlace[];
};

/** How a walk ended: by the end marker, by zero, by a refusal, or because the chain could not be trusted further. */
export type SunspecEnd = "end-marker" | "zero" | "refused" | "bad-length" | "too-long";

/** A chain as walked. */
export type SunspecChain = {
  readonly base: number;
  readonly devices: readonly SunspecDevice[];
  readonly end: SunspecEnd;
};

/** Offsets from the identifier of model 1; reads split between them. */
export const COMMON_POINTS = {
  maker: textPoint(2, 16),
  model: textPoint(18, 16),
  meterSerial: textPoint(50, 16),
} as const;

/**
 * Finds and walks a device's chain.
 *
 * @param read of the device; null is its refusal
 * @returns the chain, or null when the device has none at any of the three bases
 * @throws DriverError when the line itself failed
 */
export async function walkSunspec(read: ReadRegisters): Promise<SunspecChain | null> {
  for (const base of SUNSPEC_BASES) {
    const words = await read(holding(base, MARKER.length));
    if (words?.every((word, index) => word === MARKER[index]) === true) return walkFrom(read, base);
  }
  return null;
}

async function walkFrom(read: ReadRegisters, base: number): Promise<SunspecChain | null> {
  const devices: { address: number; common: SunspecCommon; models: SunspecModelPlace[] }[] = [];
  const chain = (end: SunspecEnd) => (devices.length === 0 ? null : { base, devices, end });
  let address = base + MARKER.length;
  for (let count = 0; count < MAX_SUNSPEC_MODELS; count++) {
    if (address + HEAD_REGISTERS > ADDRESS_SPACE) return chain("bad-length");
    const head = await read(holding(address, HEAD_REGISTERS));
    if (head === null) return chain("refused");
    const [id = 0, length = 0] = head;
    if (END_IDS.includes(id)) return chain(id === 0 ? "zero" : "end-marker");
    if (length === 0 || address + HEAD_REGISTERS + length > ADDRESS_SPACE) return chain("bad-length");
    if (id === COMMON_MODEL) {
      if (!COMMON_LENGTHS.includes(length)) return chain("bad-length");
      devices.push({ address, common: await readCommon(read, address), models: [] });
    } else {
      // A chain begins with a common block; without one nobody knows whose registers these are.
      const device = devices.at(-1);
      if (device === undefined) return null;
      device.models.push({ id, address, length });
    }
    address += HEAD_REGISTERS + length;
  }
  return chain("too-long");
}

async function readCommon(read: ReadRegisters, address: number): Promise<SunspecCommon> {
  const text = async (point: IdentityPlace) => {
    const words = await read(holding(address + point.address, point.registers ?? 0));
    return words === null ? null : decodeIdentity(point, words, "most-significant-first");
  };
  return {
    maker: await text(COMMON_POINTS.maker),
    model: await text(COMMON_POINTS.model),
    meterSerial: await text(COMMON_POINTS.meterSerial),
  };
}

function holding(address: number, count: number): RegisterRead {
  return { table: "holding", address, count };
}

function textPoint(address: number, registers: number): IdentityPlace {
  return { table: "holding", address, type: "text", registers, source: COMMON_SOURCE };
}
