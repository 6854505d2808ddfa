/** A signed reading of the ledger, taken apart: signature, registers, and the raw frames where this gateway keeps them. */
import type { Hash } from "../core/hash.ts";
import type { BlockHeader } from "../core/ledger/blocks/block.ts";
import type { StreetBook } from "../core/ledger/reports/streetBook.ts";
import type { EnrolledMeter } from "../core/membership/enrolment.ts";
import { readingSignBytes, type SignedReading } from "../core/metering/reading.ts";
import type { Verify } from "../core/signature.ts";
import { type FrameView, keptFrames } from "./ledgerFrames.ts";
import type { LedgerSource } from "./ledgerSource.ts";

/** Registers of one meter at both ends, in Wh. */
export type MeterProof = {
  readonly serial: string;
  readonly role: string;
  readonly fuel: string | null;
  readonly startWh: readonly number[];
  readonly endWh: readonly number[];
};

/**
 * What became of the raw frames: they are those that were signed, others stand in their place, they are not kept any
 * more, another household's gateway has them, or the reading was decoded from none of its own.
 */
export type FramesVerdict = "equal" | "differ" | "not-kept" | "kept-by-its-gateway" | "none";

/** One reading, proven as far as it can be from here. */
export type ReadingProof = {
  readonly member: string;
  readonly interval: number;
  readonly kind: "measured" | "missing" | "spanning";
  readonly sequence: number;
  readonly boot: number;
  readonly time: string;
  readonly isSignatureValid: boolean;
  readonly generatedWh: number | null;
  readonly consumedWh: number | null;
  readonly positionWh: number | null;
  readonly meters: readonly MeterProof[];
  readonly framesHash: Hash | null;
  readonly frames: { readonly verdict: FramesVerdict; readonly kept: readonly FrameView[] };
};

/** What a proof is made with. */
export type ProofModules = {
  readonly source: LedgerSource;
  readonly verify: Verify;
  readonly book: StreetBook;
  /** Name of the gateway that is asked: only its own frames are here. */
  readonly self: string;
};

/** @param modules of the gateway @param header of the block that holds it @param signed the reading @returns its proof */
export async function readingProof(
  modules: ProofModules,
  { chainId, epoch }: Pick<BlockHeader, "chainId" | "epoch">,
  signed: SignedReading,
): Promise<ReadingProof> {
  const { reading, signature } = signed;
  const { content, member, interval, sequence, boot, time } = reading;
  const household = modules.book.households.get(member);
  const isSignatureValid =
    household !== undefined &&
    modules.verify(household.publicKey, readingSignBytes(reading, chainId, epoch), signature);
  const isMeasured = content.kind === "measured";
  return {
    member: household?.name ?? member,
    interval,
    kind: content.kind,
    sequence,
    boot,
    time,
    isSignatureValid,
    generatedWh: isMeasured ? Number(content.generated) : null,
    consumedWh: isMeasured ? Number(content.consumed) : null,
    positionWh: isMeasured ? Number(content.position) : null,
    meters: content.kind === "missing" ? [] : metersOf(content.meters, household?.meters ?? []),
    framesHash: isMeasured ? content.framesHash : null,
    frames: await framesOf(modules, household?.name ?? null, isMeasured ? content.framesHash : null),
  };
}

function metersOf(
  registers: readonly {
    readonly meter: number;
    readonly start: readonly bigint[];
    readonly end: readonly bigint[];
  }[],
  enrolled: readonly EnrolledMeter[],
): readonly MeterProof[] {
  return registers.map(({ meter, start, end }) => ({
    serial: enrolled[meter]?.serial ?? `meter ${meter}`,
    role: enrolled[meter]?.role ?? "unknown",
    fuel: enrolled[meter]?.fuel ?? null,
    startWh: start.map(Number),
    endWh: end.map(Number),
  }));
}

async function framesOf(
  { source, self }: ProofModules,
  owner: string | null,
  framesHash: Hash | null,
): Promise<ReadingProof["frames"]> {
  if (framesHash === null) return { verdict: "none", kept: [] };
  if (owner !== self) return { verdict: "kept-by-its-gateway", kept: [] };
  const found = await keptFrames(source, framesHash);
  if (found === null) return { verdict: "not-kept", kept: [] };
  return { verdict: found.equal ? "equal" : "differ", kept: found.frames };
}
