/** The filesystem of a data directory, as statfs(2) and access(2) show it. */
import { constants } from "node:fs";
import { access, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { DiskSpace } from "../../ports/diskSpace.ts";
import { emptySetAside } from "./quarantine.ts";

/** Codes of access(2) for a directory that exists and may not be written to. */
const UNWRITABLE: readonly unknown[] = ["EROFS", "EACCES", "EPERM"];

/** @param dataDirectory of a gateway; exists @returns its filesystem */
export function dataDisk(dataDirectory: string): DiskSpace {
  return {
    look: async () => {
      const { bavail, bsize } = await statfs(dataDirectory);
      return { freeBytes: bavail * bsize, isWritable: await isWritable(dataDirectory) };
    },
    makeRoom: () => emptySetAside(join(dataDirectory, "ledger")),
  };
}

async function isWritable(directory: string): Promise<boolean> {
  try {
    await access(directory, constants.W_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && UNWRITABLE.includes(error.code)) return false;
    throw error;
  }
}
