/** The file of a vote journal: full, torn, damaged, missing. */
import { open, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openVoteJournal } from "../../../../agent/adapters/journal/fileVoteJournal.ts";
import {
  encodeHeader,
  encodeRecord,
  HEADER_BYTES,
} from "../../../../agent/adapters/journal/journalFormat.ts";
import { encode } from "../../../../agent/core/codec.ts";
import { encodeOwnVote } from "../../../../agent/core/consensus/ownVoteCodec.ts";
import type { VoteJournal } from "../../../../agent/ports/voteJournal.ts";
import { failsWith } from "../../../support/failure.ts";
import {
  ELECTORS,
  JOURNAL_VOTERS,
  ownCommit,
  ownPrepare,
  ownProposal,
  ownRoundChange,
} from "../../../support/journalVotes.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const CAPACITY_BYTES = 32_768;
const test = suite("vote journal file");

const opened = (path: string): Promise<VoteJournal> =>
  openVoteJournal(path, { capacityBytes: CAPACITY_BYTES });

/** Opens, uses, closes. */
async function use<T>(path: string, work: (journal: VoteJournal) => T | Promise<T>): Promise<T> {
  const journal = await opened(path);
  try {
    return await work(journal);
  } finally {
    await journal.close();
  }
}

const withJournalPath = (work: (path: string) => Promise<void>) => () =>
  withTemporaryDirectory((directory) => work(join(directory, "votes.journal")));

/** A file with a PREPARE and a COMMIT of height 1, and where its last record begins. */
async function written(path: string): Promise<{ bytes: Buffer; lastOffset: number; endOffset: number }> {
  await use(path, async (journal) => {
    await journal.append(ownPrepare(1, 0), JOURNAL_VOTERS);
    await journal.append(ownCommit(1, 0), JOURNAL_VOTERS);
  });
  const bytes = await readFile(path);
  let endOffset = bytes.length;
  while (bytes[endOffset - 1] === 0) endOffset -= 1;
  return { bytes, lastOffset: bytes.lastIndexOf(Buffer.from("ed50a1c3", "hex")), endOffset };
}

test(
  "is rewritten when full: decided heights go, the last one's votes, starts and reasons stay",
  withJournalPath(async (path) => {
    const sizes = new Set<number>();
    await use(path, async (journal) => {
      for (let height = 1; height <= 200; height += 1) {
        await journal.append(ownProposal(height), JOURNAL_VOTERS);
        await journal.append(ownPrepare(height, 0), JOURNAL_VOTERS);
        await journal.append(ownCommit(height, 0, "a", 1_000), JOURNAL_VOTERS);
        sizes.add((await stat(path)).size);
      }
      await journal.abstain({ code: "KEY_CLONED", reason: "key cloned" });
    });
    assert.equal([...sizes], [CAPACITY_BYTES]);
    await use(path, (journal) => {
      assert.is(journal.damage, null);
      assert.is(journal.starts, 2);
      assert.is(journal.abstention()?.code, "KEY_CLONED");
      assert.equal(journal.votes(), [ownProposal(200), ownPrepare(200, 0), ownCommit(200, 0, "a", 1_000)]);
    });
  }),
);

test(
  "holds a height of a thousand rounds, and what was prepared in its first",
  withJournalPath(async (path) => {
    await use(path, async (journal) => {
      await journal.append(ownCommit(1, 0, "a", 4_000), JOURNAL_VOTERS);
      for (let round = 1; round <= 1_000; round += 1)
        await journal.append(ownRoundChange(1, round), JOURNAL_VOTERS);
    });
    await use(path, (journal) => {
      assert.equal(journal.votes()[0], ownCommit(1, 0, "a", 4_000));
      assert.is(journal.votes().at(-1)?.message.round, 1_000);
      assert.is(journal.votes().length, 9);
    });
  }),
);

test(
  "takes nothing that does not fit, and keeps what it has",
  withJournalPath(async (path) => {
    await use(path, async (journal) => {
      await journal.append(ownPrepare(1, 0), JOURNAL_VOTERS);
      await failsWith(
        () => journal.append(ownCommit(1, 0, "a", CAPACITY_BYTES), JOURNAL_VOTERS),
        "JOURNAL_FULL",
      );
      assert.equal(journal.votes(), [ownPrepare(1, 0)]);
    });
    await use(path, (journal) => assert.equal(journal.votes(), [ownPrepare(1, 0)]));
  }),
);

test(
  "torn in its last record is sound without it: it was never acknowledged, so never sent",
  withJournalPath(async (path) => {
    const { bytes, lastOffset, endOffset } = await written(path);
    // An `fdatasync` that did not return leaves any prefix; zeros stood there before.
    for (let cut = lastOffset; cut < endOffset; cut += 1) {
      const torn = Buffer.from(bytes);
      torn.fill(0, cut);
      await writeFile(path, torn);
      await use(path, (journal) => {
        assert.is(journal.damage, null, `cut at ${cut}`);
        assert.equal(journal.votes(), [ownPrepare(1, 0)]);
      });
    }
  }),
);

test(
  "altered in any byte of an earlier record says that it is damaged, takes nothing, and stays as it is",
  withJournalPath(async (path) => {
    const { bytes, lastOffset } = await written(path);
    for (let at = HEADER_BYTES; at < lastOffset; at += 1) {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 0x10;
      await writeFile(path, altered);
      await use(path, async (journal) => {
        assert.is(journal.damage, "record damaged", `byte ${at}`);
        assert.is(journal.starts, 0);
        assert.equal(journal.votes(), []);
      });
    }
    await use(path, async (journal) => {
      await failsWith(() => journal.append(ownPrepare(9, 0), JOURNAL_VOTERS), "JOURNAL_DAMAGED");
      await failsWith(() => journal.abstain({ code: "AMNESIA", reason: "" }), "JOURNAL_DAMAGED");
    });
    const after = await readFile(path);
    assert.is(after.filter((byte, at) => byte !== bytes[at]).length, 1);
  }),
);

test(
  "cut short, emptied or of another format is damaged",
  withJournalPath(async (path) => {
    const { bytes } = await written(path);
    await truncate(path, CAPACITY_BYTES / 2);
    assert.is(await use(path, (journal) => journal.damage), "size damaged");
    await truncate(path, 0);
    assert.is(await use(path, (journal) => journal.damage), "header damaged");
    const renamed = Buffer.from(bytes);
    encodeHeader("outbox", CAPACITY_BYTES, 1).copy(renamed);
    await writeFile(path, renamed);
    assert.is(await use(path, (journal) => journal.damage), "header damaged");
  }),
);

test(
  "with sound records that do not follow from each other is damaged",
  withJournalPath(async (path) => {
    const vote = (one: ReturnType<typeof ownPrepare>) =>
      encode(["vote", encodeOwnVote(one, ELECTORS), [...JOURNAL_VOTERS]]);
    const stories: readonly (readonly Uint8Array[])[] = [
      [encode(["start", 2])],
      [encode(["start", 1]), vote(ownPrepare(2, 0)), vote(ownPrepare(1, 0))],
      [encode(["start", 1]), vote(ownPrepare(1, 0)), vote(ownPrepare(1, 0, "b"))],
      [encode(["start", 1]), vote({ ...ownCommit(1, 0), basis: null })],
      [encode(["start", 1]), encode(["summary", 1, null, []])],
      [encode(["start", 1]), encode(["vote", Uint8Array.of(1), null])],
      [encode(["unheard", 1])],
    ];
    for (const payloads of stories) {
      const file = Buffer.alloc(CAPACITY_BYTES);
      const records = payloads.map((payload, index) => encodeRecord({ number: index + 1, payload }));
      Buffer.concat([encodeHeader("votes", CAPACITY_BYTES, 1), ...records]).copy(file);
      await writeFile(path, file);
      assert.is(await use(path, (journal) => journal.damage), "content damaged");
    }
  }),
);

test(
  "removed begins again with its first start: whether that is one, outbox and ledger know",
  withJournalPath(async (path) => {
    await written(path);
    await rm(path);
    assert.is(await use(path, (journal) => journal.starts), 1);
  }),
);

test(
  "is readable by its owner alone",
  withJournalPath(async (path) => {
    await written(path);
    const file = await open(path);
    assert.is((await file.stat()).mode & 0o777, 0o600);
    await file.close();
  }),
);

test.run();
