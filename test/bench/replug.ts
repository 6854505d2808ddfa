/** `npm run bench:replug`: the adapter is pulled for 60 s and put back under another name, while an agent runs. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildProgram } from "../support/demoProcess.ts";
import { closingLine } from "../support/runTests.ts";
import { pullAndReplug } from "./pullAndReplug.ts";

const OUTAGE_MS = 60_000;
/** The whole outage within one interval: its two ends are read, so it is measured. */
const INTERVAL_SECONDS = 120;
/** What the specification allows. */
const MOST_BACK_MS = 30_000;

await buildProgram();
const directory = await mkdtemp(join(tmpdir(), "edso-replug-"));
const seen = await pullAndReplug({ directory, outageMs: OUTAGE_MS, intervalSeconds: INTERVAL_SECONDS });
await rm(directory, { recursive: true, force: true });
for (const line of seen.lines) console.log(JSON.stringify(line));
console.log(
  `back ${seen.backAfterMs} ms after it was put back as ${seen.deviceName}; same process: ${seen.isSameProcess}`,
);
console.log(`log lines of the outage: ${seen.lines.length}; interval over it: ${seen.interval}`);
const isFine =
  seen.isSameProcess &&
  seen.lines.length === 2 &&
  seen.backAfterMs < MOST_BACK_MS &&
  seen.interval === "measured";
console.log(closingLine({ passed: isFine ? 1 : 0, failed: isFine ? 0 : 1 }));
process.exitCode = isFine ? 0 : 1;
