/**
 * The process behind the block device: serves one file of a recorded disk and, when it is told to, cuts the power at
 * a write or a flush. A process of its own, because whoever serves a filesystem must never wait for it.
 */
import { closeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { seededRandom } from "../../drivers/simulator/seededRandom.ts";
import { serveFile } from "./fuseFile.ts";
import { readImage, writeImage } from "./imageFile.ts";
import { type CutModel, RecordedDisk } from "./recordedDisk.ts";

/** What it is started with, as one JSON argument. */
export type DeviceSpec = {
  readonly sizeBytes: number;
  /** What the disk holds at first; null for nothing. */
  readonly imagePath: string | null;
  /** Of how long each flush takes. */
  readonly seed: number;
};

/** Cut the power at the event that is so many writes and flushes away. */
export type CutOrder = {
  readonly kind: "cut";
  readonly afterEvents: number;
  /** Cut anyway when the disk is idle for so long, in ms. */
  readonly latestMs: number;
  readonly model: CutModel;
  readonly seed: number;
  readonly imagePath: string;
};

/** What it tells. */
export type DeviceReport =
  | { readonly kind: "serving" }
  | {
      readonly kind: "cut";
      /** Of the monotonic clock that all processes share, in ns. */
      readonly atNs: string;
      readonly unflushedWrites: number;
      readonly unflushedSectors: number;
      readonly keptSectors: number;
      /** Which event of the disk it was at; idle when none came. */
      readonly at: "write" | "flush" | "idle";
    };

/** Longest flush in ms: that of a good card, so that there is time for a promise to be told before it is kept. */
const MOST_FLUSH_MS = 12;
/** Descriptor of /dev/fuse, which the parent has opened and mounted. */
const FUSE_DESCRIPTOR = 3;

const spec = JSON.parse(process.argv[2] ?? "{}") as DeviceSpec;
const content = spec.imagePath === null ? new Map() : readImage(spec.imagePath, spec.sizeBytes);
const flushDraw = seededRandom(spec.seed);
const disk = new RecordedDisk(spec.sizeBytes, content);
let order: { readonly cut: CutOrder; left: number; readonly timer: NodeJS.Timeout } | null = null;

process.on("message", (cut: CutOrder) => {
  const timer = setTimeout(() => cutPower("idle"), cut.latestMs);
  order = { cut, left: cut.afterEvents, timer };
});
process.on("disconnect", () => process.exit(0));

const serving = serveFile(FUSE_DESCRIPTOR, {
  sizeBytes: spec.sizeBytes,
  read: (offset, length) => disk.read(offset, length),
  write: (offset, bytes) => {
    disk.write(offset, bytes);
    count("write");
  },
  // Counted when the drive is asked and again just before it has done it: until then nothing is promised.
  flush: async () => {
    count("flush");
    await pause(flushDraw() * MOST_FLUSH_MS);
    count("flush");
    disk.flush();
  },
});
report({ kind: "serving" });
await serving;
closeSync(FUSE_DESCRIPTOR);
process.disconnect();

function count(event: "write" | "flush"): void {
  if (order === null) return;
  order.left -= 1;
  if (order.left <= 0) cutPower(event);
}

function cutPower(at: "write" | "flush" | "idle"): void {
  if (order === null) return;
  const { cut, timer } = order;
  clearTimeout(timer);
  order = null;
  const atNs = process.hrtime.bigint().toString();
  const { pages, ...met } = disk.cut(cut.model, seededRandom(cut.seed));
  // The agents wait for their disk meanwhile no longer than for a slow card.
  setImmediate(() => {
    writeImage(cut.imagePath, pages, spec.sizeBytes);
    report({ kind: "cut", atNs, at, ...met });
  });
}

function report(message: DeviceReport): void {
  process.send?.(message);
}
