/** Which combinations of journal, outbox and ledger may vote: every one that agrees, and no other. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openVoteJournal } from "../../../../../agent/adapters/journal/fileVoteJournal.ts";
import type { OwnVote } from "../../../../../agent/core/consensus/ownVote.ts";
import { hashOf } from "../../../../../agent/core/hash.ts";
import { height } from "../../../../../agent/core/units.ts";
import {
  abstentionAtStart,
  heightBeforeVoting,
  type StartFacts,
} from "../../../../../agent/services/voting/amnesia.ts";
import { ownPrepare } from "../../../../support/journalVotes.ts";
import { withTemporaryDirectory } from "../../../../support/temporaryDirectory.ts";

/** A data directory: starts that journal and outbox counted, height voted at and height of the ledger. */
type Directory = {
  readonly starts: number;
  readonly boot: number;
  readonly votedAt: number;
  readonly ledger: number;
  readonly setAside?: number;
  readonly released?: number;
};

const factsOf = (directory: Directory): StartFacts => {
  const { starts, boot, votedAt, ledger, setAside = 0, released = 0 } = directory;
  const votes: readonly OwnVote[] = votedAt === 0 ? [] : [ownPrepare(votedAt, 0)];
  return {
    journal: { starts, damage: null, returnedAt: () => null, abstention: () => null, votes: () => votes },
    outboxBoot: boot,
    ledgerHeight: ledger,
    ledgersSetAside: setAside,
    releasedHeight: released,
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
  ["with a sound journal and a ledger that was lost", { starts: 5, boot: 5, votedAt: 8, ledger: 0 }],
  ["with a sound journal and a ledger that went back", { starts: 5, boot: 5, votedAt: 8, ledger: 6 }],
  ["with a damaged ledger", { starts: 5, boot: 5, votedAt: 8, ledger: 0, setAside: 1, released: 7 }],
  [
    "in the middle of fetching a ledger again, beyond its own votes",
    { starts: 5, boot: 5, votedAt: 8, ledger: 9, setAside: 1, released: 12 },
  ],
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
  ["journal and outbox", { starts: 1, boot: 1, votedAt: 0, ledger: 7 }, /there is or was a ledger/],
  ["the outbox", { starts: 5, boot: 1, votedAt: 8, ledger: 7 }, /no outbox/],
  ["outbox and ledger", { starts: 5, boot: 1, votedAt: 8, ledger: 0 }, /no outbox/],
  ["the outbox, before it ever voted", { starts: 5, boot: 1, votedAt: 0, ledger: 7 }, /no outbox/],
  [
    "journal and outbox, beside a damaged ledger",
    { starts: 1, boot: 1, votedAt: 0, ledger: 0, setAside: 1 },
    /was a ledger/,
  ],
  [
    "the journal, beside a damaged ledger",
    { starts: 1, boot: 5, votedAt: 0, ledger: 0, setAside: 1 },
    /no vote journal/,
  ],
  [
    "the outbox, beside a damaged ledger",
    { starts: 5, boot: 1, votedAt: 0, ledger: 0, setAside: 1 },
    /no outbox/,
  ],
  [
    "blocks above every vote that it knows of",
    { starts: 5, boot: 5, votedAt: 8, ledger: 7, released: 9 },
    /lost the blocks above height 7/,
  ],
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

test("S5: the ledger must reach the block below the last vote, and what the outbox saw committed", () => {
  const released = (at: number) => ({ sequence: 1, height: height(at), blockHash: hashOf(new Uint8Array()) });
  for (const [votedAt, releasedAt, expected] of [
    [0, null, 0],
    [1, null, 0],
    [8, null, 7],
    [8, 7, 7],
    [8, 12, 12],
    [0, 3, 3],
  ] as const) {
    const { journal } = factsOf({ starts: 2, boot: 2, votedAt, ledger: 0 });
    const lastRelease = () => (releasedAt === null ? null : released(releasedAt));
    assert.is(heightBeforeVoting(journal, { lastRelease }), expected, `${votedAt}, ${releasedAt}`);
  }
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
    const first = { starts: 1, boot: 1, votedAt: 0, ledger: 0 };
    for (const [outboxBoot, expected] of [
      [1, null],
      [2, null],
      [4, "AMNESIA"],
    ] as const) {
      const options = { capacityBytes: 16_384 };
      const journal = await openVoteJournal(join(directory, "votes.journal"), options);
      assert.is(abstentionAtStart({ ...factsOf(first), journal, outboxBoot })?.code ?? null, expected);
      await journal.close();
    }
  }));

test.run();
