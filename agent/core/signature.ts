/**
 * ECDSA on P-256 with SHA-256: the one acceptance rule, the domain-separated bytes to sign,
 * and noble's sign and verify. Bulk verification lives behind the verifier port and must agree.
 *
 * @source docs/protocol.md, "Signatures"
 */
import { p256 } from "@noble/curves/nist.js";
import { type Hash, hashBytes } from "./hash.ts";

/** Length of r‖s in bytes. */
export const SIGNATURE_BYTES = 64;
/** Length of a compressed public key in bytes. */
export const PUBLIC_KEY_BYTES = 33;

/** Every kind of thing a key signs; part of the signed bytes, so that none can be read as another. */
export type SignedType =
  | "reading"
  | "enrolment"
  | "genesis"
  | "recovery"
  | "recovery-report"
  | "transaction"
  | "policy"
  | "proposal"
  | "prepare"
  | "commit"
  | "round-change";

/** Where in the world a signature holds. Height and round are 0 outside the agreement. */
export type SignDomain = {
  readonly type: SignedType;
  readonly chainId: Hash;
  readonly epoch: number;
  readonly height: number;
  readonly round: number;
};

const CURVE_ORDER = p256.Point.Fn.ORDER;
const HALF_ORDER = CURVE_ORDER / 2n;
const DIGEST_BYTES = 32;
const INTEGER_BYTES = 8;
const UTF8 = new TextEncoder();

/**
 * Builds the bytes a key signs: `"EDSO/1/" ‖ type ‖ 0x00 ‖ chainId ‖ epoch ‖ height ‖ round ‖ digest`.
 *
 * @param domain type, chain, epoch, height and round the signature is bound to
 * @param digest of the body that is signed
 * @returns the bytes; integers are 8-byte big-endian
 */
export function signBytes(domain: SignDomain, digest: Hash): Uint8Array {
  const prefix = prefixOf(domain.type);
  const signed = new Uint8Array(prefix.length + 2 * DIGEST_BYTES + 3 * INTEGER_BYTES);
  const view = new DataView(signed.buffer);
  signed.set(prefix);
  let at = prefix.length;
  signed.set(hashBytes(domain.chainId), at);
  at += DIGEST_BYTES;
  for (const value of [domain.epoch, domain.height, domain.round]) {
    view.setBigUint64(at, BigInt(value));
    at += INTEGER_BYTES;
  }
  signed.set(hashBytes(digest), at);
  return signed;
}

/**
 * The rule before any library is called: 64 bytes r‖s, 1 ≤ r < n, 1 ≤ s ≤ n/2, key 33 bytes with 02 or 03.
 *
 * @param publicKey as received
 * @param signature as received
 * @returns false for every other form; never throws
 */
export function isAcceptable(publicKey: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== PUBLIC_KEY_BYTES || (publicKey[0] !== 2 && publicKey[0] !== 3)) return false;
  if (signature.length !== SIGNATURE_BYTES) return false;
  const r = bigEndianInteger(signature.subarray(0, 32));
  const s = bigEndianInteger(signature.subarray(32));
  return r >= 1n && r < CURVE_ORDER && s >= 1n && s <= HALF_ORDER;
}

/**
 * @param publicKey compressed point
 * @param message the signed bytes, not yet hashed
 * @param signature r‖s
 * @returns true when the signature is acceptable and holds; false for everything else
 */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (!isAcceptable(publicKey, signature)) return false;
  try {
    return p256.verify(signature, message, publicKey, { lowS: true, prehash: true });
  } catch {
    return false;
  }
}

/**
 * @param secretKey 32 bytes
 * @param message the bytes to sign, not yet hashed
 * @returns r‖s with low s, deterministic by RFC 6979
 */
export function signMessage(secretKey: Uint8Array, message: Uint8Array): Uint8Array {
  return p256.sign(message, secretKey, { lowS: true, prehash: true });
}

/** @param secretKey 32 bytes @returns the compressed public key */
export function publicKeyOf(secretKey: Uint8Array): Uint8Array {
  return p256.getPublicKey(secretKey, true);
}

/** Judges a signature: the shape that ports and rules pass around. */
export type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

const PREFIXES = new Map<SignedType, Uint8Array>();

function prefixOf(type: SignedType): Uint8Array {
  const known = PREFIXES.get(type);
  if (known !== undefined) return known;
  const prefix = UTF8.encode(`EDSO/1/${type}\0`);
  PREFIXES.set(type, prefix);
  return prefix;
}

function bigEndianInteger(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}
