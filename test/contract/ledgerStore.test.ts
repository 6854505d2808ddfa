/** What every ledger store does: the fake that services are tested with, and LevelDB. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openStore } from "../../agent/adapters/store/levelStore.ts";
import { hashOf } from "../../agent/core/hash.ts";
import { height } from "../../agent/core/units.ts";
import type { LedgerStore } from "../../agent/ports/ledgerStore.ts";
import { failsWith } from "../support/failure.ts";
import { emptyStoreDisk, memoryStore } from "../support/memoryStore.ts";
import { stateAfter, storedBlock } from "../support/storedBlocks.ts";

/** Opens the store of one test; again after a close, on the same disk. */
type Open = () => Promise<LedgerStore>;

const subjects: readonly (readonly [
  name: string,
  withDisk: (use: (open: Open) => Promise<void>) => Promise<void>,
])[] = [
  [
    "in memory",
    async (use) => {
      const disk = emptyStoreDisk();
      await use(async () => memoryStore(disk));
    },
  ],
  [
    "in LevelDB",
    async (use) => {
      const directory = await mkdtemp(join(tmpdir(), "edso-store-"));
      try {
        await use(() => openStore(join(directory, "ledger")));
      } finally {
        await rm(directory, { recursive: true });
      }
    },
  ],
];

async function commitUpTo(store: LedgerStore, last: number): Promise<void> {
  for (let at = 1; at <= last; at += 1) await store.commit(storedBlock(at), stateAfter(at));
}

async function findsAll(store: LedgerStore): Promise<void> {
  for (const at of [1, 2, 255, 256, 257, 300]) {
    assert.equal(await store.block(height(at)), storedBlock(at));
    assert.is(await store.heightOf(storedBlock(at).blockHash), height(at));
  }
  assert.is((await store.head())?.height, height(300));
}

for (const [name, withDisk] of subjects) {
  const test = suite(`ledger store ${name}`);

  const withStore = (use: (store: LedgerStore, reopen: Open) => Promise<void>) => () =>
    withDisk(async (open) => {
      let store = await open();
      try {
        await use(store, async () => {
          await store.close();
          store = await open();
          return store;
        });
      } finally {
        await store.close();
      }
    });

  test(
    "is empty at first, also when opened again",
    withStore(async (store, reopen) => {
      assert.is(await store.head(), null);
      assert.is(await store.block(height(1)), null);
      assert.is(await store.heightOf(storedBlock(1).blockHash), null);
      assert.is(await (await reopen()).head(), null);
    }),
  );

  test(
    "a committed block is the head, with the state after it",
    withStore(async (store) => {
      await commitUpTo(store, 2);
      const { blockHash } = storedBlock(2);
      assert.equal(await store.head(), { height: height(2), blockHash, state: stateAfter(2) });
    }),
  );

  test(
    "every block is found by height and by hash, byte for byte, also when opened again",
    withStore(async (store, reopen) => {
      await commitUpTo(store, 300);
      await findsAll(store);
      await findsAll(await reopen());
    }),
  );

  test(
    "there is no block at 0, above the head, or of another hash",
    withStore(async (store) => {
      await commitUpTo(store, 2);
      assert.is(await store.block(height(0)), null);
      assert.is(await store.block(height(3)), null);
      assert.is(await store.block(height(Number.MAX_SAFE_INTEGER)), null);
      assert.is(await store.heightOf(hashOf(Uint8Array.of(1))), null);
    }),
  );

  test(
    "refuses a block that is not the next and stays as it was",
    withStore(async (store) => {
      await failsWith(() => store.commit(storedBlock(2), stateAfter(2)), "STORE_NOT_NEXT");
      assert.is(await store.head(), null);
      await commitUpTo(store, 2);
      for (const at of [0, 1, 2, 4])
        await failsWith(() => store.commit(storedBlock(at, 9), stateAfter(at)), "STORE_NOT_NEXT");
      assert.equal(await store.block(height(2)), storedBlock(2));
      assert.equal((await store.head())?.state, stateAfter(2));
      await store.commit(storedBlock(3), stateAfter(3));
    }),
  );

  test(
    "knows the next height when opened again",
    withStore(async (store, reopen) => {
      await commitUpTo(store, 2);
      const again = await reopen();
      await failsWith(() => again.commit(storedBlock(2), stateAfter(2)), "STORE_NOT_NEXT");
      await again.commit(storedBlock(3), stateAfter(3));
    }),
  );

  test(
    "of two concurrent commits at one height, exactly one is taken",
    withStore(async (store) => {
      const commits = [0, 1].map((fill) => store.commit(storedBlock(1, fill), stateAfter(1)));
      const results = await Promise.allSettled(commits);
      assert.equal(results.map((result) => result.status).sort(), ["fulfilled", "rejected"]);
      const taken = results.findIndex((result) => result.status === "fulfilled");
      assert.equal(await store.block(height(1)), storedBlock(1, taken));
      assert.is(await store.heightOf(storedBlock(1, 1 - taken).blockHash), null);
    }),
  );

  test(
    "a reader beside a commit sees all of it or nothing",
    withStore(async (store) => {
      for (let at = 1; at <= 20; at += 1) {
        const commit = store.commit(storedBlock(at), stateAfter(at));
        const [head, block] = await Promise.all([store.head(), store.block(height(at)), commit]);
        assert.ok(head === null || String(head.state) === String(stateAfter(head.height)));
        assert.ok(block === null || block.certificate.length > 0);
      }
    }),
  );

  test(
    "takes empty bytes and large ones",
    withStore(async (store, reopen) => {
      const empty = new Uint8Array();
      const large = new Uint8Array(1_000_000).fill(7);
      await store.commit({ ...storedBlock(1), block: empty, certificate: large }, empty);
      await store.commit({ ...storedBlock(2), block: large, certificate: empty }, large);
      const again = await reopen();
      assert.is((await again.block(height(1)))?.block.length, 0);
      assert.equal((await again.block(height(2)))?.block, large);
      assert.equal((await again.head())?.state, large);
    }),
  );

  test(
    "keeps the state of every 256th block, the newest six, also when opened again",
    withStore(async (store, reopen) => {
      await commitUpTo(store, 256 * 8 + 3);
      const again = await reopen();
      assert.equal(
        again.snapshotHeights(),
        [8, 7, 6, 5, 4, 3].map((count) => height(256 * count)),
      );
      const { blockHash } = storedBlock(768);
      const snapshot = { height: height(768), blockHash, state: stateAfter(768) };
      assert.equal(await again.snapshot(height(768)), snapshot);
      assert.is(await again.snapshot(height(512)), null);
      assert.is(await again.snapshot(height(767)), null);
      assert.is(again.base, height(0));
    }),
  );

  test(
    "begins with an adopted block, and keeps its state for as long as it begins with it",
    withStore(async (store, reopen) => {
      await commitUpTo(store, 3);
      await failsWith(() => store.adopt(storedBlock(3, 9), stateAfter(3), []), "STORE_NOT_NEXT");
      await store.adopt(storedBlock(512), stateAfter(512), []);
      assert.equal([store.base, store.snapshotHeights()], [height(512), [height(512)]]);
      assert.equal((await store.head())?.state, stateAfter(512));
      await failsWith(() => store.commit(storedBlock(4), stateAfter(4)), "STORE_NOT_NEXT");
      const again = await reopen();
      assert.equal(await again.block(height(512)), storedBlock(512));
      assert.equal(await again.block(height(3)), storedBlock(3), "stays readable");
      assert.is(await again.block(height(4)), null);
      for (let at = 513; at <= 512 + 256 * 7; at += 1) await again.commit(storedBlock(at), stateAfter(at));
      const kept = [9, 8, 7, 6, 5, 4, 2].map((count) => height(256 * count));
      assert.equal((await reopen()).snapshotHeights(), kept);
    }),
  );

  test(
    "keeps the trail's entry of a block with the block, and finds the next above any height",
    withStore(async (store, reopen) => {
      const entryOf = (at: number) => new TextEncoder().encode(`entry ${at}`);
      const found = async (from: LedgerStore, above: number) => await from.changeAbove(height(above));
      assert.is(await found(store, 0), null);
      const given = entryOf(2);
      for (let at = 1; at <= 300; at += 1)
        await store.commit(
          storedBlock(at),
          stateAfter(at),
          at === 2 ? given : at === 257 ? entryOf(at) : null,
        );
      given.fill(0);
      for (const isLater of [false, true]) {
        const one = isLater ? await reopen() : store;
        assert.equal(await found(one, 0), { height: height(2), entry: entryOf(2) });
        assert.equal(await found(one, 1), { height: height(2), entry: entryOf(2) });
        assert.equal(await found(one, 2), { height: height(257), entry: entryOf(257) });
        assert.is(await found(one, 257), null);
        assert.is(await found(one, Number.MAX_SAFE_INTEGER), null);
      }
    }),
  );

  test(
    "keeps the trail that comes with an adopted block behind its own, and goes on with it",
    withStore(async (store, reopen) => {
      const change = (at: number) => ({ height: height(at), entry: new TextEncoder().encode(`entry ${at}`) });
      await store.commit(storedBlock(1), stateAfter(1), change(1).entry);
      await store.adopt(storedBlock(512), stateAfter(512), [300, 512].map(change));
      await store.commit(storedBlock(513), stateAfter(513));
      await store.commit(storedBlock(514), stateAfter(514), change(514).entry);
      for (const isLater of [false, true]) {
        const one = isLater ? await reopen() : store;
        const trail: unknown[] = [];
        let at = height(0);
        for (let next = await one.changeAbove(at); next !== null; next = await one.changeAbove(at)) {
          trail.push(next);
          at = next.height;
        }
        assert.equal(trail, [1, 300, 512, 514].map(change));
      }
    }),
  );

  test(
    "remembers that it was found sound until the next commit",
    withStore(async (store, reopen) => {
      assert.is(store.isSound, false);
      await store.markSound();
      assert.is((await reopen()).isSound, false, "an empty ledger is not");
      const filled = await reopen();
      await commitUpTo(filled, 2);
      assert.is((await reopen()).isSound, false, "closing alone says nothing");
      await (await reopen()).markSound();
      const sound = await reopen();
      assert.is(sound.isSound, true);
      await sound.commit(storedBlock(3), stateAfter(3));
      assert.is(sound.isSound, false);
      assert.is((await reopen()).isSound, false);
    }),
  );

  test(
    "keeps its own copy of the bytes",
    withStore(async (store) => {
      const block = storedBlock(1);
      const state = stateAfter(1);
      const commit = store.commit(block, state);
      block.block.fill(0);
      state.fill(0);
      await commit;
      assert.equal((await store.block(height(1)))?.block, storedBlock(1).block);
      assert.equal((await store.head())?.state, stateAfter(1));
    }),
  );

  test(
    "closed, it answers nothing; closing twice is harmless",
    withStore(async (store) => {
      await store.close();
      await store.close();
      await failsWith(() => store.head(), "STORE_CLOSED");
      await failsWith(() => store.block(height(1)), "STORE_CLOSED");
      await failsWith(() => store.commit(storedBlock(1), stateAfter(1)), "STORE_CLOSED");
    }),
  );

  test.run();
}
