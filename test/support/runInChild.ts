/**
 * Entry of a test file's own process: imports the file, runs what it registered, and tells the
 * runner what happened. Arguments: the test file, the report file.
 */
import { register } from "node:module";
import { pathToFileURL } from "node:url";
import { recordTo } from "./testEvents.ts";

/** How long the process may live on after its last test. */
const OPEN_HANDLE_GRACE_MS = 5_000;

declare global {
  var UVU_DEFER: number | undefined;
  var UVU_QUEUE: unknown[][] | undefined;
}

const [file, reportPath] = process.argv.slice(2);
if (file === undefined || reportPath === undefined) throw new Error("usage: runInChild.ts FILE REPORT");
const record = recordTo(reportPath);
process.env.EDSO_TEST_REPORT = reportPath;
process.argv = [process.argv0, file];
process.on("uncaughtExceptionMonitor", (error) => record({ kind: "uncaught", message: String(error) }));
globalThis.UVU_DEFER = 1;
globalThis.UVU_QUEUE = [[null]];
register("./uvuHook.mjs", import.meta.url);

await importFile(file);
await runSuites();
record({ kind: "finished" });
setTimeout(reportOpenHandles, OPEN_HANDLE_GRACE_MS).unref();

async function importFile(path: string): Promise<void> {
  try {
    await import(pathToFileURL(path).href);
  } catch (error) {
    console.error(error);
    record({ kind: "importFailed", message: String(error) });
    process.exit(1);
  }
}

async function runSuites(): Promise<void> {
  const { exec } = await import("uvu");
  try {
    await exec();
  } catch (error) {
    console.error(error);
    record({ kind: "uncaught", message: String(error) });
    process.exit(1);
  }
}

function reportOpenHandles(): void {
  record({ kind: "openHandle", handles: process.getActiveResourcesInfo() });
  process.exit(1);
}
