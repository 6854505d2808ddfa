/**
 * `npm run chaos`: real gateways on simulated meters under `kill -9`, and what must hold nevertheless.
 * TESTING.md says what is claimed; the exit code is 0 only when every check passed.
 */
import "../../agent/compat.ts";
import { rm } from "node:fs/promises";
import { ChaosRun } from "./chaosRun.ts";
import { ChaosStreet } from "./chaosStreet.ts";
import { runKills } from "./killScenario.ts";
import { runMonth } from "./monthScenario.ts";
import { type ChaosOptions, readChaosOptions, UsageError } from "./options.ts";
import { buildProgram, removeProgram } from "./program.ts";
import { type ChaosReport, reportText } from "./report.ts";
import { runTogether } from "./togetherScenario.ts";

/** @source sysexits(3), EX_USAGE */
const EXIT_USAGE = 64;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  let options: ChaosOptions;
  try {
    options = readChaosOptions(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`chaos: ${error.message}\n`);
    return EXIT_USAGE;
  }
  await buildProgram();
  const report = await runOnce(options).finally(removeProgram);
  const text = reportText(report);
  if (options.isJson) {
    process.stdout.write(`${JSON.stringify(report)}\n`);
    process.stderr.write(text);
  } else process.stdout.write(text);
  if (report.failed === 0 && options.dataDir === null) await rm(report.dataDir, { recursive: true });
  else process.stderr.write(`kept: ${report.dataDir}\n`);
  return report.failed === 0 && report.passed > 0 ? 0 : 1;
}

/** Whatever happens, nothing of the street runs afterwards. */
async function runOnce(options: ChaosOptions): Promise<ChaosReport> {
  const aborter = new AbortController();
  const abort = () => aborter.abort(new Error("the run was ended by a signal"));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, abort);
  const note = (text: string) => process.stderr.write(`${text}\n`);
  const street = await ChaosStreet.layOut(options, aborter.signal, note);
  try {
    const run = new ChaosRun(options, street, aborter.signal, note);
    if (options.blocksPrepared > 0) return await runMonth(run);
    return await (options.isRestartTogether ? runTogether(run) : runKills(run));
  } finally {
    await street.close();
  }
}
