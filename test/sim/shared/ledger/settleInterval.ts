/** One judgement of a reading on the same state, and one settlement of the same readings. */
import * as original from "../../../../agent/core/ledger/settleInterval.ts";
import { shared } from "../sharedWork.ts";

export * from "../../../../agent/core/ledger/settleInterval.ts";
export const judgeForSettlement: typeof original.judgeForSettlement = shared(original.judgeForSettlement);
export const settleInterval: typeof original.settleInterval = shared(original.settleInterval);
