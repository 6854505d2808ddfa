/** Memory and descriptors of a running process. */
import { readdirSync, readFileSync } from "node:fs";

/** What one process holds. */
export type ProcessFigures = {
  readonly residentMiB: number;
  readonly descriptors: number;
};

/**
 * @param pid of a process of this user
 * @returns what it holds; null when it is gone, or where there is no /proc
 * @source proc_pid_status(5): VmRSS in kB; proc_pid_fd(5)
 */
export function processFigures(pid: number | null): ProcessFigures | null {
  if (pid === null) return null;
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const residentKiB = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
    return {
      residentMiB: Math.round(residentKiB / 1024),
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
    };
  } catch {
    return null;
  }
}
