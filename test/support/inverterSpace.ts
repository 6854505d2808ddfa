/** An inverter that can be limited, and a relay beside it: what a write test finds in them. */
import { WritableSpace } from "../../drivers/simulator/writableSpace.ts";

/** Model 123 behind model 1 of 66 registers; by hand from the models. */
const CONTROLS = 40_070;
const END = CONTROLS + 26;
/** Addresses of its points. */
export const INVERTER_REGISTERS = {
  LIMIT: CONTROLS + 5,
  REVERT: CONTROLS + 7,
  ENABLE: CONTROLS + 9,
} as const;

/** @returns both, unlimited; the limit lifts itself after its revert time */
export function inverterSpace(): WritableSpace {
  const { REVERT, ENABLE } = INVERTER_REGISTERS;
  return new WritableSpace({
    registers: inverterRegisters(),
    coils: new Map([[0, false]]),
    revert: { revertTime: REVERT, enable: ENABLE },
  });
}

/** 100.0 % with scale factor -1, no revert time set, disabled; what is left out is not implemented. */
function inverterRegisters(): ReadonlyMap<number, number> {
  const registers = new Map<number, number>([
    [40_000, 0x5375],
    [40_001, 0x6e53],
  ]);
  const put = (address: number, words: readonly number[]): void => {
    for (const [index, word] of words.entries()) registers.set(address + index, word);
  };
  put(40_002, [1, 66, ...new Array<number>(66).fill(0)]);
  put(CONTROLS, [123, 24, ...new Array<number>(24).fill(0xffff)]);
  put(CONTROLS + 4, [1, 1000, 0xffff, 0, 0xffff, 0]);
  put(CONTROLS + 23, [0xffff, 0xfffe, 0x8000]);
  put(END, [0xffff, 0]);
  return registers;
}
