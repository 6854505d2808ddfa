/**
 * What a simulated gateway asks for by itself, by the product's rules and without promises: its vote, when it has lost
 * it; that it is there, and its vote back, when certificates passed over it; a suspension, when it is in office.
 */
import type { SignedTransaction, TransactionContent } from "../../agent/core/ledger/state/transaction.ts";
import { presenceDue } from "../../agent/services/participation/presence.ts";
import type { TransactionPool } from "../../agent/services/pools/transactionPool.ts";
import { simTransaction } from "./censorship.ts";
import type { Gateway } from "./gateway.ts";
import type { SimLedger } from "./simLedger.ts";
import { SimRejoin } from "./simRejoin.ts";

/** What one life asks with. */
export type OwnRequestsModules = {
  readonly gateway: Gateway;
  /** Names the life. */
  readonly life: string;
  readonly ledger: SimLedger;
  readonly transactions: TransactionPool;
  readonly isBehind: () => boolean;
  /** Hears that the vote is back above a block; it counts once that is durable. */
  readonly onReturn: () => void;
};

/** @param modules of a life that begins */
export function startOwnRequests(modules: OwnRequestsModules): void {
  const { gateway, life, ledger, isBehind, onReturn } = modules;
  const { id: self } = gateway.options.member;
  const waiting = () => waitingOf(modules);
  const submit = (content: TransactionContent) =>
    gateway.submit((sequence) => simTransaction(gateway, sequence, content));
  ledger.onCommit(() => {
    const due = isBehind() ? null : presenceDue(ledger.state, ledger.next.roster, self);
    const isAsked = waiting().some(({ transaction }) => transaction.content.kind === due?.kind);
    if (due !== null && !isAsked) submit(due);
  });
  if (!gateway.options.asksBack) return;
  const isAmnesiac = () => gateway.isObserver && !gateway.disk.journal.isRenounced;
  new SimRejoin({
    self,
    life,
    ledger,
    isAmnesiac,
    isBehind,
    waiting,
    submit,
    onReturn: (height) => {
      gateway.disk.resume(height);
      onReturn();
    },
  }).start();
}

function waitingOf({ gateway, transactions }: OwnRequestsModules): readonly SignedTransaction[] {
  const { id } = gateway.options.member;
  return transactions.held().filter(({ transaction }) => transaction.signer === id);
}
