/** What this gateway names in every ROUND_CHANGE of the height that begins. */
import type { ItemList } from "../../core/consensus/item.ts";
import { namedAtCutOff } from "../../core/ledger/blocks/completeness.ts";
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import type { Clock } from "../../ports/clock.ts";
import type { LedgerService } from "../ledger/ledger.ts";
import type { ReadingPool } from "../pools/readingPool.ts";
import type { TransactionPool } from "../pools/transactionPool.ts";
import { middleOfGraceMs, monotonicAt } from "./blockJudge.ts";

/** @param modules chain, head, pool and clock @returns what was held in the middle of the grace */
export function namedNow(modules: {
  readonly context: LedgerContext;
  readonly ledger: Pick<LedgerService, "state">;
  readonly pool: Pick<ReadingPool, "since">;
  readonly transactions: Pick<TransactionPool, "since">;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs">;
}): ItemList {
  const { context, ledger, pool, transactions, clock } = modules;
  const { state } = ledger;
  const { nextInterval } = state;
  const byMs = monotonicAt(clock, middleOfGraceMs(context, nextInterval));
  const held = { readings: pool.since(nextInterval), transactions: transactions.since(state) };
  return namedAtCutOff(context, state, held, byMs);
}
