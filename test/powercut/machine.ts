/** Whether this machine can cut the power of a disk of its own. */
import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";

const NEEDED = ["/dev/fuse", "/dev/loop-control"] as const;
const COMMANDS = ["losetup", "mkfs.ext4", "mount", "umount"] as const;

/** @returns what is lacking, for people; null when nothing is */
export function whyNot(): string | null {
  if (process.getuid?.() !== 0) return "it needs root: it mounts filesystems";
  for (const path of NEEDED) {
    try {
      accessSync(path, constants.R_OK | constants.W_OK);
    } catch {
      return `there is no ${path}`;
    }
  }
  for (const command of COMMANDS) {
    try {
      execFileSync("which", [command], { stdio: "ignore" });
    } catch {
      return `there is no ${command}: apt-get install e2fsprogs mount`;
    }
  }
  return loopFault();
}

function loopFault(): string | null {
  try {
    execFileSync("losetup", ["--find"], { stdio: "pipe" });
    return null;
  } catch (error) {
    return `there is no free loop device: ${error instanceof Error ? error.message.trim() : error}`;
  }
}
