/** Puts off what only a member does until the ledger admits this gateway. */
import type { MemberId } from "../../core/membership/address.ts";
import type { LedgerService } from "../ledger/ledger.ts";

/**
 * @param ledger opened
 * @param self this gateway
 * @param run called once: at once for a member, else with the block before the first height that it is one at
 * @returns stops waiting
 */
export function onceAdmitted(ledger: LedgerService, self: MemberId, run: () => void): () => void {
  const isAdmitted = () => ledger.next.roster.byId.has(self);
  if (isAdmitted()) {
    run();
    return () => {};
  }
  const stop = ledger.onCommit(() => {
    if (!isAdmitted()) return;
    stop();
    run();
  });
  return stop;
}
