/**
 * A bundle of the run's own: gateways start again for many minutes, and whoever builds meanwhile must not change
 * what they start as.
 */
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../..");
/** Longest run of one command. */
const COMMAND_LIMIT_MS = 600_000;

/** Beside the product's, so that native modules are found. */
export const PROGRAM = resolve(ROOT, `dist/chaos-${process.pid}.js`);

/** How a command ended. */
export type CommandResult = { readonly code: number; readonly output: string };

/** Bundles the program. */
export async function buildProgram(): Promise<void> {
  await run(process.execPath, ["build.js", "agent/main.ts", PROGRAM], { cwd: ROOT });
}

/** Removes the bundle and its map. */
export async function removeProgram(): Promise<void> {
  await rm(PROGRAM, { force: true });
  await rm(`${PROGRAM}.map`, { force: true });
}

/** @param args of `edso` @returns how it ended, whatever that was */
export async function edso(...args: readonly string[]): Promise<CommandResult> {
  try {
    const { stdout, stderr } = await run(process.execPath, [PROGRAM, ...args], { timeout: COMMAND_LIMIT_MS });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number | string; stdout: string; stderr: string };
    return { code: typeof code === "number" ? code : -1, output: stdout + stderr };
  }
}
