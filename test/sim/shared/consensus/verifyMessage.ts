/** One verification of a message that all receivers decoded to the same object. */
import * as original from "../../../../agent/core/consensus/verifyMessage.ts";
import { shared } from "../sharedWork.ts";

export * from "../../../../agent/core/consensus/verifyMessage.ts";
export const verifyMessage: typeof original.verifyMessage = shared(original.verifyMessage);
