/**
 * Verification by OpenSSL through node:crypto, more than twenty times as fast as core's.
 * The acceptance rule of core/signature is asked first, so both give the same verdict on every input.
 */
import { createPublicKey, type KeyObject, verify as opensslVerify } from "node:crypto";
import { joinBytes, toHex } from "../../core/bytes.ts";
import { isAcceptable } from "../../core/signature.ts";
import type { Verifier } from "../../ports/signer.ts";

/** Parsed keys kept: more than a cell has gateways, so that a street never parses one twice. */
const MAX_CACHED_KEYS = 256;

/**
 * Everything of a SubjectPublicKeyInfo before the compressed P-256 point.
 *
 * @source RFC 5480 §2 (ecPublicKey, secp256r1); SEC 1 §2.3.3 (compressed point)
 */
const SPKI_PREFIX = Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex");

/**
 * Verifies P-256 signatures; false for everything malformed, never a throw.
 *
 * @param maxCachedKeys how many parsed keys are kept, least recently used dropped first; ≥ 1
 * @returns the verifier
 */
export function nodeVerifier(maxCachedKeys: number = MAX_CACHED_KEYS): Verifier {
  const cache = new Map<string, KeyObject>();
  return {
    verify(publicKey, message, signature) {
      if (!isAcceptable(publicKey, signature)) return false;
      try {
        const key = cachedKey(cache, maxCachedKeys, publicKey);
        return opensslVerify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
      } catch {
        // OpenSSL throws on a point that is not on the curve: for us one more signature that does not hold.
        return false;
      }
    },
  };
}

function cachedKey(cache: Map<string, KeyObject>, maxKeys: number, publicKey: Uint8Array): KeyObject {
  const id = toHex(publicKey);
  const found = cache.get(id);
  const key =
    found ??
    createPublicKey({ key: Buffer.from(joinBytes(SPKI_PREFIX, publicKey)), format: "der", type: "spki" });
  cache.delete(id);
  cache.set(id, key);
  for (const oldest of cache.keys()) {
    if (cache.size <= maxKeys) break;
    cache.delete(oldest);
  }
  return key;
}
