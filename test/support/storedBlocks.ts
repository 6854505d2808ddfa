/** Blocks for stores, which ask for nothing but bytes. */
import { hashOf } from "../../agent/core/hash.ts";
import { height } from "../../agent/core/units.ts";
import type { StoredBlock } from "../../agent/ports/ledgerStore.ts";

/** @param at height @param fill what tells two blocks of one height apart @returns a block of some bytes */
export function storedBlock(at: number, fill = 0): StoredBlock {
  const block = new TextEncoder().encode(`block ${at}, ${fill}: ${"energy ".repeat(40)}`);
  const certificate = new TextEncoder().encode(`certificate ${at}, ${fill}`);
  return { height: height(at), blockHash: hashOf(block), block, certificate };
}

/** @param at height @returns the state after that block */
export function stateAfter(at: number): Uint8Array {
  return new TextEncoder().encode(`state ${at}`);
}
