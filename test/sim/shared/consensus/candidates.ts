/** One order of candidates for all gateways at the same state. */
import * as original from "../../../../agent/core/consensus/candidates.ts";
import { shared } from "../sharedWork.ts";

export * from "../../../../agent/core/consensus/candidates.ts";
export const candidates: typeof original.candidates = shared(original.candidates);
