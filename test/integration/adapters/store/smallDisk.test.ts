/** A real filesystem that fills up and becomes read-only under ledger, vote journal and outbox, and has room again. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openOutbox } from "../../../../agent/adapters/journal/fileOutbox.ts";
import { openVoteJournal } from "../../../../agent/adapters/journal/fileVoteJournal.ts";
import { dataDisk } from "../../../../agent/adapters/store/dataDisk.ts";
import { openStore } from "../../../../agent/adapters/store/levelStore.ts";
import { isAgentError } from "../../../../agent/core/errors.ts";
import { height } from "../../../../agent/core/units.ts";
import type { LedgerStore } from "../../../../agent/ports/ledgerStore.ts";
import { isDiskRefusal } from "../../../../agent/services/voting/diskGuard.ts";
import { failsWith } from "../../../support/failure.ts";
import { JOURNAL_VOTERS, ownPrepare } from "../../../support/journalVotes.ts";
import { leaveOut } from "../../../support/leaveOut.ts";
import { mountLack, withSmallDisk } from "../../../support/smallDisk.ts";
import { stateAfter, storedBlock } from "../../../support/storedBlocks.ts";

const SIZE_MIB = 16;
const VOTES_BYTES = 262_144;
const lack = await mountLack();
const test = suite("on a small disk");

/** Fills the disk to the last byte. */
async function fill(directory: string): Promise<void> {
  for (let size = 1_048_576; size >= 4_096; size /= 4) {
    for (let count = 0; ; count += 1) {
      const isFull = await writeFile(join(directory, `fill-${size}-${count}`), Buffer.alloc(size, 1)).then(
        () => false,
        () => true,
      );
      if (isFull) break;
    }
  }
}

/** Commits large blocks until the disk refuses. @returns the newest that was taken, and the refusal */
async function commitUntilRefused(store: LedgerStore): Promise<{ last: number; error: unknown }> {
  for (let at = 1; ; at += 1) {
    const block = { ...storedBlock(at), block: new Uint8Array(400_000).fill(at) };
    try {
      await store.commit(block, stateAfter(at));
    } catch (error) {
      return { last: at - 1, error };
    }
  }
}

if (lack !== null) {
  leaveOut("ledger and journals on a real small filesystem", lack);
  test("is left out, with a word", () => assert.type(lack, "string"));
} else {
  test("free space is what the filesystem says, and room is made of what was set aside", () =>
    withSmallDisk(SIZE_MIB, async ({ directory }) => {
      const disk = dataDisk(directory);
      const before = await disk.look();
      assert.ok(before.freeBytes <= SIZE_MIB * 1_048_576 && before.freeBytes > 15 * 1_048_576);
      const aside = join(directory, "ledger.damaged-20260101T000000Z");
      await mkdir(aside);
      await writeFile(join(aside, "000005.ldb"), Buffer.alloc(4_194_304));
      assert.ok((await disk.look()).freeBytes < before.freeBytes - 4_000_000);
      assert.is(await disk.makeRoom(), 4_194_304);
      assert.ok((await disk.look()).freeBytes > before.freeBytes - 100_000);
      assert.is(await disk.makeRoom(), 0);
    }));

  test("a full one ends commits as a refusal of the disk, and every block that was taken is there again", () =>
    withSmallDisk(SIZE_MIB, async ({ directory }) => {
      const path = join(directory, "ledger");
      const store = await openStore(path);
      const { last, error } = await commitUntilRefused(store);
      assert.ok(last > 5);
      assert.is(isAgentError(error) && error.code, "STORE_WRITE");
      assert.is(isDiskRefusal(error), true);
      assert.is((await store.head())?.height, last);
      await store.close();
      const refused = await openStore(path).then(
        (opened) => opened.close().then(() => null),
        (cause: unknown) => cause,
      );
      assert.ok(refused === null || isDiskRefusal(refused), "never called damage");
    }));

  test("votes and readings go on in the room they have, on a disk without any left", () =>
    withSmallDisk(SIZE_MIB, async ({ directory }) => {
      const options = { capacityBytes: VOTES_BYTES };
      const journal = await openVoteJournal(join(directory, "votes.journal"), options);
      const outbox = await openOutbox(join(directory, "outbox.journal"), { capacityBytes: VOTES_BYTES });
      await fill(directory);
      assert.ok((await dataDisk(directory).look()).freeBytes < 65_536);
      for (let at = 1; at <= 200; at += 1) {
        await journal.append(ownPrepare(at, 0), JOURNAL_VOTERS);
        await outbox.append({ sequence: at, bytes: new Uint8Array(300) });
      }
      assert.is(outbox.pending().length, 200);
      await journal.close();
      await outbox.close();
      const again = await openOutbox(join(directory, "outbox.journal"), { capacityBytes: VOTES_BYTES });
      assert.is(again.pending().length, 200);
      await again.close();
    }));

  test("a read-only one is seen, refuses by code, and keeps what it had", () =>
    withSmallDisk(SIZE_MIB, async ({ directory, setReadOnly }) => {
      const path = join(directory, "ledger");
      const options = { capacityBytes: VOTES_BYTES };
      const store = await openStore(path);
      await store.commit(storedBlock(1), stateAfter(1));
      const journal = await openVoteJournal(join(directory, "votes.journal"), options);
      await journal.append(ownPrepare(1, 0), JOURNAL_VOTERS);
      await journal.close();
      await store.close();
      setReadOnly(true);
      assert.is((await dataDisk(directory).look()).isWritable, false);
      const error = await failsWith(
        () => openVoteJournal(join(directory, "votes.journal"), options),
        "JOURNAL_WRITE",
      );
      assert.is(isDiskRefusal(error), true);
      const opening = await openStore(path).then(
        (opened) => opened.close().then(() => null),
        (cause: unknown) => cause,
      );
      assert.is(isDiskRefusal(opening), true, String(opening));
      setReadOnly(false);
      assert.is((await dataDisk(directory).look()).isWritable, true);
      const back = await openStore(path);
      assert.is((await back.head())?.height, height(1));
      await back.close();
      const votes = await openVoteJournal(join(directory, "votes.journal"), options);
      assert.equal([votes.damage, votes.votes().length], [null, 1]);
      await votes.close();
    }));
}

test.run();
