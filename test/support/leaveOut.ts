/** Tests that this machine cannot run: told in the runner's output, never counted as passed, never allowed in CI. */
import { recordTo } from "./testEvents.ts";

/** @param what which tests @param reason what this machine lacks, and how to get it @throws Error in CI, where nothing is left out */
export function leaveOut(what: string, reason: string): void {
  if (process.env.CI === "true") throw new Error(`${what}: ${reason}`);
  const report = process.env.EDSO_TEST_REPORT;
  if (report !== undefined) recordTo(report)({ kind: "leftOut", what, reason });
  console.log(`left out: ${what}: ${reason}`);
}
