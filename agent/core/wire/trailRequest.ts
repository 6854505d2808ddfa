/**
 * Asks for the changes of the roster between two heights, on the stream that summaries go over: whoever takes a snapshot
 * follows them to the voters that certified it.
 *
 * @source docs/protocol.md, "Snapshots"
 */
import { equalBytes } from "../bytes.ts";
import { bytes, count, type DecodeRefusal, decode, encode, oneOf, tuple } from "../codec.ts";
import type { Roster } from "../membership/roster.ts";
import { type Height, height } from "../units.ts";
import { accept, ignore, reject, type Verdict } from "../verdict.ts";
import { CHAIN_MARK_BYTES, chainMark } from "./chainMark.ts";

/** Which changes are wanted: those that blocks above `above` hold, up to `until`. */
export type TrailRequest = { readonly above: Height; readonly until: Height };

/** Codes a request is refused with. */
export type TrailRequestRefusal = DecodeRefusal | "WRONG_MICROGRID" | "WRONG_EPOCH";

/** Longest request: five short fields. */
export const MAX_TRAIL_REQUEST_BYTES = 64;

/** Tells it from a summary and from a request for a snapshot, which begin with 1 and 2. */
const KIND = 3;

/** @param request what is wanted @param roster of the microgrid @returns its bytes */
export function encodeTrailRequest({ above, until }: TrailRequest, { chainId, epoch }: Roster): Uint8Array {
  return encode([KIND, chainMark(chainId), epoch, above, until]);
}

/** @param received a request of any kind @returns true when it can only be one for a trail */
export function isTrailRequest(received: Uint8Array): boolean {
  return received.length <= MAX_TRAIL_REQUEST_BYTES && received[1] === KIND;
}

/** @param received untrusted @param roster of this microgrid @returns the request, or why it is none of ours */
export function readTrailRequest(
  received: Uint8Array,
  roster: Roster,
): Verdict<TrailRequest, TrailRequestRefusal> {
  const decoded = decode(received, requestDecoder, MAX_TRAIL_REQUEST_BYTES);
  if (decoded.kind !== "accept") return decoded;
  const [, mark, epoch, above, until] = decoded.value;
  if (!equalBytes(mark, chainMark(roster.chainId))) return reject("WRONG_MICROGRID");
  if (epoch !== roster.epoch) return ignore("WRONG_EPOCH", `${epoch}`);
  return accept({ above: height(above), until: height(until) });
}

const requestDecoder = tuple(oneOf([KIND]), bytes(CHAIN_MARK_BYTES), count(), count(), count());
