/**
 * The chain of the case study: every hour is read, signed, assembled by the DSO, judged as every other gateway judges
 * it, decided by a quorum; the first block also issues coins. This is the one place that makes blocks; what the study shows is taken from the blocks.
 */
import { encodeCommitCertificate } from "../../agent/core/consensus/certificateCodec.ts";
import { NO_ITEMS } from "../../agent/core/consensus/item.ts";
import { mandateFor } from "../../agent/core/consensus/mandate.ts";
import { signBytesOf } from "../../agent/core/consensus/message.ts";
import { quorum } from "../../agent/core/consensus/quorum.ts";
import { assembleBlock } from "../../agent/core/ledger/blocks/assemble.ts";
import { encodeBlock } from "../../agent/core/ledger/blocks/block.ts";
import { type JudgedBlock, judgeBlock } from "../../agent/core/ledger/blocks/judgeBlock.ts";
import type { ChainEntry } from "../../agent/core/ledger/chain/chain.ts";
import { genesisState, seatingOf } from "../../agent/core/ledger/state/context.ts";
import type { LedgerState } from "../../agent/core/ledger/state/state.ts";
import {
  GRID_ADMIN,
  type SignedTransaction,
  transactionSignBytes,
} from "../../agent/core/ledger/state/transaction.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import type { SignedReading } from "../../agent/core/metering/reading.ts";
import { round } from "../../agent/core/units.ts";
import { DEPS, demandOf, isDep } from "./demand.ts";
import { Household, NOTHING, obeyed } from "./household.ts";
import { ISSUED } from "./policy.ts";
import { type CaseStreet, memberNamed } from "./street.ts";

/** Every block is decided in its first round: nobody is late or lies here. */
const ROUND = round(0);

/**
 * @param street of the seed
 * @param seed of the draws
 * @param hours one block each
 * @returns the chain as a gateway stores it
 */
export function caseChain(street: CaseStreet, seed: string, hours: number): readonly ChainEntry[] {
  const { members } = street.context.roster;
  const households = new Map(members.map((member) => [member.id, new Household(street, member)]));
  const entries: ChainEntry[] = [];
  let state = genesisState(street.context);
  while (entries.length < hours) {
    const readings = readingsOf(street, seed, state, households);
    const judged = nextBlock(street, state, entries.at(-1)?.certificate ?? null, readings);
    state = judged.state;
    entries.push({
      height: state.height,
      blockHash: judged.blockHash,
      block: encodeBlock(judged.block),
      certificate: certificateOf(street, judged),
    });
  }
  return entries;
}

function readingsOf(
  { context }: CaseStreet,
  seed: string,
  state: LedgerState,
  households: ReadonlyMap<MemberId, Household>,
): readonly SignedReading[] {
  const interval = state.nextInterval;
  const hour = demandOf(seed, interval);
  return context.roster.members.flatMap(({ id, name }) => {
    const order = state.orders.find((one) => one.member === id && one.interval === interval);
    const energy = obeyed(isDep(name) ? hour[name] : NOTHING, order);
    return households.get(id)?.read(interval, energy) ?? [];
  });
}

function nextBlock(
  street: CaseStreet,
  state: LedgerState,
  parentCertificate: Uint8Array | null,
  readings: readonly SignedReading[],
): JudgedBlock {
  const { context } = street;
  const transactions = parentCertificate === null ? issuesOf(street) : [];
  const proposed = assembleBlock(context, state, {
    parentCertificate,
    claim: mandateFor(seatingOf(context, state), ROUND, null),
    late: [],
    intervals: [readings],
    transactions,
  });
  const judged = judgeBlock(context, state, encodeBlock(proposed.block), ROUND);
  if (judged.kind !== "accept") throw new Error(`block ${proposed.state.height} is refused: ${judged.code}`);
  return judged.value;
}

/** @returns the GridAdmin's coins for each DEP */
function issuesOf({ context, sign }: CaseStreet): readonly SignedTransaction[] {
  const { chainId, epoch } = context.roster;
  return DEPS.map((dep, index) => {
    const content = { kind: "issue", to: memberNamed(context, dep).id, amount: ISSUED } as const;
    const transaction = { signer: GRID_ADMIN, sequence: index + 1, content } as const;
    return { transaction, signature: sign(GRID_ADMIN, transactionSignBytes(transaction, chainId, epoch)) };
  });
}

/** @returns the COMMITs of a quorum, in the order of the roster */
function certificateOf({ context, sign }: CaseStreet, { state, blockHash }: JudgedBlock): Uint8Array {
  const { voters } = context.voters;
  const { byId, chainId, epoch } = context.roster;
  const vote = { kind: "commit", height: state.height, round: ROUND, blockHash, held: NO_ITEMS } as const;
  const signers = voters.slice(0, quorum(voters.length)).map(({ id: voter }) => {
    const name = byId.get(voter as MemberId)?.name ?? "";
    return { voter, held: NO_ITEMS, signature: sign(name, signBytesOf({ ...vote, voter }, chainId, epoch)) };
  });
  return encodeCommitCertificate({ height: state.height, round: ROUND, blockHash, signers }, voters);
}
