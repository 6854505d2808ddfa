/**
 * A process that votes until it is killed. Each line on stdout is one promise, `start N` or `KIND HEIGHT ROUND BLOCK`,
 * written only after the journal returned: what it says may have been published. Arguments: path, size of the file.
 */
import { writeSync } from "node:fs";
import { openVoteJournal } from "../../agent/adapters/journal/fileVoteJournal.ts";
import type { OwnVote } from "../../agent/core/consensus/ownVote.ts";
import { JOURNAL_VOTERS, ownCommit, ownPrepare, ownProposal, ownRoundChange } from "./journalVotes.ts";

const [path, capacityBytes] = process.argv.slice(2);
if (path === undefined) throw new Error("usage: voteJournalChild.ts PATH CAPACITY_BYTES");

const journal = await openVoteJournal(path, {
  capacityBytes: Number(capacityBytes),
});
if (journal.damage !== null) throw new Error(journal.damage);
writeSync(1, `start ${journal.starts}\n`);
const last = journal.votes().at(-1)?.message;
/** Each life votes for blocks of its own: a place voted for twice would show. */
const name = `life ${journal.starts}`;
for (let height = (last?.height ?? 0) + 1; ; height += 1) {
  await vote(ownProposal(height, name));
  await vote(ownPrepare(height, 0, name));
  await vote(ownCommit(height, 0, name, 100 + (height % 900)));
  for (let round = 1; round <= height % 4; round += 1) {
    await vote(ownRoundChange(height, round));
    await vote(ownPrepare(height, round, name));
    await vote(ownCommit(height, round, name, 100 + (height % 900)));
  }
}

async function vote(own: OwnVote): Promise<void> {
  await journal.append(own, JOURNAL_VOTERS);
  const { message } = own;
  const said = message.kind === "round-change" ? message.candidate : message.blockHash;
  writeSync(1, `${message.kind} ${message.height} ${message.round} ${said}\n`);
}
