import { rm } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openOutbox } from "../../../agent/adapters/journal/fileOutbox.ts";
import { voteJournalAtStart } from "../../../agent/adapters/journal/voteJournalAtStart.ts";
import { nodeVerifier } from "../../../agent/adapters/signer/nodeVerifier.ts";
import { openStore } from "../../../agent/adapters/store/levelStore.ts";
import { layOutStreet, type Street } from "../../../agent/cli/demoSetup.ts";
import { USUAL_STREET } from "../../../agent/cli/demoStreet.ts";
import { readGenesisFile } from "../../../agent/cli/genesisFile.ts";
import { readBlock } from "../../../agent/core/ledger/blocks/block.ts";
import { height as heightOf } from "../../../agent/core/units.ts";
import { openChain } from "../../../agent/services/ledger/ledgerOpening.ts";
import { abstentionAtStart } from "../../../agent/services/voting/amnesia.ts";
import { readEvidence } from "../../chaos/evidence.ts";
import { BLOCKS_BEFORE_AWAY, type History, writeHistory } from "../../chaos/history.ts";
import { chainFaults, readingFaults } from "../../chaos/judgeEvidence.ts";
import { DEPENDENCIES } from "../../chaos/simulatedMeters.ts";
import { withTemporaryDirectory } from "../../support/temporaryDirectory.ts";

const BLOCKS = 12;
const INTERVAL_SECONDS = 5;
const GATEWAYS = 4;

const history = suite("a street that has run before its processes start");

/** Writes a short one and hands it out. */
async function written(use: (street: Street, done: History) => Promise<void>): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const wanted = {
      gateways: GATEWAYS,
      intervalSeconds: INTERVAL_SECONDS,
      seed: "history",
      mode: "islanded",
      plan: USUAL_STREET,
    } as const;
    const dataDir = join(directory, "street");
    const backMs = -BLOCKS * INTERVAL_SECONDS * 1000;
    const street = await layOutStreet({ ...wanted, dataDir }, DEPENDENCIES, backMs);
    const plan = { blocks: BLOCKS, intervalSeconds: INTERVAL_SECONDS };
    await use(street, await writeHistory(street, plan, () => {}, new AbortController().signal));
  });
}

/** What the next start of a gateway makes of its directory: its height, what is recomputed, why it must not vote. */
async function nextStart(directory: string) {
  const context = await readGenesisFile(join(directory, "genesis.cbor"), nodeVerifier().verify);
  const store = await openStore(join(directory, "ledger"));
  const journal = await voteJournalAtStart(join(directory, "votes.journal"));
  const outbox = await openOutbox(join(directory, "outbox.journal"));
  const { state, recomputed, unaudited } = await openChain({ context, store });
  const abstention = abstentionAtStart({
    journal,
    outboxBoot: outbox.boot,
    ledgerHeight: state.height,
    ledgersSetAside: 0,
    releasedHeight: outbox.lastRelease()?.height ?? 0,
  });
  const votedAt = journal.votes().map(({ message }) => message.height);
  for (const part of [outbox, journal, store]) await part.close();
  return { height: state.height, recomputed, unaudited, abstention, votedAt };
}

history("is what its gateways go on from, each where it stopped, and with their right to vote", async () => {
  await written(async ({ places }, { heights, nextInterval }) => {
    const away = places.at(-1)?.household.name ?? "";
    assert.is(heights.get(away), BLOCKS_BEFORE_AWAY);
    assert.ok((nextInterval + 1) * INTERVAL_SECONDS * 1000 > Date.now() - 60_000);
    for (const { household, directory } of places) {
      const { height, recomputed, unaudited, abstention, votedAt } = await nextStart(directory);
      assert.is(height, heights.get(household.name));
      assert.ok(height === BLOCKS_BEFORE_AWAY || height >= BLOCKS);
      assert.equal([recomputed, unaudited, abstention], [0, null, null]);
      assert.ok(votedAt.length >= 2 && votedAt.every((at) => at === height));
    }
  });
});

history("has one chain with every reading once, all measured but of whoever was away", async () => {
  await written(async ({ places }) => {
    const evidence = await Promise.all(
      places.map(({ household, directory }) => readEvidence(household.name, directory)),
    );
    assert.equal(chainFaults(evidence), []);
    const context = await readGenesisFile(join(places[0]!.directory, "genesis.cbor"), nodeVerifier().verify);
    const memberOf = new Map(context.roster.members.map(({ id, name }) => [name, id]));
    assert.equal(readingFaults(evidence, memberOf), []);
    for (const { height, readings } of evidence[0]!.chain) {
      const expected = height <= BLOCKS_BEFORE_AWAY ? GATEWAYS : GATEWAYS - 1;
      assert.is(readings.filter(({ kind }) => kind === "measured").length, expected);
    }
  });
});

history("lets nobody vote whose journal is gone", async () => {
  await written(async ({ places: [first] }) => {
    await rm(join(first!.directory, "votes.journal"));
    assert.is((await nextStart(first!.directory)).abstention?.code, "AMNESIA");
  });
});

history("has traded energy: its meters are read, not made up", async () => {
  await written(async ({ places: [first] }) => {
    const store = await openStore(join(first!.directory, "ledger"));
    const stored = await store.block(heightOf(BLOCKS));
    await store.close();
    const block = readBlock(stored?.block ?? new Uint8Array());
    if (block.kind !== "accept") throw new Error(block.code);
    const [interval] = block.value.body.intervals;
    const consumed = interval?.readings.map(({ reading: { content } }) =>
      content.kind === "measured" ? content.consumed : 0n,
    );
    assert.ok(consumed?.every((energy) => energy > 0n));
  });
});

history.run();
