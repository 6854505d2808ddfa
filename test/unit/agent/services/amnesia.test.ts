/** Which combinations of journal, outbox and ledger may vote: every one that agrees, and no other. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openVoteJournal } from "../../../../agent/adapters/journal/fileVoteJournal.ts";
import type { OwnVote } from "../../../../agent/core/consensus/ownVote.ts";
import { abstentionAtStart, type StartFacts } from "../../../../agent/services/amnesia.ts";
import { ownPrepare } from "../../../support/journalVotes.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

/** A data directory: starts that journal and outbox counted, height voted at and height of the ledger. */
type Directory = {
  readonly starts: number;
  readonly boot: number;
  readonly votedAt: number;
  readonly ledger: number;
};

const factsOf = ({ starts, boot, votedAt, ledger }: Directory): StartFacts => {
  const votes: readonly OwnVote[] = votedAt === 0 ? [] : [ownPrepare(votedAt, 0)];
  return {
    journal: { starts, damage: null, returnedAt: () => null, abstention: () => null, votes: () => votes },
    outboxBoot: boot,
    ledgerHeight: ledger,
  };
};

const test = suite("amnesia");

const voters: readonly (readonly [string, Directory])[] = [
  ["on the very first start", { starts: 1, boot: 1, votedAt: 0, ledger: 0 }],
  ["after a restart before the first vote", { starts: 2, boot: 2, votedAt: 0, ledger: 0 }],
  ["after a restart at height 1", { starts: 2, boot: 2, votedAt: 1, ledger: 0 }],
  ["after a restart at the height in progress", { starts: 5, boot: 5, votedAt: 8, ledger: 7 }],
  ["after a restart right after a commit", { starts: 5, boot: 5, votedAt: 8, ledger: 8 }],
  ["when the ledger has gone on without it", { starts: 5, boot: 5, votedAt: 8, ledger: 40 }],
  ["after a crash between opening journal and outbox", { starts: 6, boot: 5, votedAt: 8, ledger: 8 }],
  ["after such a crash at its first start", { starts: 2, boot: 1, votedAt: 0, ledger: 0 }],
];
for (const [name, directory] of voters) {
  test(`lets a gateway vote ${name}`, () => {
    assert.is(abstentionAtStart(factsOf(directory)), null);
  });
}

/** A life of four starts at height 8, with some of its files lost. */
const lost: readonly (readonly [string, Directory, RegExp])[] = [
  ["the journal", { starts: 1, boot: 5, votedAt: 0, ledger: 7 }, /no vote journal.*4 earlier starts/],
  [
    "the journal, in a street without a block yet",
    { starts: 1, boot: 2, votedAt: 0, ledger: 0 },
    /no vote journal/,
  ],
  ["journal and ledger", { starts: 1, boot: 5, votedAt: 0, ledger: 0 }, /no vote journal/],
  ["journal and outbox", { starts: 1, boot: 1, votedAt: 0, ledger: 7 }, /ledger has 7 blocks/],
  ["the outbox", { starts: 5, boot: 1, votedAt: 8, ledger: 7 }, /no outbox/],
  ["outbox and ledger", { starts: 5, boot: 1, votedAt: 8, ledger: 0 }, /no outbox/],
  ["the outbox, before it ever voted", { starts: 5, boot: 1, votedAt: 0, ledger: 7 }, /no outbox/],
  ["the ledger", { starts: 5, boot: 5, votedAt: 8, ledger: 0 }, /ends at height 0.*up to 8/],
  ["the last blocks of the ledger", { starts: 5, boot: 5, votedAt: 8, ledger: 6 }, /ends at height 6/],
  [
    "the last starts of the journal, replaced by an older copy",
    { starts: 3, boot: 5, votedAt: 4, ledger: 7 },
    /older/,
  ],
];
for (const [name, directory, reason] of lost) {
  test(`S1, S5: a gateway that has lost ${name} abstains`, () => {
    const abstention = abstentionAtStart(factsOf(directory));
    assert.is(abstention?.code, "AMNESIA");
    assert.match(abstention?.reason ?? "", /^amnesia: /);
    assert.match(abstention?.reason ?? "", reason);
  });
}

test("a gateway with a damaged journal abstains, whatever the others say", () => {
  const facts = factsOf({ starts: 0, boot: 1, votedAt: 0, ledger: 0 });
  const abstention = abstentionAtStart({ ...facts, journal: { ...facts.journal, damage: "record damaged" } });
  assert.equal(abstention, {
    code: "AMNESIA",
    reason: "amnesia: the vote journal is damaged (record damaged)",
  });
});

test("what an earlier life recorded stays, also when all agree again", () => {
  const facts = factsOf({ starts: 5, boot: 5, votedAt: 8, ledger: 8 });
  const recorded = { code: "KEY_CLONED", reason: "key cloned" } as const;
  assert.equal(
    abstentionAtStart({ ...facts, journal: { ...facts.journal, abstention: () => recorded } }),
    recorded,
  );
});

test("reads the same from the journal on disk", () =>
  withTemporaryDirectory(async (directory) => {
    for (const [outboxBoot, expected] of [
      [1, null],
      [2, null],
      [4, "AMNESIA"],
    ] as const) {
      const options = { capacityBytes: 16_384 };
      const journal = await openVoteJournal(join(directory, "votes.journal"), options);
      assert.is(abstentionAtStart({ journal, outboxBoot, ledgerHeight: 0 })?.code ?? null, expected);
      await journal.close();
    }
  }));

test.run();
