/**
 * States that a meter was swapped: the running interval is the swap's, its reading says so, and what the ledger would
 * refuse is refused before it is signed.
 */

import type {
  SignedTransaction,
  SwapStatement,
  TransactionContent,
} from "../../core/ledger/state/transaction.ts";
import { applyMeterSwap, type SwapEffectRefusal } from "../../core/ledger/transactions/applyMeterSwap.ts";
import type { MemberId } from "../../core/membership/address.ts";
import type { IntervalIndex } from "../../core/units.ts";
import { wh } from "../../core/units.ts";
import { accept, reject, type Verdict } from "../../core/verdict.ts";
import type { Clock } from "../../ports/clock.ts";
import type { SwapRequest } from "../../ports/governanceView.ts";
import type { LedgerService } from "../ledger/ledger.ts";

/** Why a swap is not stated; `SWAP_NOT_NOW` while the clock is not trusted or no meter is read yet. */
export type SwapStatementRefusal = SwapEffectRefusal | "SWAP_NOT_NOW";

/** The metering, as far as a swap is its matter. */
export type SwappedMetering = {
  /** @param place of the enrolment @param newSerial expected there @returns the interval that from now on is stated as the swap's */
  readonly beginSwap: (place: number, newSerial: string) => IntervalIndex;
  /** @param interval that is stated as usual after all */
  readonly forgetSwap: (interval: IntervalIndex) => void;
};

/** What a swap is stated with. */
export type MeterSwapModules = {
  readonly self: MemberId;
  readonly ledger: LedgerService;
  readonly clock: Clock;
  /** Null before the agent has started. */
  readonly metering: () => SwappedMetering | null;
  readonly submit: (content: TransactionContent) => Promise<SignedTransaction>;
};

/**
 * @param modules of this gateway
 * @param request serial numbers and registers
 * @returns the transaction, durable; or why it would have no effect
 * @throws ServiceError `TRANSACTIONS_WAITING`, `TRANSACTION_NOT_DURABLE`
 */
export async function swapMeter(
  { self, ledger, clock, metering, submit }: MeterSwapModules,
  request: SwapRequest,
): Promise<Verdict<SignedTransaction, SwapStatementRefusal>> {
  const service = metering();
  if (service === null || clock.trust() === "unsynchronised") return reject("SWAP_NOT_NOW");
  const meter =
    ledger.next.roster.byId.get(self)?.meters.findIndex(({ role }) => role === request.role) ?? -1;
  if (meter < 0) return reject("SWAP_NOT_METER", request.role);
  const interval = service.beginSwap(meter, request.newSerial);
  const stated = statementOf(request, interval, meter);
  const judged = applyMeterSwap(ledger.next, ledger.state, self, stated);
  if (judged.kind !== "accept") {
    service.forgetSwap(interval);
    return judged;
  }
  return submit({ kind: "meter-swap", ...stated }).then(accept, (error: unknown) => {
    service.forgetSwap(interval);
    throw error;
  });
}

function statementOf(request: SwapRequest, interval: IntervalIndex, meter: number): SwapStatement {
  const { oldSerial, newSerial, oldEndWh, newStartWh } = request;
  const registersOf = (values: readonly number[]) => values.map((value) => wh(BigInt(value)));
  const swap = { interval, meter, oldEnd: registersOf(oldEndWh), newStart: registersOf(newStartWh) };
  return { swap, oldSerial, newSerial };
}
