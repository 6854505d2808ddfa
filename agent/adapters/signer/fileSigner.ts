/** The signer of a gateway whose ledger key lies in a file: the secret stays in this closure. */
import { publicKeyOf, signMessage } from "../../core/signature.ts";
import type { Signer } from "../../ports/signer.ts";
import { SignerError } from "./signerError.ts";

/**
 * Signs with a P-256 secret, deterministically (RFC 6979) and with low s.
 *
 * @param secretKey 32 bytes, in [1, n); copied
 * @returns the signer
 * @throws SignerError `SIGNER_SECRET_RANGE`
 */
export function openSigner(secretKey: Uint8Array): Signer {
  const secret = Uint8Array.from(secretKey);
  const publicKey = checkedPublicKey(secret);
  return {
    publicKey,
    async sign(message) {
      return signMessage(secret, message);
    },
  };
}

function checkedPublicKey(secret: Uint8Array): Uint8Array {
  try {
    return publicKeyOf(secret);
  } catch {
    // The library's error is not kept as the cause: it may print the secret it refused.
    throw new SignerError("SIGNER_SECRET_RANGE", { lengthBytes: secret.length });
  }
}
