/** The transport key of a gateway: an Ed25519 seed, and the PeerId that the roster names. */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { privateKeyFromRaw } from "@libp2p/crypto/keys";
import type { PrivateKey } from "@libp2p/interface";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { joinBytes } from "../../core/bytes.ts";
import { TransportError } from "./transportError.ts";

const SEED_BYTES = 32;

/** DER of a PKCS #8 Ed25519 private key up to the seed. @source RFC 8410, section 10.3 */
const PKCS8_PREFIX = Uint8Array.of(
  ...[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20],
);

/**
 * Tells the name of a gateway on the wire.
 *
 * @param secretKey Ed25519 seed, 32 bytes
 * @returns the PeerId in base58btc, `12D3KooW…`
 * @throws TransportError `TRANSPORT_KEY`
 * @source https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md
 */
export function peerIdOf(secretKey: Uint8Array): string {
  return peerIdFromPrivateKey(transportKey(secretKey)).toString();
}

/**
 * Expands the seed to the key that libp2p wants: seed ‖ public key.
 *
 * @param secretKey Ed25519 seed, 32 bytes
 * @returns the private key
 * @throws TransportError `TRANSPORT_KEY`
 */
export function transportKey(secretKey: Uint8Array): PrivateKey {
  if (secretKey.length !== SEED_BYTES) {
    throw new TransportError("TRANSPORT_KEY", { bytes: secretKey.length, expectedBytes: SEED_BYTES });
  }
  const der = Buffer.from(joinBytes(PKCS8_PREFIX, secretKey));
  const spki = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" })).export({
    format: "der",
    type: "spki",
  });
  return privateKeyFromRaw(joinBytes(secretKey, new Uint8Array(spki.subarray(-SEED_BYTES))));
}
