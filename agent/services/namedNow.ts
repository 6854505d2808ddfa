/** What this gateway names in every ROUND_CHANGE of the height that begins. */
import type { ItemList } from "../core/consensus/item.ts";
import { namedAtCutOff } from "../core/ledger/completeness.ts";
import type { LedgerContext } from "../core/ledger/context.ts";
import type { Clock } from "../ports/clock.ts";
import { middleOfGraceMs, monotonicAt } from "./blockJudge.ts";
import type { LedgerService } from "./ledger.ts";
import type { ReadingPool } from "./readingPool.ts";

/** @param modules chain, head, pool and clock @returns what was held in the middle of the grace */
export function namedNow(modules: {
  readonly context: LedgerContext;
  readonly ledger: Pick<LedgerService, "state">;
  readonly pool: Pick<ReadingPool, "since">;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs">;
}): ItemList {
  const { context, ledger, pool, clock } = modules;
  const { nextInterval } = ledger.state;
  const byMs = monotonicAt(clock, middleOfGraceMs(context, nextInterval));
  return namedAtCutOff(context, ledger.state, pool.since(nextInterval), byMs);
}
