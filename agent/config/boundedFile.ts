/** Files that a person wrote: read whole, up to a bound, without waiting for what is no file. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { ConfigError, MAX_CONFIG_BYTES } from "./configError.ts";

/**
 * @param path of the file
 * @param kind what it is to be; the code of a failure begins with it
 * @returns its text
 * @throws ConfigError `…_MISSING`, `…_UNREADABLE`, `…_TOO_LARGE`
 */
export function readBounded(path: string, kind: "CONFIG" | "DEFINITION" | "POLICY_FILE"): string {
  let descriptor: number | undefined;
  try {
    // Without waiting for the other end of a pipe.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = fstatSync(descriptor);
    if (!found.isFile()) throw new ConfigError(`${kind}_UNREADABLE`, path);
    if (found.size > MAX_CONFIG_BYTES) throw new ConfigError(`${kind}_TOO_LARGE`, path);
    return readFileSync(descriptor, "utf8");
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new ConfigError(isMissing ? `${kind}_MISSING` : `${kind}_UNREADABLE`, path, [], error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
