/**
 * One gateway's signed enrolment: the ledger key binds the transport key, the records key, the meters
 * with their roles and fuels, and the rating of the household's connection.
 */
import { toHex } from "../bytes.ts";
import { bytes, type Cbor, count, encode, list, nullable, oneOf, text, tuple } from "../codec.ts";
import { type Hash, hashOf, ZERO_HASH } from "../hash.ts";
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES, signBytes, type Verify } from "../signature.ts";
import { accept, reject, type Verdict } from "../verdict.ts";
import { isMicrogridId, type MemberId, memberIdOf } from "./address.ts";

/** What a meter measures at the household. */
export const METER_ROLES = ["generation", "consumption", "grid"] as const;
export type MeterRole = (typeof METER_ROLES)[number];

/** What a generation meter's energy was made from. */
export const FUELS = ["solar", "wind", "hydro", "biogas", "diesel", "battery", "grid-mix"] as const;
export type Fuel = (typeof FUELS)[number];

/** The sets of roles that determine E_G and E_C, each sorted. @source docs/market.md, "Quantities" */
export const ROLE_SETS: readonly (readonly MeterRole[])[] = [
  ["consumption", "generation"],
  ["generation", "grid"],
  ["grid"],
  ["consumption"],
  ["generation"],
];

/** One enrolled meter. The fuel is null unless the role is generation. */
export type EnrolledMeter = {
  readonly serial: string;
  readonly role: MeterRole;
  readonly fuel: Fuel | null;
};

/** What a gateway states about itself. */
export type EnrolmentBody = {
  readonly microgridId: string;
  /** Short name for people, a DNS label of at most 32 characters; unique in the microgrid. */
  readonly name: string;
  /** Compressed P-256 key that signs readings and votes. */
  readonly publicKey: Uint8Array;
  /** libp2p PeerId of the transport key. */
  readonly peerId: string;
  /** X25519 public key that access grants are wrapped to. */
  readonly recordsKey: Uint8Array;
  /** Multiaddresses under which the others reach it. */
  readonly addresses: readonly string[];
  readonly meters: readonly EnrolledMeter[];
  /** Rating of the grid connection in W: the bound of any plausible reading. */
  readonly connectionRatingW: number;
  /** Part of the street that its connection hangs on, a feeder or a transformer: a DNS label of at most 32 characters. */
  readonly area: string;
};

/** An enrolment with the signature of its own ledger key. */
export type Enrolment = { readonly body: EnrolmentBody; readonly signature: Uint8Array };

/** Codes an enrolment is refused with. */
export type EnrolmentRefusal = "ENROLMENT_MICROGRID" | "ENROLMENT_ROLES" | "ENROLMENT_FUEL" | "BAD_SIGNATURE";

/** What a gateway may be called, and a part of the street. */
export const MEMBER_NAME = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;
/** Longest encoded enrolment in bytes. */
export const MAX_ENROLMENT_BYTES = 4096;

/** Meters of one gateway. */
export const MAX_METERS = 4;

/** What a meter's serial number may be. */
export const METER_SERIAL = /^[\x21-\x7e]{1,32}$/;
const MAX_SERIAL_CHARACTERS = 32;

/** Decoder of a serial number. */
export const meterSerial = text(MAX_SERIAL_CHARACTERS, METER_SERIAL);

const meterDecoder = (value: unknown): EnrolledMeter => {
  const [serial, role, fuel] = tuple(meterSerial, oneOf(METER_ROLES), nullable(oneOf(FUELS)))(value);
  return { serial, role, fuel };
};

/** Decoder of a signed enrolment. */
export function enrolment(value: unknown): Enrolment {
  const [fields, signature] = tuple(
    tuple(
      text(63),
      text(32, MEMBER_NAME),
      bytes(PUBLIC_KEY_BYTES),
      text(64),
      bytes(32),
      list(text(256), 8),
      list(meterDecoder, MAX_METERS),
      count(1_000_000_000),
      text(32, MEMBER_NAME),
    ),
    bytes(SIGNATURE_BYTES),
  )(value);
  const [microgridId, name, publicKey, peerId, recordsKey, addresses, meters, connectionRatingW, area] =
    fields;
  return {
    body: { microgridId, name, publicKey, peerId, recordsKey, addresses, meters, connectionRatingW, area },
    signature,
  };
}

/** @param enrolled a signed enrolment @returns its place in a message */
export function cborEnrolment(enrolled: Enrolment): Cbor {
  return [cborBody(enrolled.body), enrolled.signature];
}

/** @param body what a gateway states @returns the bytes its ledger key signs */
export function enrolmentSignBytes(body: EnrolmentBody): Uint8Array {
  return signBytes({ type: "enrolment", chainId: ZERO_HASH, epoch: 0, height: 0, round: 0 }, digestOf(body));
}

/** A roster asks it of every enrolment, and each change of who takes part makes another roster. */
const membersOf = new WeakMap<EnrolmentBody, MemberId>();

/** @param body what a gateway states @returns the member it enrols */
export function enrolledMember(body: EnrolmentBody): MemberId {
  const member = membersOf.get(body) ?? memberIdOf(body.publicKey);
  membersOf.set(body, member);
  return member;
}

/**
 * Judges an enrolment on its own: names, roles, fuels, signature.
 *
 * @param enrolled as decoded
 * @param verify judges its signature
 * @returns the same, or why it is refused
 */
export function judgeEnrolment(enrolled: Enrolment, verify: Verify): Verdict<Enrolment, EnrolmentRefusal> {
  const { body, signature } = enrolled;
  if (!isMicrogridId(body.microgridId)) return reject("ENROLMENT_MICROGRID");
  if (!isRoleSet(body.meters.map((meter) => meter.role))) {
    return reject("ENROLMENT_ROLES", body.meters.map((meter) => meter.role).join("+"));
  }
  const misfuelled = body.meters.find((meter) => (meter.fuel !== null) !== (meter.role === "generation"));
  if (misfuelled !== undefined) return reject("ENROLMENT_FUEL", misfuelled.serial);
  if (!verify(body.publicKey, enrolmentSignBytes(body), signature)) return reject("BAD_SIGNATURE");
  return accept(enrolled);
}

/** @param body what a gateway states @returns what no two members of one microgrid may both have, for people */
export function claimsOf(body: EnrolmentBody): readonly string[] {
  return [
    `name ${body.name}`,
    `key ${enrolledMember(body)}`,
    `peer ${body.peerId}`,
    `records key ${toHex(body.recordsKey)}`,
    ...body.meters.map((meter) => `meter ${meter.serial}`),
  ];
}

/** @param roles of one gateway's meters @returns true for a set that determines E_G and E_C */
export function isRoleSet(roles: readonly MeterRole[]): boolean {
  const sorted = [...roles].sort().join("+");
  return ROLE_SETS.some((set) => set.join("+") === sorted);
}

function cborBody(body: EnrolmentBody): Cbor {
  return [
    body.microgridId,
    body.name,
    body.publicKey,
    body.peerId,
    body.recordsKey,
    body.addresses,
    body.meters.map((meter) => [meter.serial, meter.role, meter.fuel]),
    body.connectionRatingW,
    body.area,
  ];
}

function digestOf(body: EnrolmentBody): Hash {
  return hashOf(encode(cborBody(body)));
}
