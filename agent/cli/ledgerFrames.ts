/** The raw frames behind an own reading of the ledger, held against what the reading signs. */
import type { Hash } from "../core/hash.ts";
import { type Block, readBlock } from "../core/ledger/blocks/block.ts";
import { type MemberId, memberIdOf } from "../core/membership/address.ts";
import type { Roster } from "../core/membership/roster.ts";
import { framesHashOf } from "../core/metering/delta.ts";
import type { Measured } from "../core/metering/reading.ts";
import { type Height, height, type IntervalIndex } from "../core/units.ts";
import type { KeptFrame } from "../ports/frameStore.ts";
import { CliError } from "./cliError.ts";
import { hexText } from "./hexText.ts";
import type { LedgerSource } from "./ledgerSource.ts";
import { readOwnEnrolment } from "./ownEnrolment.ts";

/** What is shown: frames in hex, and both hashes. */
export type FramesView = {
  readonly schema: "edso.ledger-frames/1";
  readonly interval: number;
  /** Of the block that holds the reading. */
  readonly height: number;
  /** As the reading in the block has it. */
  readonly signedFramesHash: Hash;
  /** Computed anew from the answers below. */
  readonly framesHash: Hash;
  readonly equal: boolean;
  readonly frames: readonly FrameView[];
};

export type FrameView = {
  readonly boundary: "start" | "end";
  readonly meter: number;
  readonly receivedAt: string;
  readonly unit: number | null;
  readonly function: number | null;
  readonly request: string;
  readonly response: string;
};

type Signed = { readonly height: Height; readonly content: Measured };

/**
 * @param roster of the genesis
 * @param name of this gateway
 * @param dataDirectory with the enrolment of one that was admitted later
 * @returns which member it is
 * @throws CliError `LEDGER_NO_READING` when it is enrolled nowhere
 */
export async function ownMember(roster: Roster, name: string, dataDirectory: string): Promise<MemberId> {
  const member = roster.members.find((candidate) => candidate.name === name);
  if (member !== undefined) return member.id;
  const own = await readOwnEnrolment(dataDirectory);
  if (own === null) throw new CliError("LEDGER_NO_READING", { name, why: `${name} is not enrolled` });
  return memberIdOf(own.body.publicKey);
}

/**
 * @param source of blocks and frames
 * @param self this gateway
 * @param interval of the reading
 * @returns its frames; whether they are those that were signed is for the caller to look at
 * @throws CliError `LEDGER_NO_READING`, `LEDGER_DAMAGED`, `FRAMES_NOT_KEPT`
 */
export async function ownFrames(
  source: LedgerSource,
  self: MemberId,
  interval: IntervalIndex,
): Promise<FramesView> {
  const { height: at, content } = await signedReadingOf(source, self, interval);
  const signedFramesHash = content.framesHash;
  const found = await keptFrames(source, signedFramesHash);
  if (found === null) throw new CliError("FRAMES_NOT_KEPT", { interval, height: at, signedFramesHash });
  return { schema: "edso.ledger-frames/1", interval, height: at, signedFramesHash, ...found };
}

/**
 * @param source of frames
 * @param signedFramesHash as a reading has it
 * @returns what is kept under that hash, and whether it is what was signed; null when nothing is
 */
export async function keptFrames(
  source: LedgerSource,
  signedFramesHash: Hash,
): Promise<Pick<FramesView, "framesHash" | "equal" | "frames"> | null> {
  const found = await source.frames(signedFramesHash);
  if (found === null) return null;
  const framesHash = framesHashOf(found.frames.map(({ response }) => response));
  return { framesHash, equal: framesHash === signedFramesHash, frames: found.frames.map(frameView) };
}

/** @param view to be printed @returns lines for people */
export function framesText(view: FramesView): string {
  const verdict = view.equal ? "equal to" : "NOT equal to";
  return [
    `interval ${view.interval}, block ${view.height}`,
    ...view.frames.flatMap(frameText),
    `SHA-256 over ${view.frames.length} answers: ${view.framesHash}`,
    `${verdict} what the signed reading says: ${view.signedFramesHash}`,
    "",
  ].join("\n");
}

/** @param frame kept @returns its lines for people */
export function frameText(frame: FrameView): readonly string[] {
  const { boundary, meter, unit, receivedAt, request, response } = frame;
  return [
    `  ${boundary} · meter ${meter} · unit ${told(unit)} · function ${told(frame.function)} · ${receivedAt}`,
    `    asked     ${request}`,
    `    answered  ${response}`,
  ];
}

/** Newest first: a late reading is in a later block than its interval, none is in an earlier one. */
async function signedReadingOf(
  source: LedgerSource,
  self: MemberId,
  interval: IntervalIndex,
): Promise<Signed> {
  const newest = (await source.head())?.height ?? 0;
  for (let at = newest; at > 0; at -= 1) {
    const stored = await source.block(height(at));
    if (stored === null) break;
    const read = readBlock(stored.block);
    if (read.kind !== "accept") throw new CliError("LEDGER_DAMAGED", { height: at, reason: read.code });
    const content = measuredIn(read.value, self, interval);
    if (content !== null) return { height: height(at), content };
    if (read.value.header.to < interval) break;
  }
  throw new CliError("LEDGER_NO_READING", { interval, newestHeight: newest });
}

function measuredIn({ body }: Block, self: MemberId, interval: IntervalIndex): Measured | null {
  const settled = body.intervals.flatMap(({ readings }) => readings);
  for (const { reading } of [...settled, ...body.late.map(({ signed }) => signed)]) {
    const { member, content } = reading;
    if (member === self && reading.interval === interval && content.kind === "measured") return content;
  }
  return null;
}

/** Unit and function stand first in every RTU frame. */
function frameView({ boundary, meter, receivedAtMs, request, response }: KeptFrame): FrameView {
  return {
    boundary,
    meter,
    receivedAt: new Date(receivedAtMs).toISOString(),
    unit: response[0] ?? null,
    function: response[1] ?? null,
    request: hexText(request),
    response: hexText(response),
  };
}

function told(value: number | null): string {
  return value === null ? "unknown" : String(value);
}
