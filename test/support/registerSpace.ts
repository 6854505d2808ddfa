/** A device in memory: registers where they were put, and the refusals of a real one. */
import type { RegisterRead } from "../../drivers/plan.ts";
import type { RegisterTable } from "../../drivers/register.ts";
import type { ReadRegisters } from "../../drivers/registerAccess.ts";

/** A device that is read; what it was asked is kept. */
export type RegisterSpace = {
  readonly read: ReadRegisters;
  readonly asked: RegisterRead[];
  put(address: number, words: readonly number[], table?: RegisterTable): void;
  /** Registers that make up one value: a read that begins or ends within is refused. */
  bind(address: number, count: number): void;
  /** Answers a read of exactly this register otherwise than within a block. */
  putAlone(address: number, word: number, table: RegisterTable): void;
};

/** @param maxCount longest read it answers @returns an empty device */
export function registerSpace(maxCount = 125): RegisterSpace {
  const tables = { input: new Map<number, number>(), holding: new Map<number, number>() };
  const alone = { input: new Map<number, number>(), holding: new Map<number, number>() };
  const bound: { address: number; count: number }[] = [];
  const asked: RegisterRead[] = [];
  const splits = ({ address, count }: RegisterRead) =>
    [address, address + count].some((edge) =>
      bound.some((value) => value.address < edge && edge < value.address + value.count),
    );
  const words = ({ table, address, count }: RegisterRead) =>
    Array.from({ length: count }, (_, index) => tables[table].get(address + index));
  return {
    asked,
    read: async (read) => {
      asked.push(read);
      const own = read.count === 1 ? alone[read.table].get(read.address) : undefined;
      if (own !== undefined) return [own];
      const found = words(read);
      if (read.count > maxCount || splits(read) || found.some((word) => word === undefined)) return null;
      return found.map((word) => word ?? 0);
    },
    put: (address, own, table = "holding") => {
      for (const [index, word] of own.entries()) tables[table].set(address + index, word);
    },
    bind: (address, count) => bound.push({ address, count }),
    putAlone: (address, word, table) => alone[table].set(address, word),
  };
}

/** @param text of printable ASCII @param registers its length @returns its words, filled with zeros */
export function textWords(text: string, registers: number): readonly number[] {
  const bytes = Buffer.alloc(registers * 2);
  bytes.write(text, "ascii");
  return Array.from({ length: registers }, (_, index) => bytes.readUInt16BE(2 * index));
}
