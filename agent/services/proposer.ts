/** What a DSO does once it is to build: waits for its clock, fetches what its block owes, or proposes. */
import type { VoterId } from "../core/consensus/candidates.ts";
import { type Holding, type Item, itemsOf } from "../core/consensus/item.ts";
import type { Justification } from "../core/consensus/message.ts";
import type { Hash } from "../core/hash.ts";
import { encodeBlock } from "../core/ledger/block.ts";
import type { LedgerContext } from "../core/ledger/context.ts";
import { holdingAfter } from "../core/ledger/heldItems.ts";
import { judgeCertificate } from "../core/ledger/judgeBlock.ts";
import { describeItem } from "../core/ledger/owedItems.ts";
import type { Round } from "../core/units.ts";
import type { Clock } from "../ports/clock.ts";
import { buildProposal, cutOffMs, lackedItems, type ProposalInput } from "./dso.ts";
import type { LedgerService } from "./ledger.ts";
import type { ReadingPool } from "./readingPool.ts";

/** What a proposal is made from. */
export type ProposerModules = {
  readonly context: LedgerContext;
  readonly ledger: Pick<LedgerService, "state" | "headCertificate">;
  readonly pool: ReadingPool;
  readonly clock: Pick<Clock, "nowMs">;
};

/** The next step to a proposal. */
export type ProposalStep =
  /** Its own clock has not passed the cut-off. */
  | { readonly kind: "early"; readonly waitMs: number }
  /** An item that the block owes is not here; these voters say that they hold it. */
  | { readonly kind: "lacks"; readonly item: string; readonly holders: ReadonlySet<VoterId> }
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
  { context, ledger, pool, clock }: ProposerModules,
  { round, justification }: { readonly round: Round; readonly justification: Justification | null },
): ProposalStep {
  const { state, headCertificate } = ledger;
  const nowMs = clock.nowMs();
  // A DSO votes for its own block unjudged: one that comes into office too soon by its clock waits.
  const waitMs = Math.min(cutOffMs(context, state) - nowMs, context.genesis.intervalMs);
  if (waitMs > 0) return { kind: "early", waitMs };
  const input: ProposalInput = { context, state, headCertificate, pool, round, justification, nowMs };
  const [lacked] = lackedItems(input);
  if (lacked !== undefined)
    return { kind: "lacks", item: describeItem(context, state, lacked), holders: holdersOf(input, lacked) };
  const { block, state: after } = buildProposal(input);
  const holding = holdingAfter(context, after, pool.of(after.nextInterval));
  return { kind: "built", blockHash: after.head, body: encodeBlock(block), holding };
}

/** Who says in the certificates of the block that it holds the item. */
function holdersOf(
  { context, state, headCertificate, justification }: ProposalInput,
  { kind, position, signer }: Item,
): ReadonlySet<VoterId> {
  const parent = headCertificate === null ? null : judgeCertificate(context, state, headCertificate);
  const lists = [
    ...(parent?.kind === "accept" ? parent.value.signers : []).map(({ voter, held }) => ({
      voter,
      list: held,
    })),
    ...(justification?.roundChanges.signers ?? []).map(({ voter, named }) => ({ voter, list: named })),
  ];
  const names = (item: Item) => item.kind === kind && item.position === position && item.signer === signer;
  return new Set(lists.filter(({ list }) => itemsOf(list).some(names)).map(({ voter }) => voter));
}
