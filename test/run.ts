/**
 * `npm test [-- PATTERN…]`: runs each test file in a process of its own and closes with `N passed, N failed`.
 * A pattern is a part of a path; one that matches no file is a failure.
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { findTestFiles, room } from "./support/findTestFiles.ts";
import { closingLine, isPassed, runTests } from "./support/runTests.ts";

const TEST_DIR = relative(process.cwd(), fileURLToPath(new URL(".", import.meta.url)));
/** Rooms whose tests start processes and open ports of their own; those of a list run one after another. */
const SERIAL_ROOMS: readonly (readonly string[])[] = [["e2e"], ["integration", "contract"]];

const print = (line: string): void => console.log(line);
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());
process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;

async function main(patterns: readonly string[]): Promise<boolean> {
  const all = findTestFiles(TEST_DIR);
  const unmatched = patterns.filter((pattern) => !all.some((file) => file.includes(pattern)));
  if (unmatched.length > 0) {
    for (const pattern of unmatched) print(`no test file matches "${pattern}"`);
    print(closingLine({ passed: 0, failed: unmatched.length }));
    return false;
  }
  const files = all.filter((file) => patterns.length === 0 || patterns.some((part) => file.includes(part)));
  const inRooms = (rooms: readonly string[]) => files.filter((file) => rooms.includes(room(TEST_DIR, file)));
  const serial = SERIAL_ROOMS.map(inRooms);
  const plan = { serial, parallel: files.filter((file) => !serial.flat().includes(file)) };
  return isPassed(await runTests(plan, { signal: interrupted.signal }, print));
}
