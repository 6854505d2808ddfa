/**
 * Addresses: bech32m text over a hash of a public key, with a prefix per role.
 * A member's full address is the triple `smartMeterAddress.microgridId.gridAdminId` of the paper.
 *
 * @source Dzobo, Malila, Sithole 2021 (the triple); BIP-350 (bech32m)
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bech32m } from "@scure/base";
import { bytes, type Decoder } from "../codec.ts";
import { PUBLIC_KEY_BYTES } from "../signature.ts";
import { accept, reject, type Verdict } from "../verdict.ts";

declare const addressBrand: unique symbol;

/** A gateway's meter address, `meter1…`: who a member is, everywhere inside the product. */
export type MemberId = string & { readonly [addressBrand]: "MemberId" };
/** A GridAdmin's address, `grid1…`. */
export type GridAdminId = string & { readonly [addressBrand]: "GridAdminId" };

/** A member's full address. */
export type MemberAddress = {
  readonly member: MemberId;
  readonly microgridId: string;
  readonly gridAdminId: GridAdminId;
};

/** Codes a text is refused with as an address. */
export type AddressRefusal = "ADDRESS_PARTS" | "ADDRESS_METER" | "ADDRESS_MICROGRID" | "ADDRESS_GRID_ADMIN";

/** Bytes of the public key's SHA-256 that an address keeps. */
const KEY_HASH_BYTES = 20;
/** What a microgrid may be called: a DNS label. @source RFC 1123 §2.1 */
const MICROGRID_ID = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** @param publicKey compressed P-256 key, 33 bytes @returns the member it names @throws RangeError on another length */
export function memberIdOf(publicKey: Uint8Array): MemberId {
  return encodeAddress("meter", keyHash(publicKey)) as MemberId;
}

/** @param publicKey compressed P-256 key, 33 bytes @returns the GridAdmin it names @throws RangeError on another length */
export function gridAdminIdOf(publicKey: Uint8Array): GridAdminId {
  return encodeAddress("grid", keyHash(publicKey)) as GridAdminId;
}

/** @param text any text @returns true for a well-formed `meter1…` */
export function isMemberId(text: string): text is MemberId {
  return decodeAddress("meter", text) !== undefined;
}

/** @param text any text @returns true for a well-formed `grid1…` */
export function isGridAdminId(text: string): text is GridAdminId {
  return decodeAddress("grid", text) !== undefined;
}

/** @param text any text @returns true for a DNS label */
export function isMicrogridId(text: string): boolean {
  return MICROGRID_ID.test(text);
}

/** @param member a member @returns the 20 bytes of the key's hash that its address carries */
export function memberIdBytes(member: MemberId): Uint8Array {
  const found = decodeAddress("meter", member);
  if (found === undefined) throw new RangeError(`not a meter address: ${member}`);
  return found;
}

/** @param payload 20 bytes of a key's hash @returns the member they name @throws RangeError on another length */
export function memberIdFromBytes(payload: Uint8Array): MemberId {
  if (payload.length !== KEY_HASH_BYTES) throw new RangeError(`a meter address has ${KEY_HASH_BYTES} bytes`);
  return encodeAddress("meter", payload) as MemberId;
}

/** @param address the three parts @returns `smartMeterAddress.microgridId.gridAdminId` */
export function formatAddress(address: MemberAddress): string {
  return `${address.member}.${address.microgridId}.${address.gridAdminId}`;
}

/** Decoder of a member, as the 20 bytes of its address. */
export const memberDecoder: Decoder<MemberId> = (value) => memberIdFromBytes(bytes(KEY_HASH_BYTES)(value));

/** @param text what may be a full address @returns its parts, or which of them is missing or malformed */
export function parseAddress(text: string): Verdict<MemberAddress, AddressRefusal> {
  const parts = text.split(".");
  const [member, microgridId, gridAdminId] = parts;
  if (parts.length !== 3 || member === undefined || microgridId === undefined || gridAdminId === undefined) {
    return reject("ADDRESS_PARTS", `${parts.length} of 3 parts`);
  }
  if (!isMemberId(member)) return reject("ADDRESS_METER");
  if (!isMicrogridId(microgridId)) return reject("ADDRESS_MICROGRID");
  if (!isGridAdminId(gridAdminId)) return reject("ADDRESS_GRID_ADMIN");
  return accept({ member, microgridId, gridAdminId });
}

function keyHash(publicKey: Uint8Array): Uint8Array {
  if (publicKey.length !== PUBLIC_KEY_BYTES)
    throw new RangeError(`a public key has ${PUBLIC_KEY_BYTES} bytes`);
  return sha256(publicKey).subarray(0, KEY_HASH_BYTES);
}

function encodeAddress(prefix: string, payload: Uint8Array): string {
  return bech32m.encode(prefix, bech32m.toWords(payload));
}

function decodeAddress(prefix: string, text: string): Uint8Array | undefined {
  const decoded = bech32m.decodeUnsafe(text);
  if (decoded === undefined || decoded.prefix !== prefix || text !== text.toLowerCase()) return undefined;
  const payload = bech32m.fromWordsUnsafe(decoded.words);
  return payload?.length === KEY_HASH_BYTES ? payload : undefined;
}
