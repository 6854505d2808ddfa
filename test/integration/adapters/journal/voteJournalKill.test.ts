/** A vote journal whose process is killed at any moment keeps every vote that may have been published. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openVoteJournal } from "../../../../agent/adapters/journal/fileVoteJournal.ts";
import { highestRound } from "../../../../agent/core/consensus/ownVote.ts";
import { ROUNDS_KEPT } from "../../../../agent/core/consensus/voteKeeper.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const CHILD = fileURLToPath(new URL("../../../support/voteJournalChild.ts", import.meta.url));
/** Small, so that it is rewritten every few heights. */
const CAPACITY_BYTES = 32_768;
const ROUNDS = 6;

/** Runs the child, kills it after so many promises, and returns all it made. */
async function promisesUntilKilled(path: string, killAfter: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, ["--import", "tsx", CHILD, path, String(CAPACITY_BYTES)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const promises: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    promises.push(line);
    if (promises.length === killAfter) child.kill("SIGKILL");
  }
  const [, signal] = await exited;
  assert.is(signal, "SIGKILL", "the child ended by itself");
  return promises;
}

const test = suite("vote journal of a killed process");

test("S1: no published vote is forgotten, so no place is voted for twice, whenever it is killed", () =>
  withTemporaryDirectory(async (directory) => {
    const path = join(directory, "votes.journal");
    const said = new Map<string, string>();
    let starts = 0;
    for (let life = 1; life <= ROUNDS; life += 1) {
      const [start, ...votes] = await promisesUntilKilled(path, 61 * life + 50);
      starts += 1;
      assert.is(start, `start ${starts}`);
      for (const vote of votes) {
        const [kind, height, round, block = ""] = vote.split(" ");
        const place = `${kind} ${height} ${round}`;
        assert.not(said.has(place), `${place} for ${said.get(place)} and ${block}`);
        said.set(place, block);
      }
      const journal = await openVoteJournal(path, {
        capacityBytes: CAPACITY_BYTES,
      });
      starts += 1;
      await journal.close();
      assert.is(journal.damage, null);
      const kept = new Set(
        journal.votes().map(({ message }) => `${message.kind} ${message.height} ${message.round}`),
      );
      const lastHeight = journal.votes().at(-1)?.message.height ?? 0;
      const floor = highestRound(journal.votes()) - ROUNDS_KEPT;
      for (const place of said.keys()) {
        const [, height, round] = place.split(" ");
        assert.ok(Number(height) <= lastHeight, place);
        if (Number(height) === lastHeight && Number(round) > floor) assert.ok(kept.has(place), place);
      }
    }
    assert.ok(said.size > 1_000, `${said.size}`);
  }));

test.run();
