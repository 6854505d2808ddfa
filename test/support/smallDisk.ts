/** A real filesystem of a few MiB in memory, for tests of what happens when it is full or read-only; needs root. */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A mounted filesystem. */
export type SmallDisk = {
  readonly directory: string;
  /** Mounts it again, as it is, read-only or not. */
  readonly setReadOnly: (isReadOnly: boolean) => void;
};

/** @returns what keeps this machine from mounting one; null when it can */
export async function mountLack(): Promise<string | null> {
  if (process.platform !== "linux") return "tmpfs needs Linux";
  try {
    await withSmallDisk(1, async () => {});
    return null;
  } catch (error) {
    return `mounting a tmpfs needs root and CAP_SYS_ADMIN: ${error instanceof Error ? error.message : error}`;
  }
}

/** @param sizeMib of the filesystem @param use what to do on it @returns its result; it is unmounted by then */
export async function withSmallDisk<T>(sizeMib: number, use: (disk: SmallDisk) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "edso-disk-"));
  const run = (command: string, ...given: string[]) => execFileSync(command, given, { stdio: "pipe" });
  try {
    run("mount", "-t", "tmpfs", "-o", `size=${sizeMib}m,mode=0700`, "tmpfs", directory);
    try {
      return await use({
        directory,
        setReadOnly: (isReadOnly) =>
          void run("mount", "-o", `remount,${isReadOnly ? "ro" : "rw"}`, directory),
      });
    } finally {
      run("umount", "-l", directory);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
