/** The street of the case study for one seed: keys, enrolments and genesis of three DEPs and the gateway that is DSO. */
import { nodeVerifier } from "../../agent/adapters/signer/nodeVerifier.ts";
import { candidates } from "../../agent/core/consensus/candidates.ts";
import { hashBytes, hashOf } from "../../agent/core/hash.ts";
import {
  genesisState,
  type LedgerContext,
  ledgerContext,
  seatingOf,
} from "../../agent/core/ledger/state/context.ts";
import { GRID_ADMIN } from "../../agent/core/ledger/state/transaction.ts";
import { CONTRACTS } from "../../agent/core/membership/contracts.ts";
import {
  type EnrolledMeter,
  type Enrolment,
  type EnrolmentBody,
  enrolmentSignBytes,
} from "../../agent/core/membership/enrolment.ts";
import {
  encodeGenesis,
  type Genesis,
  type GenesisBody,
  genesisSignBytes,
  readGenesis,
} from "../../agent/core/membership/genesis.ts";
import { policySignBytes } from "../../agent/core/membership/policy.ts";
import type { RosterMember } from "../../agent/core/membership/roster.ts";
import { publicKeyOf, signMessage } from "../../agent/core/signature.ts";
import { intervalIndex } from "../../agent/core/units.ts";
import { DEPS, RANGE_KW } from "./demand.ts";
import { casePolicy } from "./policy.ts";

/** The gateway that only manages: a member whose household draws nothing, elected from block 1 on. */
export const DSO_NAME = "dso";
/** The four of the paper's case study, in its order. */
export const NAMES = [...DEPS, DSO_NAME] as const;
/** Energy in kWh of an hour is the number of the mean power in kW. */
export const INTERVAL_MS = 3_600_000;
/** Interval t of the ledger is hour t of the paper. */
export const FIRST_INTERVAL = intervalIndex(1);

const MICROGRID_ID = "case-study";
/** Beyond what may be generated at once, so that no reading is set apart. */
const CONNECTION_RATING_W = (RANGE_KW.max + 10) * 1_000;
/** As many as a street has by default. */
const TERM_MAX = 96;
/** One of four seeds seats the DSO first. */
const MAX_ATTEMPTS = 1_000;

/** A street that has a genesis. */
export type CaseStreet = {
  readonly context: LedgerContext;
  /** @param name of a gateway or of the GridAdmin @param message to sign @returns the signature of its key */
  readonly sign: (name: string, message: Uint8Array) => Uint8Array;
};

/**
 * @param seed of the run
 * @param termMax blocks after which a DSO's term ends
 * @returns the street; its first DSO is the gateway of that name
 */
export function caseStreet(seed: string, termMax: number = TERM_MAX): CaseStreet {
  const members = NAMES.map((name) => enrolmentOf(seed, name));
  const sign = (name: string, message: Uint8Array) => signMessage(secretKeyOf(seed, name), message);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const order = digestOf(seed, `order ${attempt}`);
    const context = contextOf(signedGenesis(seed, { members, termMax, seed: order }));
    const [first] = candidates(seatingOf(context, genesisState(context)));
    if (first === memberNamed(context, DSO_NAME).id) return { context, sign };
  }
  throw new Error("no seed of a genesis seats the DSO first");
}

/** @param context of the street @param name of a gateway @returns its place in the roster */
export function memberNamed(context: LedgerContext, name: string): RosterMember {
  const found = context.roster.members.find((member) => member.name === name);
  if (found === undefined) throw new Error(`no gateway ${name}`);
  return found;
}

/** As a gateway reads its `genesis.cbor`. */
function contextOf(genesis: Genesis): LedgerContext {
  const { verify } = nodeVerifier();
  const read = readGenesis(encodeGenesis(genesis), verify);
  if (read.kind !== "accept") throw new Error(`the genesis is refused: ${read.code}`);
  return ledgerContext(read.value, verify);
}

function signedGenesis(seed: string, own: Pick<GenesisBody, "members" | "termMax" | "seed">): Genesis {
  const adminKey = secretKeyOf(seed, GRID_ADMIN);
  const regulatorKey = secretKeyOf(seed, "regulator");
  const policy = casePolicy(MICROGRID_ID, FIRST_INTERVAL);
  const body: GenesisBody = {
    microgridId: MICROGRID_ID,
    gridAdminKey: publicKeyOf(adminKey),
    intervalMs: INTERVAL_MS,
    timeLapse: 1,
    firstInterval: FIRST_INTERVAL,
    mode: "islanded",
    regulatorKey: publicKeyOf(regulatorKey),
    contracts: CONTRACTS,
    policies: [{ policy, signature: signMessage(regulatorKey, policySignBytes(policy)) }],
    ...own,
  };
  return { body, signature: signMessage(adminKey, genesisSignBytes(body)) };
}

function enrolmentOf(seed: string, name: string): Enrolment {
  const secretKey = secretKeyOf(seed, name);
  const body: EnrolmentBody = {
    microgridId: MICROGRID_ID,
    name,
    publicKey: publicKeyOf(secretKey),
    peerId: `peer-${name}`,
    recordsKey: digestOf(seed, `records of ${name}`),
    addresses: [`/memory/${name}`],
    meters: metersOf(name),
    connectionRatingW: CONNECTION_RATING_W,
    area: "street",
  };
  return { body, signature: signMessage(secretKey, enrolmentSignBytes(body)) };
}

function metersOf(name: string): readonly EnrolledMeter[] {
  const consumption: EnrolledMeter = { serial: `${name}-c`, role: "consumption", fuel: null };
  if (name === DSO_NAME) return [consumption];
  return [{ serial: `${name}-g`, role: "generation", fuel: "solar" }, consumption];
}

function secretKeyOf(seed: string, name: string): Uint8Array {
  return digestOf(seed, `key of ${name}`);
}

function digestOf(seed: string, purpose: string): Uint8Array {
  return hashBytes(hashOf(new TextEncoder().encode(`case study ${seed}: ${purpose}`)));
}
