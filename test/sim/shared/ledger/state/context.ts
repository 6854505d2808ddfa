/** One genesis state of a street, and one seating of a state. */
import * as original from "../../../../../agent/core/ledger/state/context.ts";
import { shared } from "../../sharedWork.ts";

export * from "../../../../../agent/core/ledger/state/context.ts";
export const genesisState: typeof original.genesisState = shared(original.genesisState);
export const seatingOf: typeof original.seatingOf = shared(original.seatingOf);
export const beginBlock: typeof original.beginBlock = shared(original.beginBlock);
