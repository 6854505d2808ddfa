/**
 * Raw frames in two files of bounded size: the newer is appended to, and when it is full it takes the place of the
 * older, which is forgotten. Nothing is held open and nothing synced: a power cut may take the newest frames, a torn
 * end costs the record it is in, and a disk that is back is written to again.
 */
import { appendFile, mkdir, open, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Hash } from "../../core/hash.ts";
import type { FrameSet, FrameStore } from "../../ports/frameStore.ts";
import { encodeFrameRecord, findFrameRecord } from "./frameRecord.ts";
import { FrameStoreError } from "./frameStoreError.ts";

/** About 1 KiB a reading of two meters, 96 a day: one file alone holds over a month, what an outbox waits at most. */
const FILE_BYTES = 4_194_304;
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/** Settings of {@link frameRing}. */
export type FrameRingOptions = {
  /** Most bytes of each of the two files; default 4 MiB. */
  readonly fileBytes?: number;
};

/**
 * @param directory of the ring; made with the first frames, if the directory it lies in is there
 * @param options size of its files
 * @returns the ring; nothing is opened before the first call
 */
export function frameRing(directory: string, options: FrameRingOptions = {}): FrameStore {
  const { fileBytes = FILE_BYTES } = options;
  const newer = join(directory, "frames.log");
  const older = join(directory, "frames.old.log");

  const append = async (record: Uint8Array): Promise<void> => {
    await mkdir(directory, { mode: DIRECTORY_MODE }).catch(unless("EEXIST"));
    const size = (await stat(newer).catch(unless("ENOENT")))?.size ?? 0;
    if (size > 0 && size + record.length > fileBytes) await rename(newer, older);
    await appendFile(newer, record, { mode: FILE_MODE });
  };

  let last: Promise<void> = Promise.resolve();
  return {
    keep: async (set) => {
      const record = encodeFrameRecord(set);
      if (record.length > fileBytes)
        throw new FrameStoreError("FRAMES_TOO_LARGE", { recordBytes: record.length, fileBytes });
      const written = last.then(() => append(record));
      last = written.catch(() => {});
      await written.catch((cause: unknown) => {
        throw new FrameStoreError("FRAMES_WRITE", { directory }, cause);
      });
    },
    find: async (framesHash: Hash): Promise<FrameSet | null> => {
      await last;
      try {
        // Read apart, so that never more than one file is in memory.
        return (
          findFrameRecord(await readEnd(newer, fileBytes), framesHash) ??
          findFrameRecord(await readEnd(older, fileBytes), framesHash)
        );
      } catch (cause) {
        throw new FrameStoreError("FRAMES_READ", { directory }, cause);
      }
    },
  };
}

/** Of a file that somebody else made longer only the end is looked at. */
async function readEnd(path: string, maxBytes: number): Promise<Buffer> {
  const file = await open(path, "r").catch(unless("ENOENT"));
  if (file === null) return Buffer.alloc(0);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, maxBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function unless(expected: string): (error: NodeJS.ErrnoException) => null {
  return (error) => {
    if (error.code === expected) return null;
    throw error;
  };
}
