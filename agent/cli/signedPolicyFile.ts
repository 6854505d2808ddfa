/** A policy with the Regulator's signature, as a file. */
import { decode } from "../core/codec.ts";
import { type SignedPolicy, signedPolicy } from "../core/membership/policy.ts";
import { CliError } from "./cliError.ts";
import { readInputFile } from "./inputFile.ts";

/** Longest policy that a genesis takes: every step and member there may be. */
const MAX_POLICY_FILE_BYTES = 262_144;

/**
 * @param path of a file that `edso policy sign` wrote
 * @returns what it says; nothing is verified
 * @throws CliError `POLICY_REFUSED`, `CLI_FILE_MISSING`, `CLI_FILE_UNREADABLE`
 */
export async function readSignedPolicy(path: string): Promise<SignedPolicy> {
  const decoded = decode(
    await readInputFile(path, MAX_POLICY_FILE_BYTES),
    signedPolicy,
    MAX_POLICY_FILE_BYTES,
  );
  if (decoded.kind === "accept") return decoded.value;
  throw new CliError("POLICY_REFUSED", { path, why: `${decoded.code} ${decoded.detail ?? ""}`.trim() });
}
