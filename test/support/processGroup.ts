/** The processes a test file has started: all that share its process group. */
import { readdirSync, readFileSync } from "node:fs";

/**
 * Lists the living processes of a group; one that has ended and waits for its parent is not living.
 *
 * @param groupId id of the process that leads the group
 * @returns their ids; empty where there is no /proc
 * @source proc_pid_stat(5): pid (comm) state ppid pgrp
 */
export function livingProcesses(groupId: number): readonly number[] {
  return processIds().filter((pid) => {
    const { isLiving, group } = readStat(pid);
    return isLiving && group === groupId;
  });
}

/** @param pid id of a process @returns true until it has ended, whether or not its parent has looked */
export function isLiving(pid: number): boolean {
  return readStat(pid).isLiving;
}

/** @param groupId id of the process that leads the group; every member is killed, none is no error */
export function killGroup(groupId: number): void {
  try {
    process.kill(-groupId, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function processIds(): readonly number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function readStat(pid: number): { readonly isLiving: boolean; readonly group: number } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { isLiving: state !== "Z" && state !== "X", group: Number(group) };
  } catch {
    return { isLiving: false, group: 0 };
  }
}
