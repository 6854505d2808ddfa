/** Answers what the local API asks about office, evidence and transactions. */
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import type { SignedTransaction, TransactionContent } from "../../core/ledger/state/transaction.ts";
import type { MemberId } from "../../core/membership/address.ts";
import { accept } from "../../core/verdict.ts";
import type { Clock } from "../../ports/clock.ts";
import type { GovernanceApi } from "../../ports/governanceView.ts";
import type { LedgerStore } from "../../ports/ledgerStore.ts";
import { takeTransaction } from "../exchange/inbox.ts";
import type { LedgerService } from "../ledger/ledger.ts";
import { type SwappedMetering, swapMeter } from "../participation/meterSwaps.ts";
import type { TransactionPool } from "../pools/transactionPool.ts";
import { dsoView, evidenceViews, namesOf, transactionView } from "./governanceView.ts";

/** What the answers are made from. */
export type GovernanceApiModules = {
  readonly context: LedgerContext;
  readonly self: MemberId;
  readonly ledger: LedgerService;
  readonly store: LedgerStore;
  readonly transactions: TransactionPool;
  readonly submit: (content: TransactionContent) => Promise<SignedTransaction>;
  readonly clock: Clock;
  readonly metering: () => SwappedMetering | null;
  /** Hands a transaction to the other gateways. */
  readonly publish: (signed: SignedTransaction) => void;
};

/** @param modules of the agent @returns its answers */
export function governanceApi(modules: GovernanceApiModules): GovernanceApi {
  const { context, self, ledger, store, submit, publish } = modules;
  return {
    dso: async () => dsoView(context, ledger.state, self),
    evidence: () => evidenceViews(context, ledger.state, store),
    castBallot: async (candidate) => {
      const { members } = ledger.next.roster;
      const voter = members.find(({ name, isVoter }) => isVoter && name === candidate);
      if (candidate !== null && voter === undefined) return null;
      const signed = await submit({ kind: "ballot", candidate: voter?.id ?? null });
      return transactionView(signed, namesOf(ledger.next));
    },
    swapMeter: async (request) => {
      const stated = await swapMeter(modules, request);
      return stated.kind === "accept" ? accept(transactionView(stated.value, namesOf(ledger.next))) : stated;
    },
    take: (signed) => {
      const taken = takeTransaction(modules, signed);
      if (taken.kind !== "accept") return taken;
      publish(signed);
      return accept(transactionView(signed, namesOf(ledger.next)));
    },
  };
}
