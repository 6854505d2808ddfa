/** The raw frames of one own reading, as the local API sends them. */
import type { Context } from "hono";
import { type Hash, isHash } from "../../core/hash.ts";
import { intervalIndex, unixMs } from "../../core/units.ts";
import type { AgentView } from "../../ports/agentView.ts";
import type { FrameSet, KeptFrame } from "../../ports/frameStore.ts";

/** `GET /api/v1/frames/:hash`: frames in hex, instants in Unix ms. */
type WireFrames = {
  readonly schema: "edso.frames/1";
  readonly framesHash: Hash;
  readonly interval: number;
  readonly frames: readonly WireFrame[];
};

type WireFrame = Pick<KeptFrame, "meter" | "boundary"> & {
  readonly receivedAtMs: number;
  readonly request: string;
  readonly response: string;
};

/** Whole bytes. */
const HEX = /^([0-9a-f]{2})*$/;

/** @param context of the request @param view of the agent @returns the frames, or why there are none */
export async function sendFrames(context: Context, view: AgentView): Promise<Response> {
  const framesHash = context.req.param("hash") ?? "";
  if (!isHash(framesHash)) {
    const message = "a hash is 64 digits of lower-case hex";
    return context.json({ code: "API_BAD_HASH", message }, 400);
  }
  const found = await view.frames(framesHash);
  if (found === null) {
    const message = "no frames are kept under that hash";
    return context.json({ code: "API_NO_SUCH_FRAMES", message }, 404);
  }
  return context.json(wireFrames(found));
}

/** @param answer of an agent @returns true when it is frames */
export function isWireFrames(answer: unknown): answer is WireFrames {
  if (!isRecord(answer) || answer.schema !== "edso.frames/1" || !isCount(answer.interval)) return false;
  const { framesHash, frames } = answer;
  return (
    typeof framesHash === "string" && isHash(framesHash) && Array.isArray(frames) && frames.every(isWireFrame)
  );
}

/** @param wire as received @returns the frames */
export function frameSetOf({ framesHash, interval, frames }: WireFrames): FrameSet {
  return {
    framesHash,
    interval: intervalIndex(interval),
    frames: frames.map((frame) => ({
      meter: frame.meter,
      boundary: frame.boundary,
      receivedAtMs: unixMs(frame.receivedAtMs),
      request: Uint8Array.from(Buffer.from(frame.request, "hex")),
      response: Uint8Array.from(Buffer.from(frame.response, "hex")),
    })),
  };
}

function wireFrames({ framesHash, interval, frames }: FrameSet): WireFrames {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  return {
    schema: "edso.frames/1",
    framesHash,
    interval,
    frames: frames.map(({ meter, boundary, receivedAtMs, request, response }) => ({
      meter,
      boundary,
      receivedAtMs,
      request: hex(request),
      response: hex(response),
    })),
  };
}

function isWireFrame(value: unknown): value is WireFrame {
  if (!isRecord(value) || !isCount(value.meter) || !isCount(value.receivedAtMs)) return false;
  return (
    (value.boundary === "start" || value.boundary === "end") && isHex(value.request) && isHex(value.response)
  );
}

function isHex(value: unknown): boolean {
  return typeof value === "string" && HEX.test(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
