/** What a DSO does once it is to build: waits for its clock, fetches what its block owes, or proposes. */
import type { VoterId } from "../../core/consensus/candidates.ts";
import { encodeCommitCertificate } from "../../core/consensus/certificateCodec.ts";
import { type Holding, type Item, type ItemList, namesAny } from "../../core/consensus/item.ts";
import type { Justification } from "../../core/consensus/message.ts";
import { holdingAgeMs } from "../../core/consensus/roundTrip.ts";
import { graceMs } from "../../core/consensus/timing.ts";
import type { Hash } from "../../core/hash.ts";
import { encodeBlock } from "../../core/ledger/blocks/block.ts";
import { judgeCertificate } from "../../core/ledger/blocks/judgeBlock.ts";
import { describeItem } from "../../core/ledger/blocks/owedItems.ts";
import { contextAt, type LedgerContext } from "../../core/ledger/state/context.ts";
import type { Round } from "../../core/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { LedgerService } from "../ledger/ledger.ts";
import type { ReadingPool } from "../pools/readingPool.ts";
import type { TransactionPool } from "../pools/transactionPool.ts";
import { holdingOf } from "./blockJudge.ts";
import { buildProposal, cutOffMs, lackedItems, type ProposalInput } from "./dso.ts";
import type { ParentCommits } from "./parentCommits.ts";
import type { RoundTrips } from "./roundTrips.ts";

/** What a proposal is made from. */
export type ProposerModules = {
  readonly context: LedgerContext;
  readonly ledger: Pick<LedgerService, "state" | "headCertificate">;
  readonly pool: ReadingPool;
  readonly transactions: TransactionPool;
  readonly commits: Pick<ParentCommits, "choose">;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs">;
  readonly roundTrips: Pick<RoundTrips, "estimateMs">;
};

/** The next step to a proposal. */
export type ProposalStep =
  /** Its own clock has not passed the cut-off. */
  | { readonly kind: "early"; readonly waitMs: number }
  /** An item that the block owes is not here; these voters say that they hold it. */
  | {
      readonly kind: "lacks";
      readonly items: readonly Item[];
      /** The first of them, for people. */
      readonly words: string;
      readonly holders: ReadonlySet<VoterId>;
    }
  | {
      readonly kind: "built";
      readonly blockHash: Hash;
      readonly body: Uint8Array;
      readonly holding: Holding;
    };

/**
 * @param modules chain, head, pool and clock
 * @param office the round, and the mandate of one above 0
 * @returns what to do next
 */
export function nextProposalStep(
  modules: ProposerModules,
  { round, justification }: { readonly round: Round; readonly justification: Justification | null },
): ProposalStep {
  const { context, ledger, clock } = modules;
  const nowMs = clock.nowMs();
  // A DSO votes for its own block unjudged: one that comes into office too soon by its clock waits.
  const waitMs = Math.min(cutOffMs(context, ledger.state) - nowMs, context.genesis.intervalMs);
  if (waitMs > 0) return { kind: "early", waitMs };
  const { input, lacked } = withCertificate(modules, { round, justification, nowMs });
  const [first] = lacked;
  if (first !== undefined) {
    const words = describeItem(context, ledger.state, first);
    return { kind: "lacks", items: lacked, words, holders: holdersOf(input, lacked) };
  }
  const { block, state: after } = buildProposal(input);
  return {
    kind: "built",
    blockHash: after.head,
    body: encodeBlock(block),
    holding: holdingOf(modules, after),
  };
}

/** Embeds a certificate that owes nothing that is not at hand, if the COMMITs here allow it. */
function withCertificate(
  modules: ProposerModules,
  office: Pick<ProposalInput, "round" | "justification" | "nowMs">,
): { readonly input: ProposalInput; readonly lacked: readonly Item[] } {
  const { context, ledger, pool, transactions, commits } = modules;
  const { state, headCertificate } = ledger;
  const { voters } = contextAt(context, state, state.height).voters;
  const ids = voters.map((voter) => voter.id);
  const inputWith = (lacked: readonly Item[]): ProposalInput => {
    const chosen = commits.choose(state.head, ids, lacked);
    const certificate = chosen === null ? headCertificate : encodeCommitCertificate(chosen, voters);
    const voidedByMs = voidedUntilMs(modules);
    return { context, state, headCertificate: certificate, pool, transactions, voidedByMs, ...office };
  };
  const input = inputWith([]);
  const lacked = lackedItems(input);
  const other = lacked.length === 0 ? input : inputWith(lacked);
  return { input: other, lacked: lackedItems(other) };
}

/**
 * A reading is left out for a contradiction only when everybody has had the time to hear of it: else a member could
 * have a DSO recalled that it alone tells, just before the proposal.
 */
function voidedUntilMs({ context, clock, roundTrips }: ProposerModules): number {
  return clock.monotonicMs() - holdingAgeMs(graceMs(context.genesis.intervalMs), roundTrips.estimateMs());
}

/** Who says in the certificates of the block that it holds one of the items. */
function holdersOf(
  { context, state, headCertificate, justification }: ProposalInput,
  items: readonly Item[],
): ReadonlySet<VoterId> {
  const parent = headCertificate === null ? null : judgeCertificate(context, state, headCertificate);
  const lists: readonly { readonly voter: VoterId; readonly list: ItemList }[] = [
    ...(parent?.kind === "accept" ? parent.value.signers : []).map(({ voter, held }) => ({
      voter,
      list: held,
    })),
    ...(justification?.roundChanges.signers ?? []).map(({ voter, named }) => ({ voter, list: named })),
  ];
  return new Set(lists.filter(({ list }) => namesAny(list, items)).map(({ voter }) => voter));
}
