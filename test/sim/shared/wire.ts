/** One decoding of a gossip message for all who receive it, and one encoding for all who pass it on. */
import * as wire from "../../../agent/core/wire.ts";
import { shared } from "./sharedWork.ts";

export * from "../../../agent/core/wire.ts";
export const readWire: typeof wire.readWire = shared(wire.readWire);
export const encodeReadingMessage: typeof wire.encodeReadingMessage = shared(wire.encodeReadingMessage);
export const encodeVoteMessage: typeof wire.encodeVoteMessage = shared(wire.encodeVoteMessage);
export const encodeTransactionMessage: typeof wire.encodeTransactionMessage = shared(
  wire.encodeTransactionMessage,
);
