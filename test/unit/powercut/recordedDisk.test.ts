/** The disk of the power-cut rig loses what a drive may lose, and nothing else. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../../drivers/simulator/seededRandom.ts";
import {
  CUT_MODELS,
  type CutModel,
  PAGE_BYTES,
  type Pages,
  RecordedDisk,
  SECTOR_BYTES,
} from "../../powercut/recordedDisk.ts";

const recorded = suite("recorded disk");

const SIZE = 16 * PAGE_BYTES;
const filled = (length: number, byte: number) => Buffer.alloc(length, byte);
const on = (pages: Pages) => new RecordedDisk(SIZE, pages);

/** A disk with ones flushed over two pages, then twos written over the second and a third. */
function written(): RecordedDisk {
  const disk = new RecordedDisk(SIZE);
  disk.write(0, filled(2 * PAGE_BYTES, 1));
  disk.flush();
  disk.write(PAGE_BYTES, filled(PAGE_BYTES, 2));
  disk.write(2 * PAGE_BYTES, filled(PAGE_BYTES, 2));
  return disk;
}

const cut = (disk: RecordedDisk, model: CutModel, seed = 1) => disk.cut(model, seededRandom(seed));

recorded("what was written is read at once, also across pages", () => {
  const disk = new RecordedDisk(SIZE);
  disk.write(PAGE_BYTES - 3, Buffer.from("abcdef"));
  assert.is(disk.read(PAGE_BYTES - 4, 8).toString("latin1"), "\0abcdef\0");
});

recorded("what was flushed survives every cut", () => {
  for (const model of CUT_MODELS)
    for (let seed = 0; seed < 20; seed += 1)
      assert.ok(
        on(cut(written(), model, seed).pages)
          .read(0, PAGE_BYTES)
          .equals(filled(PAGE_BYTES, 1)),
        model,
      );
});

recorded("a cut may keep or lose all that was not flushed", () => {
  const kept = on(cut(written(), "kept").pages).read(PAGE_BYTES, 2 * PAGE_BYTES);
  assert.ok(kept.equals(filled(2 * PAGE_BYTES, 2)));
  const lost = on(cut(written(), "lost").pages).read(PAGE_BYTES, 2 * PAGE_BYTES);
  assert.ok(lost.equals(Buffer.concat([filled(PAGE_BYTES, 1), Buffer.alloc(PAGE_BYTES)])));
});

recorded("a torn sector is never torn in itself, and tears are met", () => {
  let torn = 0;
  for (let seed = 0; seed < 50; seed += 1) {
    const page = on(cut(written(), "torn", seed).pages).read(PAGE_BYTES, PAGE_BYTES);
    for (let at = 0; at < PAGE_BYTES; at += SECTOR_BYTES)
      assert.ok(page.subarray(at, at + SECTOR_BYTES).every((byte) => byte === page[at]));
    if (page.includes(1) && page.includes(2)) torn += 1;
  }
  assert.ok(torn > 10, `${torn} of 50 torn`);
});

recorded("a prefix keeps no write behind one that it lost", () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const disk = on(cut(written(), "prefix", seed).pages);
    const second = disk.read(2 * PAGE_BYTES, PAGE_BYTES);
    if (second.includes(2)) assert.ok(disk.read(PAGE_BYTES, PAGE_BYTES).equals(filled(PAGE_BYTES, 2)));
  }
});

recorded("a cut changes neither the disk nor an earlier image", () => {
  const disk = written();
  const { pages } = cut(disk, "kept");
  disk.write(0, filled(PAGE_BYTES, 9));
  disk.flush();
  assert.ok(on(pages).read(0, PAGE_BYTES).equals(filled(PAGE_BYTES, 1)));
  assert.ok(disk.read(PAGE_BYTES, PAGE_BYTES).equals(filled(PAGE_BYTES, 2)));
});

recorded("the same seed cuts the same", () => {
  const [one, other] = [cut(written(), "torn", 7), cut(written(), "torn", 7)];
  assert.equal(on(one.pages).read(0, SIZE), on(other.pages).read(0, SIZE));
  assert.equal([one.unflushedWrites, one.unflushedSectors], [2, (2 * PAGE_BYTES) / SECTOR_BYTES]);
});
recorded.run();
