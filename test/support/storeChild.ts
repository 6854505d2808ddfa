/**
 * A process that commits blocks until it is killed. Each line on stdout is the height of a commit that returned.
 * Argument: directory of the store.
 */
import { writeSync } from "node:fs";
import { openStore } from "../../agent/adapters/store/levelStore.ts";
import { stateAfter, storedBlock } from "./storedBlocks.ts";

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error("usage: storeChild.ts DIRECTORY");

const store = await openStore(directory);
for (let at = ((await store.head())?.height ?? 0) + 1; ; at += 1) {
  await store.commit(storedBlock(at), stateAfter(at));
  writeSync(1, `${at}\n`);
}
