/**
 * The signed reading of one gateway for one interval: what is gossiped, put in blocks and proven to raw frames.
 *
 * @source docs/market.md, "Quantities"; docs/protocol.md, "Signatures"
 */
import {
  bytes,
  type Cbor,
  cborHash,
  count,
  type Decoder,
  encode,
  energy,
  hash,
  integer,
  interval,
  list,
  oneOf,
  shape,
  signedEnergy,
  tuple,
} from "../codec.ts";
import { type Hash, hashOf } from "../hash.ts";
import { type MemberId, memberDecoder, memberIdBytes } from "../membership/address.ts";
import { SIGNATURE_BYTES, signBytes } from "../signature.ts";
import type { IntervalIndex, Wh } from "../units.ts";
import type { Registers } from "./energy.ts";

/** How the gateway's clock stood when it signed. */
export const TIME_STATUSES = ["synchronised", "peers", "relative"] as const;
export type TimeStatus = (typeof TIME_STATUSES)[number];

/** Why an interval has no measured energy. */
export const MISSING_REASONS = [
  "meter-timeout",
  "meter-error",
  "port-gone",
  "sample-off-boundary",
  "register-reset",
  "register-absent",
  "no-start-sample",
  "meters-disagree",
  "counter-stuck",
  "meter-swap",
  "meter-other",
] as const;
export type MissingReason = (typeof MISSING_REASONS)[number];

/** Registers of one enrolled meter at both ends of the interval. */
export type MeterRegisters = {
  /** Place of the meter in its member's enrolment. */
  readonly meter: number;
  readonly start: Registers;
  readonly end: Registers;
  /** Coarsest step of the registers, in thousandths of a Wh. */
  readonly resolutionMilliWh: number;
};

/** A measured interval. */
export type Measured = {
  readonly kind: "measured";
  /** When the boundary samples were taken, in ms relative to the interval's start and end. */
  readonly startOffsetMs: number;
  readonly endOffsetMs: number;
  readonly meters: readonly MeterRegisters[];
  readonly carryIn: Wh;
  readonly generated: Wh;
  readonly consumed: Wh;
  /** E_G − E_C; receivers compute it again. */
  readonly position: Wh;
  /** SHA-256 over the raw frames that the registers were decoded from. */
  readonly framesHash: Hash;
};

/** An interval of which nothing is known, and why. Nothing is estimated. */
export type Missing = { readonly kind: "missing"; readonly reason: MissingReason };

/**
 * Closed intervals of which only the registers at the two ends are known: what passed in an outage. The ledger names
 * both ends; that no register was reset between them is what the gateway states.
 */
export type Spanning = {
  readonly kind: "spanning";
  /** The first of the intervals; the reading's own is the last. */
  readonly from: IntervalIndex;
  readonly meters: readonly MeterRegisters[];
};

/** What a gateway states about one interval, or about several at once. */
export type Reading = {
  readonly member: MemberId;
  readonly interval: IntervalIndex;
  /** Counts every reading of this gateway, never reused. */
  readonly sequence: number;
  /** Counts the starts of this gateway: with the sequence it orders readings whatever the clock said. */
  readonly boot: number;
  readonly time: TimeStatus;
  readonly content: Measured | Missing | Spanning;
};

/** A reading with its gateway's signature. */
export type SignedReading = { readonly reading: Reading; readonly signature: Uint8Array };

/** Longest encoded signed reading in bytes. */
export const MAX_READING_BYTES = 512;

const VERSION = 1;
/** A spanning content has as many fields; a measured one has eight. */
const SPANNING_FIELDS = 2;
const offset: Decoder<number> = (value) => Number(integer(-86_400_000n, 86_400_000n)(value));

/** @param signed a signed reading @returns its place in a message */
export function cborReading(signed: SignedReading): Cbor {
  return [cborBody(signed.reading), signed.signature];
}

/** @param signed a signed reading @returns its canonical bytes */
export function encodeReading(signed: SignedReading): Uint8Array {
  return encode(cborReading(signed));
}

/** Decoder of a signed reading. */
export function signedReading(value: unknown): SignedReading {
  const [body, signature] = tuple(reading, bytes(SIGNATURE_BYTES))(value);
  return { reading: body, signature };
}

/** @param body what is stated @returns what identifies it; independent of the signature bytes */
export function readingId(body: Reading): Hash {
  return hashOf(encode(cborBody(body)));
}

/** @param body what is stated @param chainId of the microgrid @param epoch of the roster @returns the bytes to sign */
export function readingSignBytes(body: Reading, chainId: Hash, epoch: number): Uint8Array {
  return signBytes({ type: "reading", chainId, epoch, height: 0, round: 0 }, readingId(body));
}

function cborBody(body: Reading): Cbor {
  return [
    VERSION,
    memberIdBytes(body.member),
    body.interval,
    body.sequence,
    body.boot,
    TIME_STATUSES.indexOf(body.time),
    cborContent(body.content),
  ];
}

function cborContent(content: Reading["content"]): Cbor {
  switch (content.kind) {
    case "missing":
      return MISSING_REASONS.indexOf(content.reason);
    case "measured":
      return cborMeasured(content);
    case "spanning":
      return [content.from, content.meters.map(cborMeter)];
    default:
      return content satisfies never;
  }
}

function cborMeter(meter: MeterRegisters): Cbor {
  return [meter.meter, meter.resolutionMilliWh, ...meter.start, ...meter.end];
}

function cborMeasured(measured: Measured): Cbor {
  return [
    measured.startOffsetMs,
    measured.endOffsetMs,
    measured.meters.map(cborMeter),
    measured.carryIn,
    measured.generated,
    measured.consumed,
    measured.position,
    cborHash(measured.framesHash),
  ];
}

function reading(value: unknown): Reading {
  const [, member, at, sequence, boot, time, content] = tuple(
    oneOf([VERSION]),
    memberDecoder,
    interval,
    count(),
    count(0xffff_ffff),
    indexOf(TIME_STATUSES),
    contentDecoder,
  )(value);
  return {
    member,
    interval: at,
    sequence,
    boot,
    time,
    content,
  };
}

function contentDecoder(value: unknown): Reading["content"] {
  if (typeof value === "number") return { kind: "missing", reason: indexOf(MISSING_REASONS)(value) };
  if (Array.isArray(value) && value.length === SPANNING_FIELDS) {
    const [from, meters] = tuple(interval, list(meterRegisters, 4))(value);
    return { kind: "spanning", from, meters };
  }
  const [startOffsetMs, endOffsetMs, meters, carryIn, generated, consumed, position, framesHash] = tuple(
    offset,
    offset,
    list(meterRegisters, 4),
    signedEnergy,
    energy,
    energy,
    signedEnergy,
    hash,
  )(value);
  return {
    kind: "measured",
    startOffsetMs,
    endOffsetMs,
    meters,
    carryIn,
    generated,
    consumed,
    position,
    framesHash,
  };
}

/** One flat list a meter keeps a reading short: place, resolution, then as many registers at the start as at the end. */
function meterRegisters(value: unknown): MeterRegisters {
  if (!Array.isArray(value) || value.length < 2) throw shape("meter registers", value);
  const [meter, resolutionMilliWh] = tuple(count(3), count(0xffff_ffff))(value.slice(0, 2));
  const registers = list(energy, 4)(value.slice(2));
  if (registers.length % 2 === 1) throw shape("registers in pairs", value);
  const half = registers.length / 2;
  return { meter, start: registers.slice(0, half), end: registers.slice(half), resolutionMilliWh };
}

function indexOf<const T>(options: readonly T[]): Decoder<T> {
  return (value) => {
    const option = options[count(options.length - 1)(value)];
    if (option === undefined) throw shape("index", value);
    return option;
  };
}
