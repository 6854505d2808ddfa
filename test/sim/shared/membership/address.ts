/** One conversion of an address. */
import * as address from "../../../../agent/core/membership/address.ts";
import { shared } from "../sharedWork.ts";

export * from "../../../../agent/core/membership/address.ts";
export const memberIdBytes: typeof address.memberIdBytes = shared(address.memberIdBytes);
export const memberIdFromBytes: typeof address.memberIdFromBytes = shared(address.memberIdFromBytes);
