/** One settlement of the same readings on the same state. */
import * as original from "../../../../../agent/core/ledger/settlement/settleInterval.ts";
import { shared } from "../../sharedWork.ts";

export * from "../../../../../agent/core/ledger/settlement/settleInterval.ts";
export const settleInterval: typeof original.settleInterval = shared(original.settleInterval);
