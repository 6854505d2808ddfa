/** Images of a disk as sparse files: what is zero takes no room. */
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { PAGE_BYTES, type Pages } from "./recordedDisk.ts";

/** @param path of a new file @param pages content @param sizeBytes of the disk */
export function writeImage(path: string, pages: Pages, sizeBytes: number): void {
  const file = openSync(path, "w", 0o600);
  try {
    ftruncateSync(file, sizeBytes);
    for (const [number, page] of pages) writeSync(file, page, 0, PAGE_BYTES, number * PAGE_BYTES);
  } finally {
    closeSync(file);
  }
}

/** @param path of an image @param sizeBytes of the disk @returns its pages that are not zero */
export function readImage(path: string, sizeBytes: number): Pages {
  const pages = new Map<number, Buffer>();
  const zero = Buffer.alloc(PAGE_BYTES);
  const file = openSync(path, "r");
  try {
    for (let number = 0; number < sizeBytes / PAGE_BYTES; number += 1) {
      const page = Buffer.alloc(PAGE_BYTES);
      readSync(file, page, 0, PAGE_BYTES, number * PAGE_BYTES);
      if (!page.equals(zero)) pages.set(number, page);
    }
    return pages;
  } finally {
    closeSync(file);
  }
}
