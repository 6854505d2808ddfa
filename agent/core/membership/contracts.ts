/**
 * The rule sets that a street computes with, by name and version. The genesis names them, so that no gateway computes
 * a street by rules that it does not have or that the street did not agree to.
 *
 * @source docs/market.md, "Contracts"
 */
import { type Cbor, count, list, text, tuple } from "../codec.ts";
import { accept, reject, type Verdict } from "../verdict.ts";

/** A rule set: its name and its version, from 1. */
export type Contract = readonly [name: string, version: number];

/** Codes the contracts of a genesis are refused with. */
export type ContractRefusal = "GENESIS_CONTRACT_UNKNOWN" | "GENESIS_CONTRACT_MISSING";

/** What this gateway computes with; a genesis names every one of them. */
export const CONTRACTS: readonly Contract[] = [
  ["auction", 1],
  ["balancing", 1],
  ["curtailment", 1],
  ["membership", 1],
  ["policy", 1],
  ["provenance", 1],
  ["settlement", 1],
];
/** More than there are names. */
const MAX_CONTRACTS = 64;

/** @param contracts any @returns their place in a message */
export function cborContracts(contracts: readonly Contract[]): Cbor {
  return contracts.map(([name, version]) => [name, version]);
}

/** Decoder of {@link cborContracts}. */
export const contractsDecoder = list(tuple(text(32), count()), MAX_CONTRACTS);

/**
 * @param contracts that a genesis names
 * @returns the same, or the first that this gateway does not know, or that it needs and does not find
 */
export function judgeContracts(
  contracts: readonly Contract[],
): Verdict<readonly Contract[], ContractRefusal> {
  const own = new Set(CONTRACTS.map(labelOf));
  const unknown = contracts.find((contract) => !own.has(labelOf(contract)));
  if (unknown !== undefined) return reject("GENESIS_CONTRACT_UNKNOWN", labelOf(unknown));
  const named = new Set(contracts.map(labelOf));
  const missing = CONTRACTS.find((contract) => !named.has(labelOf(contract)));
  return missing === undefined ? accept(contracts) : reject("GENESIS_CONTRACT_MISSING", labelOf(missing));
}

function labelOf([name, version]: Contract): string {
  return `${name}/${version}`;
}
