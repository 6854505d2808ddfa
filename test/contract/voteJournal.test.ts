/** What every vote journal does: the fake that services are tested with, and the one on disk. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openVoteJournal } from "../../agent/adapters/journal/fileVoteJournal.ts";
import { encodeMessage } from "../../agent/core/consensus/messageCodec.ts";
import type { VoteJournal } from "../../agent/ports/voteJournal.ts";
import { failsWith } from "../support/failure.ts";
import {
  ELECTORS,
  JOURNAL_VOTERS,
  ownCommit,
  ownPrepare,
  ownProposal,
  ownRoundChange,
} from "../support/journalVotes.ts";
import { emptyVoteJournalDisk, memoryVoteJournal } from "../support/memoryVoteJournal.ts";

/** Opens the journal of one test; again after a close, on the same disk. */
type Open = () => Promise<VoteJournal>;

const subjects: readonly (readonly [
  name: string,
  withDisk: (use: (open: Open) => Promise<void>) => Promise<void>,
])[] = [
  [
    "in memory",
    async (use) => {
      const disk = emptyVoteJournalDisk();
      await use(async () => memoryVoteJournal(disk));
    },
  ],
  [
    "in a file",
    async (use) => {
      const directory = await mkdtemp(join(tmpdir(), "edso-votes-"));
      try {
        const options = { capacityBytes: 65_536 };
        await use(() => openVoteJournal(join(directory, "votes.journal"), options));
      } finally {
        await rm(directory, { recursive: true });
      }
    },
  ],
];

for (const [name, withDisk] of subjects) {
  const test = suite(`vote journal ${name}`);

  const withJournal = (use: (journal: VoteJournal, reopen: Open) => Promise<void>) => () =>
    withDisk(async (open) => {
      let journal = await open();
      try {
        await use(journal, async () => {
          await journal.close();
          journal = await open();
          return journal;
        });
      } finally {
        await journal.close();
      }
    });

  test(
    "begins with its first start, sound, without a vote and without a reason not to vote",
    withJournal(async (journal) => {
      assert.is(journal.starts, 1);
      assert.is(journal.damage, null);
      assert.equal(journal.votes(), []);
      assert.is(journal.abstention(), null);
    }),
  );

  test(
    "counts every start",
    withJournal(async (_, reopen) => {
      assert.is((await reopen()).starts, 2);
      assert.is((await reopen()).starts, 3);
    }),
  );

  test(
    "keeps every kind of vote, with all that a COMMIT rests on, also when opened again",
    withJournal(async (journal, reopen) => {
      const votes = [
        ownProposal(1),
        ownPrepare(1, 0),
        ownCommit(1, 0),
        ownRoundChange(1, 1),
        ownPrepare(1, 1),
      ];
      for (const vote of votes) await journal.append(vote, JOURNAL_VOTERS);
      const inMemory = journal.votes();
      assert.is(inMemory.length, 5);
      assert.equal(inMemory[2], ownCommit(1, 0));
      assert.equal((await reopen()).votes(), inMemory);
    }),
  );

  test(
    "gives back a vote byte for byte",
    withJournal(async (journal, reopen) => {
      const vote = ownCommit(7, 2);
      await journal.append(vote, JOURNAL_VOTERS);
      const [kept] = (await reopen()).votes();
      assert.ok(kept);
      assert.equal(encodeMessage(kept.message, ELECTORS), encodeMessage(vote.message, ELECTORS));
    }),
  );

  test(
    "lets go of a height once a higher one is voted at",
    withJournal(async (journal, reopen) => {
      await journal.append(ownPrepare(1, 0), JOURNAL_VOTERS);
      await journal.append(ownPrepare(2, 0), JOURNAL_VOTERS);
      assert.equal(journal.votes(), [ownPrepare(2, 0)]);
      assert.equal((await reopen()).votes(), [ownPrepare(2, 0)]);
    }),
  );

  test(
    "S1: takes no second vote for one place, neither another nor the same, in this life or the next",
    withJournal(async (journal, reopen) => {
      await journal.append(ownPrepare(1, 0), JOURNAL_VOTERS);
      await failsWith(() => journal.append(ownPrepare(1, 0, "b"), JOURNAL_VOTERS), "JOURNAL_SEQUENCE");
      await failsWith(() => journal.append(ownPrepare(1, 0), JOURNAL_VOTERS), "JOURNAL_SEQUENCE");
      const again = await reopen();
      await failsWith(() => again.append(ownPrepare(1, 0, "b"), JOURNAL_VOTERS), "JOURNAL_SEQUENCE");
      assert.equal(again.votes(), [ownPrepare(1, 0)]);
    }),
  );

  test(
    "S2: takes no vote of a round that was left, or of a lower height",
    withJournal(async (journal) => {
      await journal.append(ownRoundChange(5, 3), JOURNAL_VOTERS);
      await failsWith(() => journal.append(ownPrepare(5, 2), JOURNAL_VOTERS), "JOURNAL_SEQUENCE");
      await failsWith(() => journal.append(ownPrepare(4, 9), JOURNAL_VOTERS), "JOURNAL_SEQUENCE");
    }),
  );

  test(
    "S4: takes no COMMIT without what it rests on",
    withJournal(async (journal) => {
      const { message } = ownCommit(1, 0);
      await failsWith(() => journal.append({ message, basis: null }, JOURNAL_VOTERS), "JOURNAL_SEQUENCE");
    }),
  );

  test(
    "of two votes appended at once for one place, exactly one is taken",
    withJournal(async (journal) => {
      const results = await Promise.allSettled([
        journal.append(ownPrepare(1, 0), JOURNAL_VOTERS),
        journal.append(ownPrepare(1, 0, "b"), JOURNAL_VOTERS),
      ]);
      assert.equal(results.map((result) => result.status).sort(), ["fulfilled", "rejected"]);
      assert.is(journal.votes().length, 1);
    }),
  );

  test(
    "remembers why it must not vote, and the first reason stays",
    withJournal(async (journal, reopen) => {
      const reason = { code: "AMNESIA", reason: "amnesia: the outbox is gone" } as const;
      await journal.abstain(reason);
      await journal.abstain({ code: "KEY_CLONED", reason: "key cloned" });
      assert.equal(journal.abstention(), reason);
      assert.equal((await reopen()).abstention(), reason);
    }),
  );

  test(
    "closed, it takes nothing more; closing twice is harmless",
    withJournal(async (journal) => {
      await journal.close();
      await journal.close();
      await failsWith(() => journal.append(ownPrepare(1, 0), JOURNAL_VOTERS), "JOURNAL_CLOSED");
    }),
  );

  test.run();
}
