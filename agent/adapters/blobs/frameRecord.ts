/**
 * One set of frames as it stands in the ring: a line of its hash, its content and a check over both. Each record brings
 * the newline before it along, so that whatever was torn or spoilt before it ends there.
 */
import {
  bytes,
  type Cbor,
  cborHash,
  count,
  decode,
  encode,
  hash,
  interval,
  list,
  oneOf,
  tuple,
} from "../../core/codec.ts";
import { type Hash, hashOf } from "../../core/hash.ts";
import { unixMs } from "../../core/units.ts";
import type { FrameSet, KeptFrame } from "../../ports/frameStore.ts";
import { FrameStoreError } from "./frameStoreError.ts";

/** Four meters at two boundaries, and 32 requests for each: the longest plan of a definition has far fewer. */
const MAX_FRAMES = 256;
/** Longest RTU frame. @source Modbus over Serial Line V1.02, 2.3 */
const MAX_FRAME_BYTES = 256;
/** {@link MAX_FRAMES} of the longest, and what is told of each. */
const MAX_SET_BYTES = MAX_FRAMES * (2 * MAX_FRAME_BYTES + 24) + 64;
const VERSION = 1;

/** @param set of one reading @returns its record @throws FrameStoreError `FRAMES_TOO_LARGE` */
export function encodeFrameRecord(set: FrameSet): Uint8Array {
  const longestBytes = Math.max(
    0,
    ...set.frames.map(({ request, response }) => Math.max(request.length, response.length)),
  );
  if (set.frames.length > MAX_FRAMES || longestBytes > MAX_FRAME_BYTES)
    throw new FrameStoreError("FRAMES_TOO_LARGE", { frames: set.frames.length, longestBytes });
  const content = [VERSION, cborHash(set.framesHash), set.interval, set.frames.map(cborFrame)];
  const line = `${set.framesHash} ${Buffer.from(encode(content)).toString("base64")}`;
  return Buffer.from(`\n${line} ${checkOf(line)}\n`, "latin1");
}

/** @param file what stands in it @param framesHash which set @returns the newest sound record of it, or null */
export function findFrameRecord(file: Buffer, framesHash: Hash): FrameSet | null {
  const head = `\n${framesHash} `;
  for (let at = file.lastIndexOf(head); at >= 0; at = at === 0 ? -1 : file.lastIndexOf(head, at - 1)) {
    const end = file.indexOf("\n", at + 1);
    const set = decodeLine(file.toString("latin1", at + 1, end < 0 ? file.length : end));
    if (set?.framesHash === framesHash) return set;
  }
  return null;
}

function decodeLine(line: string): FrameSet | null {
  const cut = line.lastIndexOf(" ");
  if (checkOf(line.slice(0, cut)) !== line.slice(cut + 1)) return null;
  const content = Buffer.from(line.slice(line.indexOf(" ") + 1, cut), "base64");
  const read = decode(Uint8Array.from(content), frameSet, MAX_SET_BYTES);
  return read.kind === "accept" ? read.value : null;
}

function checkOf(line: string): Hash {
  return hashOf(Buffer.from(line, "latin1"));
}

function cborFrame({ meter, boundary, receivedAtMs, request, response }: KeptFrame): Cbor {
  return [meter, boundary, Math.trunc(receivedAtMs), request, response];
}

function frameSet(value: unknown): FrameSet {
  const [, framesHash, at, frames] = tuple(
    oneOf([VERSION]),
    hash,
    interval,
    list(keptFrame, MAX_FRAMES),
  )(value);
  return { framesHash, interval: at, frames };
}

function keptFrame(value: unknown): KeptFrame {
  const frame = bytes(0, MAX_FRAME_BYTES);
  const [meter, boundary, receivedAtMs, request, response] = tuple(
    count(3),
    oneOf(["start", "end"]),
    count(),
    frame,
    frame,
  )(value);
  return { meter, boundary, receivedAtMs: unixMs(receivedAtMs), request, response };
}
