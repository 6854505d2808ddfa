/**
 * A microgrid on paper: genesis, readings, certificates and blocks with real signatures, each part replaceable by
 * what a test wants to see refused.
 */
import { nodeVerifier } from "../../agent/adapters/signer/nodeVerifier.ts";
import { encodeCommitCertificate } from "../../agent/core/consensus/certificateCodec.ts";
import { mandateFor } from "../../agent/core/consensus/mandate.ts";
import { hashBytes, hashOf } from "../../agent/core/hash.ts";
import { type AssembledBlock, assembleBlock } from "../../agent/core/ledger/blocks/assemble.ts";
import { encodeBlock } from "../../agent/core/ledger/blocks/block.ts";
import type { ChainEntry } from "../../agent/core/ledger/chain/chain.ts";
import {
  contextOfNext,
  genesisState,
  type LedgerContext,
  ledgerContext,
  seatingOf,
} from "../../agent/core/ledger/state/context.ts";
import type { LedgerState } from "../../agent/core/ledger/state/state.ts";
import {
  GRID_ADMIN,
  type SignedTransaction,
  type Transaction,
  transactionSignBytes,
} from "../../agent/core/ledger/state/transaction.ts";
import { CONTRACTS } from "../../agent/core/membership/contracts.ts";
import {
  type EnrolledMeter,
  type Enrolment,
  type EnrolmentBody,
  enrolmentSignBytes,
  type MeterRole,
} from "../../agent/core/membership/enrolment.ts";
import { type Genesis, type GenesisBody, genesisSignBytes } from "../../agent/core/membership/genesis.ts";
import type { RosterMember } from "../../agent/core/membership/roster.ts";
import {
  type Measured,
  type MissingReason,
  type Reading,
  readingSignBytes,
  type SignedReading,
} from "../../agent/core/metering/reading.ts";
import { publicKeyOf, signMessage } from "../../agent/core/signature.ts";
import {
  type IntervalIndex,
  intervalIndex,
  type Round,
  round as roundOf,
  wh,
} from "../../agent/core/units.ts";
import { secretKeyOf } from "./memoryStreet.ts";
import { commitCertificate, recallOf } from "./testCertificates.ts";

/** Verifies as the product does. */
export const { verify } = nodeVerifier();
/** First interval of the test microgrids. */
export const FIRST_INTERVAL = intervalIndex(1_000);
/** What a member did in an interval: E_G and E_C in Wh, why it is missing, or no word at all. */
export type Did = readonly [generatedWh: number, consumedWh: number] | MissingReason | "silent";
/** Registers start here on every meter. */
const FIRST_REGISTER = 123_456n;

/** @param changes to the body @param name of the gateway @param roles of its meters @returns a signed enrolment */
export function testEnrolment(
  name: string,
  roles: readonly MeterRole[] = ["generation", "consumption"],
  changes: Partial<EnrolmentBody> = {},
): Enrolment {
  const meters = roles.map(
    (role, index): EnrolledMeter => ({
      serial: `${name}-${index + 1}`,
      role,
      fuel: role === "generation" ? "solar" : null,
    }),
  );
  const body: EnrolmentBody = {
    microgridId: "test-street",
    name,
    publicKey: publicKeyOf(secretKeyOf(name)),
    peerId: `peer-${name}`,
    recordsKey: secretKeyOf(`records of ${name}`),
    addresses: [`/ip4/192.0.2.1/tcp/4001`],
    meters,
    connectionRatingW: 11_000,
    area: "street",
    ...changes,
  };
  return { body, signature: signMessage(secretKeyOf(name), enrolmentSignBytes(body)) };
}

/** @param changes to the usual body @param members in any order @returns a genesis signed by its GridAdmin */
export function testGenesis(members: readonly Enrolment[], changes: Partial<GenesisBody> = {}): Genesis {
  const adminKey = secretKeyOf("grid-admin");
  const body: GenesisBody = {
    microgridId: "test-street",
    gridAdminKey: publicKeyOf(adminKey),
    regulatorKey: publicKeyOf(secretKeyOf("regulator")),
    seed: hashBytes(hashOf(new TextEncoder().encode("seed"))),
    intervalMs: 900_000,
    timeLapse: 1,
    firstInterval: FIRST_INTERVAL,
    mode: "islanded",
    termMax: 96,
    members,
    contracts: CONTRACTS,
    policies: [],
    ...changes,
  };
  return { body, signature: signMessage(adminKey, genesisSignBytes(body)) };
}

/** @param count of gateways `dep1` … with generation and consumption @param changes to the genesis @returns their context */
export function testContext(count: number, changes: Partial<GenesisBody> = {}): LedgerContext {
  const members = Array.from({ length: count }, (_, index) => testEnrolment(`dep${index + 1}`));
  return ledgerContext(testGenesis(members, changes), verify);
}

/** @param context of a microgrid @param name of a gateway @returns its place in the roster */
export function memberNamed(context: LedgerContext, name: string): RosterMember {
  const found = context.roster.members.find((member) => member.name === name);
  if (found === undefined) throw new Error(`no gateway ${name}`);
  return found;
}

/** @param context of a microgrid @param reading any @returns it with its member's signature */
export function signReading(context: LedgerContext, reading: Reading): SignedReading {
  const name = context.roster.byId.get(reading.member)?.name ?? "stranger";
  const { chainId, epoch } = context.roster;
  return { reading, signature: signMessage(secretKeyOf(name), readingSignBytes(reading, chainId, epoch)) };
}

/** @param context of a microgrid @param transaction any @returns it with its signer's signature */
export function signTransaction(context: LedgerContext, transaction: Transaction): SignedTransaction {
  const { signer } = transaction;
  const name = signer === GRID_ADMIN ? signer : (context.roster.byId.get(signer)?.name ?? "stranger");
  const { chainId, epoch } = context.roster;
  const message = transactionSignBytes(transaction, chainId, epoch);
  return { transaction, signature: signMessage(secretKeyOf(name), message) };
}

/** @param context of a microgrid @param name of a gateway @param content it states @param changes to the rest @returns signed */
export function testReading(
  context: LedgerContext,
  name: string,
  content: Reading["content"],
  changes: Partial<Reading> = {},
): SignedReading {
  return signReading(context, {
    member: memberNamed(context, name).id,
    interval: FIRST_INTERVAL,
    sequence: 1,
    boot: 1,
    time: "synchronised",
    content,
    ...changes,
  });
}

/**
 * @param registers of the generation and the consumption meter at the start
 * @param did what was generated and consumed since
 * @param changes to what is stated
 */
export function measuredFrom(
  [generation, consumption]: readonly [bigint, bigint],
  [generatedWh, consumedWh]: readonly [number, number],
  changes: Partial<Measured> = {},
): Measured {
  const generated = BigInt(generatedWh);
  const consumed = BigInt(consumedWh);
  const meter = (index: number, start: bigint, energy: bigint) => ({
    meter: index,
    start: [wh(start)],
    end: [wh(start + energy)],
    resolutionMilliWh: 63,
  });
  return {
    kind: "measured",
    startOffsetMs: -12,
    endOffsetMs: 7,
    meters: [meter(0, generation, generated), meter(1, consumption, consumed)],
    carryIn: wh(0n),
    generated: wh(generated),
    consumed: wh(consumed),
    position: wh(generated - consumed),
    framesHash: hashOf(new TextEncoder().encode("frames")),
    ...changes,
  };
}

/** @param did what was generated and consumed @param changes to what is stated @returns a first measured interval */
export function measured(did: readonly [number, number], changes: Partial<Measured> = {}): Measured {
  return measuredFrom([FIRST_REGISTER, FIRST_REGISTER], did, changes);
}

/** Meters of one gateway as the builder keeps them between intervals. */
type GatewayBook = { registers: readonly [bigint, bigint]; sequence: number };

/** Builds a chain interval by interval; every gateway has a generation and a consumption meter. */
export class ChainBuilder {
  readonly context: LedgerContext;
  readonly entries: ChainEntry[] = [];
  /** Blocks as assembled, at the same index. */
  readonly blocks: AssembledBlock[] = [];
  /** After the head. */
  state: LedgerState;
  headCertificate: Uint8Array | null = null;
  readonly #books = new Map<string, GatewayBook>();

  constructor(context: LedgerContext) {
    this.context = context;
    this.state = genesisState(context);
  }

  /** @returns the readings of one interval, in member order; whoever is not named is silent */
  readings(interval: IntervalIndex, did: Readonly<Record<string, Did>>): readonly SignedReading[] {
    return this.#next().roster.members.flatMap(({ name }) => {
      const what = did[name] ?? "silent";
      return what === "silent" ? [] : [this.#reading(name, interval, what)];
    });
  }

  /** @returns the next block, not yet on the chain */
  assemble(intervals: readonly Readonly<Record<string, Did>>[], round = 0): AssembledBlock {
    const at = this.state.nextInterval;
    return this.assembleOf(
      intervals.map((did, index) => this.readings(intervalIndex(at + index), did)),
      round,
    );
  }

  /** @returns the next block of these readings, not yet on the chain */
  assembleOf(
    intervals: readonly (readonly SignedReading[])[],
    round = 0,
    transactions: readonly SignedTransaction[] = [],
    late: readonly SignedReading[] = [],
  ): AssembledBlock {
    const certificate = round === 0 ? null : recallOf(this.#next(), this.state, round);
    return assembleBlock(this.context, this.state, {
      parentCertificate: this.headCertificate,
      claim: mandateFor(seatingOf(this.context, this.state), roundOf(round), certificate),
      late,
      intervals,
      transactions,
    });
  }

  /** Puts a block on the chain with a certificate of the quorum. @returns the entry as stored */
  append(assembled: AssembledBlock, round: Round | number = 0): ChainEntry {
    const { head: blockHash, height } = assembled.state;
    const context = this.#next();
    const certificate = commitCertificate(context, height, blockHash, { round });
    const encoded = encodeCommitCertificate(certificate, context.voters.voters);
    const entry = { height, blockHash, block: encodeBlock(assembled.block), certificate: encoded };
    this.entries.push(entry);
    this.blocks.push(assembled);
    this.state = assembled.state;
    this.headCertificate = encoded;
    return entry;
  }

  /** Builds and appends a block. @returns the entry as stored */
  settle(intervals: readonly Readonly<Record<string, Did>>[], round = 0): ChainEntry {
    return this.append(this.assemble(intervals, round), round);
  }

  /** The facts that the next block is computed with. */
  #next(): LedgerContext {
    return contextOfNext(this.context, this.state);
  }

  #reading(name: string, interval: IntervalIndex, did: Exclude<Did, "silent">): SignedReading {
    const book = this.#books.get(name) ?? { registers: [FIRST_REGISTER, FIRST_REGISTER], sequence: 0 };
    const sequence = book.sequence + 1;
    const place = { interval, sequence };
    if (typeof did === "string") {
      this.#books.set(name, { ...book, sequence });
      return testReading(this.#next(), name, { kind: "missing", reason: did }, place);
    }
    const [generation, consumption] = book.registers;
    const registers = [generation + BigInt(did[0]), consumption + BigInt(did[1])] as const;
    this.#books.set(name, { registers, sequence });
    return testReading(this.#next(), name, measuredFrom(book.registers, did), place);
  }
}
