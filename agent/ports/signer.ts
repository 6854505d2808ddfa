/** The ledger key of this gateway, and the verification of everybody's. */
import type { Verify } from "../core/signature.ts";

/** Holds the private key; it never leaves the adapter. */
export interface Signer {
  /** Compressed P-256 key, 33 bytes. */
  readonly publicKey: Uint8Array;
  /**
   * @param message domain-separated bytes of core/signature, not yet hashed
   * @returns r‖s with low s, 64 bytes
   * @throws SignerError
   */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** Verifies signatures; same verdict as core's, faster. */
export interface Verifier {
  readonly verify: Verify;
}
