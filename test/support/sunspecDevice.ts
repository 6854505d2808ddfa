/** SunSpec devices in memory, written by hand from the models: a SolarEdge inverter with meters, and what makers get wrong. */
import { type RegisterSpace, registerSpace, textWords } from "./registerSpace.ts";

/** Registers of one model's body, by their offset from the identifier; the rest is marked as not implemented. */
export type Body = Readonly<Record<number, readonly number[]>>;

/** "SunS". */
const MARKER = [0x5375, 0x6e53] as const;
const NOT_IMPLEMENTED = 0x8000;

/**
 * Puts models into a device, one after another.
 *
 * @param space to put them into
 * @param address of the first
 * @param models identifier, length and body of each
 * @returns the address after the last
 */
export function putModels(
  space: RegisterSpace,
  address: number,
  models: readonly (readonly [id: number, length: number, body?: Body])[],
): number {
  let at = address;
  for (const [id, length, body = {}] of models) {
    space.put(at, [id, length, ...new Array<number>(length).fill(NOT_IMPLEMENTED)]);
    for (const [offset, words] of Object.entries(body)) space.put(at + Number(offset), words);
    at += 2 + length;
  }
  return at;
}

/** @returns body of model 1 */
export function common(maker: string, model: string, serial: string): Body {
  return {
    2: textWords(maker, 16),
    18: textWords(model, 16),
    34: textWords("", 16),
    50: textWords(serial, 16),
  };
}

/** Model 103: 230.1 V, 10.25 A, 7070 W, 49.99 Hz, 12,345,678 Wh. Scale factors -1, -2, 1, -2, 0. */
export const INVERTER_BODY: Body = {
  2: [3075, 1025, 1026, 1024, 0xfffe],
  10: [2301, 2302, 2303, 0xffff],
  14: [707, 1],
  16: [4999, 0xfffe],
  24: [0x00bc, 0x614e, 0],
  31: [720, 1],
};

/** Model 203: 1500 W fed in by SolarEdge's sign; export 2,000,000 Wh, import 1,234,560 Wh. Scale factors 0 and 1. */
export const METER_BODY: Body = {
  2: [65, 22, 21, 22, 0xffff],
  7: [2310, 2311, 2309, 2310],
  15: [0xffff],
  16: [5001, 0xfffe],
  18: [1500, 500, 500, 500, 0],
  38: [0x0003, 0x0d40],
  46: [0x0001, 0xe240],
  54: [1],
};

/** Addresses of {@link solarEdge}, from the maker's technical note. */
export const SOLAREDGE = { inverter: 40_069, meterCommon: 40_121, meter: 40_188 } as const;

/** @returns a SolarEdge inverter with one meter: common blocks of 65 registers, so that models stand at odd addresses */
export function solarEdge(): RegisterSpace {
  const space = registerSpace();
  space.put(40_000, MARKER);
  const end = putModels(space, 40_002, [
    [1, 65, common("SolarEdge ", "SE7K-RW0TEBEN4", "7E1234AB")],
    [103, 50, INVERTER_BODY],
    [1, 65, common("WattNode", "WNC-3D-400-MB", "4151234")],
    [203, 105, METER_BODY],
  ]);
  space.put(end, [0xffff, 0]);
  return space;
}

/** @param base of the marker @param models after a common block of 66 registers @returns a device that ends as specified */
export function oneDevice(
  base: number,
  models: readonly (readonly [id: number, length: number, body?: Body])[],
  maker = "Fronius",
): RegisterSpace {
  const space = registerSpace();
  space.put(base, MARKER);
  const end = putModels(space, base + 2, [[1, 66, common(maker, "Symo 5.0-3-M", "31220123")], ...models]);
  space.put(end, [0xffff, 0]);
  return space;
}
