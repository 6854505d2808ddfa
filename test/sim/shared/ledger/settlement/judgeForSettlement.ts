/** One judgement of the same reading on the same state. */
import * as original from "../../../../../agent/core/ledger/settlement/judgeForSettlement.ts";
import { shared } from "../../sharedWork.ts";

export * from "../../../../../agent/core/ledger/settlement/judgeForSettlement.ts";
export const judgeForSettlement: typeof original.judgeForSettlement = shared(original.judgeForSettlement);
