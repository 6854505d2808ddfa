/**
 * Merkle tree over a block's facts, so that one line of a statement can be proven without the block.
 *
 * @source RFC 6962 §2.1: leaves and nodes are hashed under different prefixes
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { joinBytes } from "../bytes.ts";
import { type Hash, hashFromBytes } from "../hash.ts";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** @param leaves encoded facts, in order @returns the root; of none, the SHA-256 of nothing */
export function merkleRoot(leaves: readonly Uint8Array[]): Hash {
  return hashFromBytes(rootOf(leaves.map((leaf) => sha256(joinBytes(LEAF, leaf)))));
}

function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  const [only] = hashes;
  if (only === undefined) return sha256(new Uint8Array());
  if (hashes.length === 1) return only;
  const left = largestPowerOfTwoBelow(hashes.length);
  return sha256(joinBytes(NODE, rootOf(hashes.slice(0, left)), rootOf(hashes.slice(left))));
}

function largestPowerOfTwoBelow(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}
