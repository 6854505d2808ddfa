/** Runs chunks in worker processes, as many as asked for. */
import { join } from "node:path";
import { feedWorker } from "../support/fedWorker.ts";
import { bundleModule } from "../support/plantedBug.ts";
import { withTemporaryDirectory } from "../support/temporaryDirectory.ts";
import type { Chunk, ChunkResult } from "./chunk.ts";
import { sharedWorkPlugin } from "./sharedWorkPlugin.ts";

/**
 * @param chunks to run, taken in order
 * @param workers processes to run them in, ≥ 1
 * @param onResult called as each chunk ends
 * @throws Error when a worker dies: its chunk is not done
 */
export async function runChunks(
  chunks: readonly Chunk[],
  workers: number,
  onResult: (result: ChunkResult) => void,
): Promise<void> {
  const waiting = [...chunks];
  const next = () => waiting.shift();
  const count = Math.min(workers, chunks.length);
  // The sources as they are now, bundled once: what changes on disk meanwhile is not run.
  await withTemporaryDirectory(async (directory) => {
    const worker = join(directory, "worker.mjs");
    await bundleModule("test/sim/worker.ts", worker, [sharedWorkPlugin()]);
    await Promise.all(Array.from({ length: count }, () => feedWorker(worker, next, onResult)));
  });
}
