/**
 * A disk with a volatile write cache, as a drive has one: what was written is readable at once, but a power cut may
 * lose, keep or tear whatever was not flushed. Memory only; the FUSE file in front of it makes it a block device.
 */

/** Smallest unit that is kept or lost whole. @source ATA/ATAPI Command Set, logical sector */
export const SECTOR_BYTES = 512;
/** Unit in which content is kept; a write is split along it. */
export const PAGE_BYTES = 4_096;

const ZERO_PAGE = Buffer.alloc(PAGE_BYTES);

/** Content by page number; what is not in it is zero. A page that is in it is never changed. */
export type Pages = ReadonlyMap<number, Buffer>;

/** One write that no flush has covered yet. */
export type UnflushedWrite = { readonly offset: number; readonly bytes: Buffer };

/**
 * What a cut does to the writes since the last flush: `kept` all (a snapshot of the device), `lost` all, `some` whole
 * writes, `prefix` those up to one that is torn, `torn` single sectors in any order.
 */
export const CUT_MODELS = ["kept", "lost", "some", "prefix", "torn"] as const;
/** Name of one. */
export type CutModel = (typeof CUT_MODELS)[number];

/** What a cut leaves, and what it met. */
export type CutImage = {
  readonly pages: Pages;
  readonly unflushedWrites: number;
  readonly unflushedSectors: number;
  readonly keptSectors: number;
};

/** Owns the content of the device. */
export class RecordedDisk {
  readonly sizeBytes: number;
  #flushed: Map<number, Buffer>;
  #current: Map<number, Buffer>;
  #unflushed: UnflushedWrite[] = [];

  /** @param sizeBytes whole pages @param content to begin with, durable */
  constructor(sizeBytes: number, content: Pages = new Map()) {
    if (sizeBytes % PAGE_BYTES !== 0) throw new RangeError(`a disk has whole pages of ${PAGE_BYTES} bytes`);
    this.sizeBytes = sizeBytes;
    this.#flushed = new Map(content);
    this.#current = new Map(content);
  }

  /** Writes since the last flush. */
  get unflushedWrites(): number {
    return this.#unflushed.length;
  }

  /** @param offset in bytes @param length in bytes @returns what was last written there */
  read(offset: number, length: number): Buffer {
    return readPages(this.#current, offset, Math.max(0, Math.min(length, this.sizeBytes - offset)));
  }

  /** @param offset in bytes @param bytes to write; copied */
  write(offset: number, bytes: Buffer): void {
    const kept = Buffer.from(bytes);
    this.#unflushed.push({ offset, bytes: kept });
    writePages(this.#current, offset, kept);
  }

  /** Makes everything written so far durable. */
  flush(): void {
    for (const { offset, bytes } of this.#unflushed) writePages(this.#flushed, offset, bytes);
    this.#unflushed = [];
  }

  /**
   * Cuts the power; the disk itself goes on as if nothing had been.
   *
   * @param model what becomes of unflushed writes
   * @param draw random numbers from 0 to below 1
   * @returns what the platter holds
   */
  cut(model: CutModel, draw: () => number): CutImage {
    const pages = new Map(this.#flushed);
    let unflushedSectors = 0;
    let keptSectors = 0;
    const keeps = keeper(model, this.#unflushed.length, draw);
    for (const [index, { offset, bytes }] of this.#unflushed.entries()) {
      const keepsSector = keeps(index);
      for (let at = 0; at < bytes.length; at += SECTOR_BYTES) {
        unflushedSectors += 1;
        if (!keepsSector()) continue;
        keptSectors += 1;
        writePages(pages, offset + at, bytes.subarray(at, at + SECTOR_BYTES));
      }
    }
    return { pages, unflushedWrites: this.#unflushed.length, unflushedSectors, keptSectors };
  }
}

/** @returns for the index of a write whether to keep its sectors, asked one after another */
function keeper(model: CutModel, writes: number, draw: () => number): (index: number) => () => boolean {
  const share = draw();
  const tornAt = Math.floor(draw() * writes);
  switch (model) {
    case "kept":
      return () => () => true;
    case "lost":
      return () => () => false;
    case "some":
      return () => {
        const keeps = draw() < share;
        return () => keeps;
      };
    case "prefix":
      return (index) => () => index < tornAt || (index === tornAt && draw() < share);
    case "torn":
      return () => () => draw() < share;
    default:
      return model satisfies never;
  }
}

function readPages(pages: Pages, offset: number, length: number): Buffer {
  const result = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const at = offset + done;
    const inPage = at % PAGE_BYTES;
    const page = pages.get(Math.floor(at / PAGE_BYTES));
    const count = Math.min(PAGE_BYTES - inPage, length - done);
    page?.copy(result, done, inPage, inPage + count);
    done += count;
  }
  return result;
}

/** A page is replaced, never changed: images share the pages of the disk. */
function writePages(pages: Map<number, Buffer>, offset: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) {
    const at = offset + done;
    const number = Math.floor(at / PAGE_BYTES);
    const inPage = at % PAGE_BYTES;
    const count = Math.min(PAGE_BYTES - inPage, bytes.length - done);
    const page = Buffer.from(pages.get(number) ?? ZERO_PAGE);
    bytes.copy(page, inPage, done, done + count);
    if (page.equals(ZERO_PAGE)) pages.delete(number);
    else pages.set(number, page);
    done += count;
  }
}
