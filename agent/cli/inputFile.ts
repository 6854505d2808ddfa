/** Files that a command is given. */
import { readFile, stat } from "node:fs/promises";
import { CliError } from "./cliError.ts";

/**
 * @param path of the file
 * @param maxBytes longest acceptable file
 * @returns its bytes
 * @throws CliError `CLI_FILE_MISSING`, `CLI_FILE_UNREADABLE`
 */
export async function readInputFile(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new CliError("CLI_FILE_UNREADABLE", { path, why: "it is not a regular file" });
    if (found.size > maxBytes) {
      throw new CliError("CLI_FILE_UNREADABLE", { path, why: `${path} has more than ${maxBytes} bytes` });
    }
    return Uint8Array.from(await readFile(path));
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    const errno = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    throw new CliError(
      errno === "ENOENT" ? "CLI_FILE_MISSING" : "CLI_FILE_UNREADABLE",
      { path, errno },
      cause,
    );
  }
}
