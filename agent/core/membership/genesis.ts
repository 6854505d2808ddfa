/**
 * The genesis of a microgrid: everything that must be equal on every gateway, signed by the GridAdmin.
 * Its hash is the chain id that every signature is bound to.
 */
import {
  bytes,
  type Cbor,
  count,
  type DecodeRefusal,
  decode,
  encode,
  list,
  oneOf,
  shape,
  text,
  tuple,
} from "../codec.ts";
import { type Hash, hashOf, ZERO_HASH } from "../hash.ts";
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES, signBytes, type Verify } from "../signature.ts";
import { type IntervalIndex, intervalIndex } from "../units.ts";
import { accept, reject, type Verdict } from "../verdict.ts";
import { isMicrogridId, memberIdOf } from "./address.ts";
import {
  type Contract,
  type ContractRefusal,
  cborContracts,
  contractsDecoder,
  judgeContracts,
} from "./contracts.ts";
import {
  cborEnrolment,
  claimsOf,
  type Enrolment,
  type EnrolmentRefusal,
  enrolment,
  judgeEnrolment,
} from "./enrolment.ts";
import {
  judgePolicyForm,
  judgePolicyPlace,
  type PolicyFormRefusal,
  type PolicyPlaceRefusal,
} from "./judgePolicy.ts";
import { cborSignedPolicy, MAX_POLICIES, type SignedPolicy, signedPolicy } from "./policy.ts";

/** Whether the microgrid has a base-load supplier (`grid-tied`) or only itself (`islanded`). */
export const GRID_MODES = ["islanded", "grid-tied"] as const;
export type GridMode = (typeof GRID_MODES)[number];

/** What the GridAdmin decides once. */
export type GenesisBody = {
  readonly microgridId: string;
  /** The GridAdmin's compressed P-256 key. */
  readonly gridAdminKey: Uint8Array;
  /** The Regulator's compressed P-256 key: it signs policies and nothing else. */
  readonly regulatorKey: Uint8Array;
  /** 32 random bytes: the order of ties and of the first candidates. */
  readonly seed: Uint8Array;
  /** Length of an interval in ms, 1 s to 1 day. */
  readonly intervalMs: number;
  /** Metered seconds per second, 1 on real meters; above 1 only for simulated meters in time-lapse. */
  readonly timeLapse: number;
  /** The interval that block 1 begins with. */
  readonly firstInterval: IntervalIndex;
  readonly mode: GridMode;
  /** Blocks after which a DSO's term ends. */
  readonly termMax: number;
  readonly members: readonly Enrolment[];
  /** The rule sets that the street computes with. */
  readonly contracts: readonly Contract[];
  /** The first policies; the GridAdmin's signature of the genesis is its half of them. Without one no coin moves. */
  readonly policies: readonly SignedPolicy[];
};

/** A genesis with the GridAdmin's signature. */
export type Genesis = { readonly body: GenesisBody; readonly signature: Uint8Array };

/** Codes a genesis is refused with. */
export type GenesisRefusal =
  | DecodeRefusal
  | EnrolmentRefusal
  | ContractRefusal
  | PolicyFormRefusal
  | PolicyPlaceRefusal
  | "GENESIS_VERSION"
  | "GENESIS_MICROGRID"
  | "GENESIS_EMPTY"
  | "GENESIS_DUPLICATE";

/** Most members of one microgrid; larger streets are split into cells. @source docs/adr/0003-qbft-sticky-dso.md */
export const MAX_MEMBERS = 200;
/** Longest encoded genesis in bytes. */
export const MAX_GENESIS_BYTES = 1_048_576;
/** Shortest and longest interval in ms. */
export const INTERVAL_RANGE_MS = { min: 1_000, max: 86_400_000 } as const;

/** Version 1 had no regulator, contracts, policies or areas. */
const VERSION = 2;
/** Year 10000: no interval begins later, and every instant stays a safe integer. */
const LATEST_MS = 253_402_300_800_000;

/** @param genesis signed @returns its canonical bytes, as in `genesis.cbor` */
export function encodeGenesis(genesis: Genesis): Uint8Array {
  return encode([cborBody(genesis.body), genesis.signature]);
}

/** @param body what the GridAdmin decides @returns the bytes its key signs */
export function genesisSignBytes(body: GenesisBody): Uint8Array {
  return signBytes({ type: "genesis", chainId: ZERO_HASH, epoch: 0, height: 0, round: 0 }, chainIdOf(body));
}

/** @param body what the GridAdmin decides @returns the hash every signature of this microgrid is bound to */
export function chainIdOf(body: GenesisBody): Hash {
  return hashOf(encode(cborBody(body)));
}

/**
 * What no member may have: GridAdmin and Regulator take no part in local trades.
 *
 * @param body what the GridAdmin decides
 * @returns claims as `claimsOf` makes them of a member
 */
export function officeClaims({ gridAdminKey, regulatorKey }: GenesisBody): readonly [string, string] {
  return [`key ${memberIdOf(gridAdminKey)}`, `key ${memberIdOf(regulatorKey)}`];
}

/**
 * Reads an untrusted genesis: shape, uniqueness, every enrolment and policy, and the GridAdmin's signature.
 *
 * @param encoded bytes of `genesis.cbor`
 * @param verify judges the signatures
 * @returns the genesis, or the first reason to refuse it
 */
export function readGenesis(encoded: Uint8Array, verify: Verify): Verdict<Genesis, GenesisRefusal> {
  const decoded = decode(encoded, genesisDecoder, MAX_GENESIS_BYTES);
  if (decoded.kind !== "accept")
    return isOtherVersion(encoded) ? reject("GENESIS_VERSION", `not ${VERSION}`) : decoded;
  const genesis = decoded.value;
  const { body } = genesis;
  const contracts = judgeContracts(body.contracts);
  if (contracts.kind !== "accept") return contracts;
  if (!isMicrogridId(body.microgridId)) return reject("GENESIS_MICROGRID", body.microgridId);
  if (body.members.length === 0) return reject("GENESIS_EMPTY");
  const duplicate = firstDuplicate(body);
  if (duplicate !== undefined) return reject("GENESIS_DUPLICATE", duplicate);
  for (const member of body.members) {
    if (member.body.microgridId !== body.microgridId) return reject("ENROLMENT_MICROGRID", member.body.name);
    const judged = judgeEnrolment(member, verify);
    if (judged.kind !== "accept") return reject(judged.code, member.body.name);
  }
  for (const [index, policy] of body.policies.entries()) {
    const judged = judgePolicyForm(policy, body, verify);
    if (judged.kind !== "accept") return judged;
    const placed = judgePolicyPlace(policy, body.policies.slice(0, index));
    if (placed.kind !== "accept") return placed;
  }
  if (!verify(body.gridAdminKey, genesisSignBytes(body), genesis.signature))
    return reject("BAD_SIGNATURE", "grid-admin");
  return accept(genesis);
}

/** Told apart from a file that is no genesis at all. */
function isOtherVersion(encoded: Uint8Array): boolean {
  const version = decode(encoded, versionDecoder, MAX_GENESIS_BYTES);
  return version.kind === "accept" && version.value !== VERSION;
}

function versionDecoder(value: unknown): number {
  if (!Array.isArray(value) || !Array.isArray(value[0])) throw shape("genesis", value);
  return count()(value[0][0]);
}

function genesisDecoder(value: unknown): Genesis {
  const [fields, signature] = tuple(
    tuple(
      oneOf([VERSION]),
      text(63),
      bytes(PUBLIC_KEY_BYTES),
      bytes(PUBLIC_KEY_BYTES),
      bytes(32),
      count(INTERVAL_RANGE_MS.max),
      count(86_400),
      count(),
      oneOf(GRID_MODES),
      count(1_000_000_000),
      list(enrolment, MAX_MEMBERS),
      contractsDecoder,
      list(signedPolicy, MAX_POLICIES),
    ),
    bytes(SIGNATURE_BYTES),
  )(value);
  const [, microgridId, gridAdminKey, regulatorKey, seed, intervalMs, timeLapse, firstInterval, ...rest] =
    fields;
  const [mode, termMax, members, contracts, policies] = rest;
  return {
    body: {
      microgridId,
      gridAdminKey,
      regulatorKey,
      seed,
      intervalMs: atLeast(INTERVAL_RANGE_MS.min, intervalMs),
      timeLapse: atLeast(1, timeLapse),
      firstInterval: intervalIndex(atMost(Math.floor(LATEST_MS / intervalMs), firstInterval)),
      mode,
      termMax: atLeast(1, termMax),
      members,
      contracts,
      policies,
    },
    signature,
  };
}

function cborBody(body: GenesisBody): Cbor {
  return [
    VERSION,
    body.microgridId,
    body.gridAdminKey,
    body.regulatorKey,
    body.seed,
    body.intervalMs,
    body.timeLapse,
    body.firstInterval,
    body.mode,
    body.termMax,
    body.members.map(cborEnrolment),
    cborContracts(body.contracts),
    body.policies.map(cborSignedPolicy),
  ];
}

function atMost(max: number, value: number): number {
  if (value > max) throw shape(`at most ${max}`, value);
  return value;
}

function atLeast(min: number, value: number): number {
  if (value < min) throw shape(`at least ${min}`, value);
  return value;
}

function firstDuplicate(body: GenesisBody): string | undefined {
  const seen = new Set(officeClaims(body));
  for (const member of body.members) {
    for (const claim of claimsOf(member.body)) {
      if (seen.has(claim)) return claim;
      seen.add(claim);
    }
  }
  return undefined;
}
