/** A chain without energy: blocks that hold a parent, a DSO, a term and a mandate, and nothing else. */
import { fromHex, toHex } from "../../agent/core/bytes.ts";
import type { Office, Seating, VoterId } from "../../agent/core/consensus/candidates.ts";
import { type VerifyContext, verifyRoundChangeCertificate } from "../../agent/core/consensus/certificate.ts";
import {
  decodeRoundChangeCertificate,
  encodeRoundChangeCertificate,
} from "../../agent/core/consensus/certificateCodec.ts";
import { judgeMandate, type Mandate, type MandateClaim } from "../../agent/core/consensus/mandate.ts";
import type { Hash } from "../../agent/core/hash.ts";
import { type Height, type Round, term } from "../../agent/core/units.ts";

/** What a toy block says. */
export type ToyBlock = MandateClaim & { readonly parent: Hash };

/** What a block is judged against. */
export type ToyHead = { readonly height: Height; readonly head: Hash; readonly seating: Seating };

/** @param voters of every height @param office before the block @param termMax blocks of a term @param seed of the order among equals */
export function toySeating(
  voters: readonly VoterId[],
  office: Office | null,
  termMax: number,
  seed: number,
): Seating {
  const bytes = Uint8Array.of(seed & 0xff, (seed >> 8) & 0xff);
  return { voters, office, termMax, ballots: new Map(), demoted: new Set(), seed: bytes };
}

/** @param block to write @param variant tells blocks apart that say the same @param context names the voters @returns its bytes */
export function encodeToyBlock(block: ToyBlock, variant: number, context: VerifyContext): Uint8Array {
  const { parent, dso, term: terms, mandate } = block;
  const proof =
    mandate.kind === "recall" ? toHex(encodeRoundChangeCertificate(mandate.certificate, context.voters)) : "";
  return new TextEncoder().encode([parent, dso, terms, mandate.kind, proof, variant].join(" "));
}

/** @param body as proposed @param height of it @param context voters and verifier @returns the block, undefined when malformed or forged */
export function parseToyBlock(
  body: Uint8Array,
  height: Height,
  context: VerifyContext,
): ToyBlock | undefined {
  const [parent, dso, terms, kind, proof] = new TextDecoder().decode(body).split(" ");
  if (parent === undefined || dso === undefined || kind === undefined) return undefined;
  const claim = { parent: parent as Hash, dso, term: term(Number(terms)) };
  if (kind !== "recall") return { ...claim, mandate: { kind } as Mandate };
  const decoded = decodeRoundChangeCertificate(fromHex(proof ?? ""), height, context.voters);
  if (decoded.kind !== "accept") return undefined;
  if (verifyRoundChangeCertificate(decoded.value, context).kind !== "accept") return undefined;
  return { ...claim, mandate: { kind, certificate: decoded.value } };
}

/** @param body as proposed @param at what it must follow @param freshRound as `judgeMandate` takes it @param context voters and verifier */
export function isRightBlock(
  body: Uint8Array,
  at: ToyHead,
  freshRound: Round | null,
  context: VerifyContext,
): boolean {
  const block = parseToyBlock(body, at.height, context);
  if (block === undefined || block.parent !== at.head) return false;
  return judgeMandate(at.seating, at.height, block, freshRound).kind === "accept";
}
