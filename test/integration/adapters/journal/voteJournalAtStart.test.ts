/** What a start makes of the vote journal it finds: a sound one is taken, a missing or damaged one begins anew and abstains. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  createVoteJournal,
  voteJournalAtStart,
} from "../../../../agent/adapters/journal/voteJournalAtStart.ts";
import { height } from "../../../../agent/core/units.ts";
import { JOURNAL_VOTERS, ownPrepare } from "../../../support/journalVotes.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const test = suite("vote journal at a start");

const withPath = (work: (path: string) => Promise<void>) => () =>
  withTemporaryDirectory((directory) => work(join(directory, "votes.journal")));

async function start(path: string) {
  const journal = await voteJournalAtStart(path);
  const found = {
    starts: journal.starts,
    abstention: journal.abstention()?.reason ?? null,
    votes: journal.votes().length,
    returnedAt: journal.returnedAt(),
  };
  await journal.close();
  return found;
}

test(
  "made with the key, its first start is the first, and it votes",
  withPath(async (path) => {
    await createVoteJournal(path);
    assert.equal(await start(path), { starts: 1, abstention: null, votes: 0, returnedAt: null });
    assert.is((await start(path)).starts, 2);
  }),
);

test(
  "missing beside a key, it abstains, also at later starts",
  withPath(async (path) => {
    const reason = "amnesia: there is a key, but no vote journal";
    assert.is((await start(path)).abstention, reason);
    assert.is((await start(path)).abstention, reason);
  }),
);

test(
  "damaged, it is set aside as it is, and a fresh one abstains",
  withPath(async (path) => {
    await createVoteJournal(path);
    const journal = await voteJournalAtStart(path);
    await journal.append(ownPrepare(1, 0), JOURNAL_VOTERS);
    await journal.append(ownPrepare(2, 0), JOURNAL_VOTERS);
    await journal.close();
    const bytes = await readFile(path);
    const at = bytes.indexOf(Buffer.from("ed50a1c3", "hex"), 600) + 20;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const found = await start(path);
    assert.match(found.abstention ?? "", /^amnesia: the vote journal is damaged/);
    assert.is(found.votes, 0);
    assert.equal(await readFile(`${path}.damaged`), bytes);
  }),
);

test(
  "after a return it votes above that block alone, with starts counted from the outbox's",
  withPath(async (path) => {
    await start(path);
    const journal = await voteJournalAtStart(path);
    const refused = await journal.append(ownPrepare(8, 0), JOURNAL_VOTERS).catch((error: unknown) => error);
    assert.is((refused as { code: string }).code, "JOURNAL_SEQUENCE", "no vote while it abstains");
    await journal.resume(height(7), 9);
    const below = await journal.append(ownPrepare(7, 0), JOURNAL_VOTERS).catch((error: unknown) => error);
    assert.is((below as { code: string }).code, "JOURNAL_SEQUENCE");
    await journal.append(ownPrepare(8, 0), JOURNAL_VOTERS);
    await journal.close();
    assert.equal(await start(path), { starts: 10, abstention: null, votes: 1, returnedAt: 7 });
  }),
);

test.run();
