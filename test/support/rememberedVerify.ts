/** Signatures judged once: a rig reads the same blocks a hundred times, and the same bytes get the same verdict. */
import { createHash } from "node:crypto";
import type { Verify } from "../../agent/core/signature.ts";

/** Verdicts kept: those of a few streets. */
const MOST_VERDICTS = 200_000;

/** @param verify that judges what was not seen yet @returns it, with a memory */
export function rememberedVerify(verify: Verify): Verify {
  const verdicts = new Map<string, boolean>();
  return (publicKey, message, signature) => {
    const lengths = Uint32Array.of(publicKey.length, signature.length);
    const digest = createHash("sha256").update(lengths).update(publicKey).update(signature).update(message);
    const key = digest.digest("base64");
    const known = verdicts.get(key);
    if (known !== undefined) return known;
    if (verdicts.size >= MOST_VERDICTS) verdicts.clear();
    const verdict = verify(publicKey, message, signature);
    verdicts.set(key, verdict);
    return verdict;
  };
}
