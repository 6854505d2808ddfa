import { mkdir, open, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openJournal } from "../../../../agent/adapters/journal/journalFile.ts";
import { HEADER_BYTES } from "../../../../agent/adapters/journal/journalFormat.ts";
import { failsWith } from "../../../support/failure.ts";
import { journalBytes } from "../../../support/journalBytes.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const OPTIONS = { format: "test", capacityBytes: 4_096 };
const text = (value: string) => new TextEncoder().encode(value);
const shown = (records: readonly { readonly number: number; readonly payload: Uint8Array }[]) =>
  records.map(({ number, payload }) => `${number} ${Buffer.from(payload).toString()}`);

const test = suite("journalFile");

const withPath = (use: (path: string) => Promise<void>) => () =>
  withTemporaryDirectory((directory) => use(join(directory, "deeper", "votes.journal")));

async function holds(path: string): Promise<readonly string[]> {
  const { journal, records, damage } = await openJournal(path, OPTIONS);
  await journal.close();
  assert.is(damage, null);
  return shown(records);
}

test(
  "a new journal is told from one that was there",
  withPath(async (path) => {
    const first = await openJournal(path, OPTIONS);
    await first.journal.close();
    const second = await openJournal(path, OPTIONS);
    await second.journal.close();
    assert.equal([first.isNew, second.isNew], [true, false]);
    assert.equal([first.damage, second.damage], [null, null]);
  }),
);

test(
  "is as large from the start as it will ever be, and nobody else's to read",
  withPath(async (path) => {
    const { journal } = await openJournal(path, OPTIONS);
    const before = await stat(path);
    await journal.append(text("one"));
    const after = await stat(path);
    await journal.close();
    assert.equal([before.size, after.size, after.mode & 0o777], [4_096, 4_096, 0o600]);
    assert.is(before.blocks, after.blocks);
  }),
);

test(
  "what an append returned for is there when opened again, numbered on",
  withPath(async (path) => {
    const { journal } = await openJournal(path, OPTIONS);
    assert.is(await journal.append(text("one")), 1);
    await journal.close();
    const again = await openJournal(path, OPTIONS);
    assert.is(await again.journal.append(text("two")), 2);
    await again.journal.close();
    assert.equal(await holds(path), ["1 one", "2 two"]);
  }),
);

test(
  "an unfinished last record is gone and the next takes its place",
  withPath(async (path) => {
    const { file, offsets } = journalBytes("test", 4_096, [text("one"), text("a much longer second record")]);
    file.fill(0, offsets[1]! + 30);
    await mkdir(join(path, ".."));
    await writeFile(path, file);
    assert.equal(await holds(path), ["1 one"]);
    const { journal } = await openJournal(path, OPTIONS);
    await journal.append(text("2"));
    await journal.close();
    assert.equal(await holds(path), ["1 one", "2 2"]);
  }),
);

test(
  "what is left of an unfinished record is never taken for one that was lost",
  withPath(async (path) => {
    const { file, offsets } = journalBytes("test", 4_096, [text("one"), new Uint8Array(1_400).fill(7)]);
    file.fill(0, offsets[1], 512);
    await mkdir(join(path, ".."));
    await writeFile(path, file);
    const { journal } = await openJournal(path, OPTIONS);
    await journal.append(new Uint8Array(500).fill(8));
    await journal.close();
    assert.is((await holds(path)).length, 2);
  }),
);

test(
  "fills to the last byte, then is full, and stays readable",
  withPath(async (path) => {
    const { journal } = await openJournal(path, OPTIONS);
    await journal.append(new Uint8Array(4_096 - HEADER_BYTES - 24 - 25).fill(1));
    assert.equal([journal.fits(1), journal.fits(2)], [true, false]);
    await failsWith(() => journal.append(text("xx")), "JOURNAL_FULL");
    await journal.append(text("x"));
    await failsWith(() => journal.append(text("")), "JOURNAL_FULL");
    await journal.close();
    assert.is((await holds(path)).length, 2);
  }),
);

test(
  "a rewrite keeps what it is given, and numbers go on",
  withPath(async (path) => {
    const { journal } = await openJournal(path, OPTIONS);
    for (const payload of ["one", "two", "three"]) await journal.append(text(payload));
    await journal.rewrite([text("three")]);
    await journal.append(text("four"));
    await journal.close();
    assert.equal(await holds(path), ["4 three", "5 four"]);
    assert.is((await stat(path)).size, 4_096);
  }),
);

test(
  "a rewrite that does not fit changes nothing",
  withPath(async (path) => {
    const { journal } = await openJournal(path, OPTIONS);
    await journal.append(text("one"));
    await failsWith(() => journal.rewrite([new Uint8Array(4_096)]), "JOURNAL_FULL");
    await journal.append(text("two"));
    await journal.close();
    assert.equal(await holds(path), ["1 one", "2 two"]);
  }),
);

test(
  "what a rewrite left half done is overwritten by the next",
  withPath(async (path) => {
    const { journal } = await openJournal(path, OPTIONS);
    await journal.append(text("one"));
    await writeFile(`${path}.new`, Buffer.alloc(10_000, 7));
    await journal.rewrite([text("kept")]);
    await journal.close();
    assert.equal(await holds(path), ["2 kept"]);
  }),
);

test(
  "keeps the size it was made with until it is rewritten",
  withPath(async (path) => {
    await (await openJournal(path, OPTIONS)).journal.close();
    const larger = { format: "test", capacityBytes: 16_384 };
    const { journal, damage } = await openJournal(path, larger);
    assert.is(damage, null);
    assert.is(journal.fits(5_000), false);
    await journal.rewrite([]);
    assert.is(journal.fits(5_000), true);
    await journal.close();
    assert.is((await stat(path)).size, 16_384);
  }),
);

test(
  "damage is told, sound records with it, and nothing is appended until a rewrite",
  withPath(async (path) => {
    const { file, offsets } = journalBytes("test", 4_096, ["one", "two", "three"].map(text));
    file[offsets[1]! + 22]! ^= 4;
    await mkdir(join(path, ".."));
    await writeFile(path, file);
    const { journal, records, damage } = await openJournal(path, OPTIONS);
    assert.equal(damage, { reason: "record", offset: offsets[1], afterRecord: 1 });
    assert.equal(shown(records), ["1 one", "3 three"]);
    await failsWith(() => journal.append(text("four")), "JOURNAL_DAMAGED");
    assert.ok(file.equals(await readFile(path)));
    await journal.rewrite([text("anew")]);
    await journal.append(text("on"));
    await journal.close();
    assert.equal(await holds(path), ["4 anew", "5 on"]);
  }),
);

test(
  "a file cut short is damage",
  withPath(async (path) => {
    const { journal } = await openJournal(path, OPTIONS);
    await journal.append(text("one"));
    await journal.close();
    await truncate(path, 3_000);
    const { journal: short, damage } = await openJournal(path, OPTIONS);
    await short.close();
    assert.is(damage?.reason, "size");
  }),
);

test(
  "a disk that refuses is a write error, and nothing is appended after it",
  withPath(async (path) => {
    const { journal } = await openJournal(path, OPTIONS);
    await mkdir(`${path}.new`);
    await failsWith(() => journal.rewrite([]), "JOURNAL_WRITE");
    await failsWith(() => journal.append(text("one")), "JOURNAL_WRITE");
    await journal.close();
    await failsWith(() => openJournal(join(path, "below-a-file"), OPTIONS), "JOURNAL_WRITE");
  }),
);

/** Runs `use` with fdatasync replaced; the real one is handed to the replacement. */
async function withDatasync(
  replacement: (real: () => Promise<void>) => Promise<void>,
  use: () => Promise<void>,
): Promise<void> {
  const handle = await open("/dev/null");
  const prototype: { datasync(): Promise<void> } = Object.getPrototypeOf(handle);
  await handle.close();
  const { datasync } = prototype;
  prototype.datasync = function (this: unknown) {
    return replacement(() => datasync.call(this));
  };
  try {
    await use();
  } finally {
    prototype.datasync = datasync;
  }
}

test(
  "an append returns only when its bytes are written and synced",
  withPath(async (path) => {
    const { journal } = await openJournal(path, OPTIONS);
    const steps: string[] = [];
    const sync = async (real: () => Promise<void>) => {
      steps.push((await readFile(path)).includes("payload") ? "synced with payload" : "synced without");
      await real();
      steps.push("durable");
    };
    await withDatasync(sync, async () => {
      await journal.append(text("payload"));
      steps.push("returned");
    });
    await journal.close();
    assert.equal(steps, ["synced with payload", "durable", "returned"]);
  }),
);

test(
  "opening syncs what it is going to tell",
  withPath(async (path) => {
    await (await openJournal(path, OPTIONS)).journal.close();
    let syncs = 0;
    const sync = (real: () => Promise<void>) => {
      syncs += 1;
      return real();
    };
    await withDatasync(sync, async () => {
      await (await openJournal(path, OPTIONS)).journal.close();
    });
    assert.is(syncs, 1);
  }),
);

test(
  "a sync that failed once is never trusted again",
  withPath(async (path) => {
    const { journal } = await openJournal(path, OPTIONS);
    const refuse = async () => {
      throw Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" });
    };
    await withDatasync(refuse, async () => {
      const error = await failsWith(() => journal.append(text("one")), "JOURNAL_WRITE");
      assert.is(error.detail.errno, "EIO");
    });
    await failsWith(() => journal.append(text("two")), "JOURNAL_WRITE");
    await failsWith(() => journal.rewrite([]), "JOURNAL_WRITE");
    await journal.close();
  }),
);

test(
  "closed, it takes nothing more; closing twice is harmless",
  withPath(async (path) => {
    const { journal } = await openJournal(path, OPTIONS);
    await journal.close();
    await journal.close();
    await failsWith(() => journal.append(text("one")), "JOURNAL_CLOSED");
    await failsWith(() => journal.rewrite([]), "JOURNAL_CLOSED");
  }),
);

test.run();
