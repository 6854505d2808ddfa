/**
 * `npm run campaign:market`: millions of cases of the market's properties, in worker processes. Counted in chunks; a run
 * that is broken off goes on where it was.
 */
import { join } from "node:path";
import { feedWorker } from "../support/fedWorker.ts";
import { bundleModule } from "../support/plantedBug.ts";
import { withTemporaryDirectory } from "../support/temporaryDirectory.ts";
import type { ChunkResult } from "./chunk.ts";
import { type CampaignOptions, readOptions, USAGE } from "./options.ts";
import { addResult, chunksLeft, readResults, reportText } from "./results.ts";

const MS_PER_MINUTE = 60_000;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: CampaignOptions;
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 64;
  }
  if (!options.isReport) await runCampaign(options);
  const results = readResults(options.file);
  console.log(reportText(results));
  return results.length > 0 && results.every(({ fault }) => fault === null) ? 0 : 1;
}

async function runCampaign(options: CampaignOptions): Promise<void> {
  const { file, workers, minutes } = options;
  const done = readResults(file);
  const seed = options.seed ?? done[0]?.seed ?? Math.floor(Math.random() * 1_000_000);
  const waiting = [...chunksLeft({ ...options, seed }, done)];
  const endsAtMs = minutes === null ? Number.POSITIVE_INFINITY : Date.now() + minutes * MS_PER_MINUTE;
  console.log(`seed ${seed}: ${waiting.length} chunks to run, ${done.length} of ${file} done before`);
  const next = () => (Date.now() < endsAtMs ? waiting.shift() : undefined);
  const onResult = (result: ChunkResult) => {
    addResult(file, result);
    const { property, place, cases, fault } = result;
    console.log(`${fault === null ? "ok   " : "FAULT"} ${property} chunk ${place}, ${cases} cases`);
  };
  // The sources as they are now, bundled once: what changes on disk meanwhile is not run.
  await withTemporaryDirectory(async (directory) => {
    const worker = join(directory, "worker.mjs");
    await bundleModule("test/campaign/worker.ts", worker, []);
    await Promise.all(Array.from({ length: workers }, () => feedWorker(worker, next, onResult)));
  });
}
