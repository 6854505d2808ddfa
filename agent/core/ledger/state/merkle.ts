/**
 * Merkle tree over the facts of a block or of a state, so that one of them can be proven without the others.
 *
 * @source RFC 6962 §2.1: leaves and nodes are hashed under different prefixes
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { joinBytes } from "../../bytes.ts";
import { type Hash, hashFromBytes } from "../../hash.ts";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** One step from a leaf towards the root: the node beside it, and on which side that is. */
export type PathStep = { readonly isLeft: boolean; readonly hash: Uint8Array };

/** Steps from a leaf to the root at most: more leaves than any block or state can have. */
export const MAX_PATH = 32;

/** @param leaves encoded facts, in order @returns the root; of none, the SHA-256 of nothing */
export function merkleRoot(leaves: readonly Uint8Array[]): Hash {
  return hashFromBytes(rootOf(leaves.map(leafHash)));
}

/**
 * @param leaves encoded facts, in order
 * @param place of one of them
 * @returns the steps from it to the root
 * @source RFC 6962 §2.1.1
 */
export function merklePath(leaves: readonly Uint8Array[], place: number): readonly PathStep[] {
  return pathOf(leaves.map(leafHash), place);
}

/** @param leaf an encoded fact @param path claimed, unverified @returns the root that the path leads to from that leaf */
export function rootAlong(leaf: Uint8Array, path: readonly PathStep[]): Hash {
  const climb = (node: Uint8Array, { isLeft, hash }: PathStep) =>
    isLeft ? nodeHash(hash, node) : nodeHash(node, hash);
  return hashFromBytes(path.reduce(climb, leafHash(leaf)));
}

function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256(joinBytes(LEAF, leaf));
}

function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(joinBytes(NODE, left, right));
}

function pathOf(hashes: readonly Uint8Array[], place: number): readonly PathStep[] {
  if (hashes.length <= 1) return [];
  const middle = largestPowerOfTwoBelow(hashes.length);
  const [left, right] = [hashes.slice(0, middle), hashes.slice(middle)];
  return place < middle
    ? [...pathOf(left, place), { isLeft: false, hash: rootOf(right) }]
    : [...pathOf(right, place - middle), { isLeft: true, hash: rootOf(left) }];
}

function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  const [only] = hashes;
  if (only === undefined) return sha256(new Uint8Array());
  if (hashes.length === 1) return only;
  const middle = largestPowerOfTwoBelow(hashes.length);
  return nodeHash(rootOf(hashes.slice(0, middle)), rootOf(hashes.slice(middle)));
}

function largestPowerOfTwoBelow(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}
