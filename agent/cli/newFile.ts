/** Files that a command makes: never over one that is there, and durable when it returns. */
import { type FileHandle, open } from "node:fs/promises";
import { CliError } from "./cliError.ts";

/**
 * @param path of the new file
 * @param content to write
 * @param mode of the file
 * @throws CliError `CLI_FILE_EXISTS`, `CLI_FILE_UNWRITABLE`
 */
export async function writeNewFile(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  const file = await openNew(path, mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } catch (cause) {
    throw new CliError("CLI_FILE_UNWRITABLE", { path, errno: errnoOf(cause) }, cause);
  } finally {
    await file.close();
  }
}

async function openNew(path: string, mode: number): Promise<FileHandle> {
  try {
    return await open(path, "wx", mode);
  } catch (cause) {
    const errno = errnoOf(cause);
    throw new CliError(
      errno === "EEXIST" ? "CLI_FILE_EXISTS" : "CLI_FILE_UNWRITABLE",
      { path, errno },
      cause,
    );
  }
}

function errnoOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}
