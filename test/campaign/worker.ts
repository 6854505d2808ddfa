/** A worker process: runs the chunks it is sent, one after the other, until its parent lets it go. */
import { type Chunk, runChunk } from "./chunk.ts";

process.on("message", (chunk: Chunk) => {
  process.send?.(runChunk(chunk));
});
process.on("disconnect", () => process.exit(0));
