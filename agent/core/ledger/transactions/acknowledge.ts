/** What an acknowledgement does: the order that it names, its signer's own and not yet settled, carries it from then on. */
import { maxOf, type StandingOrder } from "../../market/curtail.ts";
import { accept, reject, type Verdict } from "../../verdict.ts";
import type { LedgerState } from "../state/state.ts";
import type { TransactionContent, TransactionSigner } from "../state/transaction.ts";

/** Codes an acknowledgement has no effect with. */
export type AcknowledgeRefusal = "ACKNOWLEDGE_NO_ORDER" | "ACKNOWLEDGE_TWICE";

/** What names an order of its signer. */
export type Acknowledgement = Extract<TransactionContent, { kind: "acknowledge" }>;

/**
 * @param state before the transaction
 * @param signer of it
 * @param content which order
 * @returns the state with the order acknowledged, or why it is not
 * @source docs/market.md, "Compliance"
 */
export function acknowledge(
  state: LedgerState,
  signer: TransactionSigner,
  content: Acknowledgement,
): Verdict<LedgerState, AcknowledgeRefusal> {
  const isMeant = (order: StandingOrder) =>
    order.member === signer &&
    order.interval === content.interval &&
    order.kind === content.order &&
    maxOf(order) === content.max;
  const named = state.orders.find(isMeant);
  if (named === undefined) return reject("ACKNOWLEDGE_NO_ORDER");
  if (named.acknowledged) return reject("ACKNOWLEDGE_TWICE");
  const orders = state.orders.map((order) => (order === named ? { ...order, acknowledged: true } : order));
  return accept({ ...state, orders });
}
