/** What only LevelDB can show: its lock, its files, and bytes that changed under it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Level } from "level";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  blockKey,
  certificateKey,
  changeKey,
  FORMAT_KEY,
  HEAD_KEY,
} from "../../../../agent/adapters/store/keySpace.ts";
import { openStore } from "../../../../agent/adapters/store/levelStore.ts";
import { sealValue } from "../../../../agent/adapters/store/sealedValue.ts";
import { isAgentError } from "../../../../agent/core/errors.ts";
import { height } from "../../../../agent/core/units.ts";
import { failsWith } from "../../../support/failure.ts";
import { stateAfter, storedBlock } from "../../../support/storedBlocks.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const CHILD = fileURLToPath(new URL("../../../support/storeChild.ts", import.meta.url));
const BLOCKS = 12;
type Raw = Level<Uint8Array, Uint8Array>;

const test = suite("levelStore");

const withLedger = (use: (directory: string) => Promise<void>) => () =>
  withTemporaryDirectory(async (parent) => {
    const directory = join(parent, "data", "ledger");
    const store = await openStore(directory);
    for (let at = 1; at <= BLOCKS; at += 1) await store.commit(storedBlock(at), stateAfter(at));
    await store.close();
    await use(directory);
  });

async function alter(directory: string, change: (raw: Raw) => Promise<unknown>): Promise<void> {
  const raw: Raw = new Level(directory, { keyEncoding: "view", valueEncoding: "view" });
  await raw.open();
  await change(raw);
  await raw.close();
}

async function flipByte(raw: Raw, key: Uint8Array, position: number): Promise<void> {
  const value = Uint8Array.from((await raw.get(key))!);
  value.set([value.at(position)! ^ 1], position < 0 ? value.length + position : position);
  await raw.put(key, value);
}

test(
  "one changed byte of a stored block or certificate is damage of that height; the others are read",
  withLedger(async (directory) => {
    await alter(directory, (raw) => flipByte(raw, blockKey(height(5)), -1));
    await alter(directory, (raw) => flipByte(raw, certificateKey(height(6)), 50));
    const store = await openStore(directory);
    for (const [at, what] of [
      [5, "block"],
      [6, "certificate"],
    ] as const) {
      const error = await failsWith(() => store.block(height(at)), "STORE_DAMAGED");
      assert.equal([error.detail.height, error.detail.what], [at, what]);
    }
    assert.equal(await store.block(height(7)), storedBlock(7));
    await store.close();
  }),
);

for (const [what, change] of [
  ["a changed head", (raw: Raw) => flipByte(raw, HEAD_KEY, 20)],
  ["a head that is gone", (raw: Raw) => raw.del(HEAD_KEY)],
  ["a format that is gone", (raw: Raw) => raw.del(FORMAT_KEY)],
  ["a newest block that is gone", (raw: Raw) => raw.del(blockKey(height(BLOCKS)))],
  ["a newest certificate that is gone", (raw: Raw) => raw.del(certificateKey(height(BLOCKS)))],
  ["a changed newest block", (raw: Raw) => flipByte(raw, blockKey(height(BLOCKS)), 30)],
  [
    "an entry of the trail above the head",
    (raw: Raw) => {
      const key = changeKey(height(BLOCKS + 1));
      return raw.put(key, sealValue(key, Uint8Array.of(1)));
    },
  ],
  [
    "a head that went back",
    async (raw: Raw) => {
      const older = Buffer.concat([
        blockKey(height(3)).subarray(1),
        Buffer.from(storedBlock(3).blockHash, "hex"),
      ]);
      await raw.put(HEAD_KEY, sealValue(HEAD_KEY, older));
    },
  ],
] as const) {
  test(
    `${what} fails the opening`,
    withLedger(async (directory) => {
      await alter(directory, change);
      const error = await failsWith(() => openStore(directory), "STORE_DAMAGED");
      assert.is(error.detail.directory, directory);
      assert.type(error.detail.fix, "string");
    }),
  );
}

test(
  "a changed entry of the trail is damage",
  withLedger(async (directory) => {
    const key = changeKey(height(4));
    await alter(directory, (raw) => raw.put(key, sealValue(key, Uint8Array.of(1, 2, 3))));
    await alter(directory, (raw) => flipByte(raw, key, 9));
    const store = await openStore(directory);
    await failsWith(() => store.changeAbove(height(0)), "STORE_DAMAGED");
    await store.close();
  }),
);

test(
  "a certificate of another block is damage",
  withLedger(async (directory) => {
    await alter(directory, async (raw) => {
      const other = (await raw.get(certificateKey(height(3))))!.subarray(8);
      await raw.put(certificateKey(height(4)), sealValue(certificateKey(height(4)), other));
    });
    const store = await openStore(directory);
    await failsWith(() => store.block(height(4)), "STORE_DAMAGED");
    await store.close();
  }),
);

test(
  "a block missing in the middle reads as none",
  withLedger(async (directory) => {
    await alter(directory, async (raw) => {
      await raw.del(blockKey(height(4)));
      await raw.del(certificateKey(height(4)));
      await raw.del(certificateKey(height(5)));
    });
    const store = await openStore(directory);
    assert.is(await store.block(height(4)), null);
    await failsWith(() => store.block(height(5)), "STORE_DAMAGED");
    await store.close();
  }),
);

test(
  "a store of another format is refused, not read",
  withLedger(async (directory) => {
    await alter(directory, (raw) => raw.put(FORMAT_KEY, sealValue(FORMAT_KEY, Uint8Array.of(2))));
    await failsWith(() => openStore(directory), "STORE_FORMAT");
  }),
);

test(
  "no ledger is started beside data whose CURRENT is gone",
  withLedger(async (directory) => {
    await rm(join(directory, "CURRENT"));
    await failsWith(() => openStore(directory), "STORE_DAMAGED");
    assert.not.ok((await readdir(directory)).includes("CURRENT"));
  }),
);

test(
  "whatever byte of its files changes, a block is read as committed or not at all",
  withLedger(async (directory) => {
    const copy = join(directory, "..", "copy");
    const names = (await readdir(directory)).filter((name) => /\.(log|ldb)$|^MANIFEST/.test(name));
    let noticed = 0;
    for (let round = 0; round < 40; round += 1) {
      await rm(copy, { recursive: true, force: true });
      await mkdir(copy);
      for (const name of await readdir(directory)) await copyFile(join(directory, name), join(copy, name));
      const name = names[round % names.length]!;
      const bytes = await readFile(join(copy, name));
      if (bytes.length === 0) continue;
      bytes[(round * 7_919) % bytes.length]! ^= 1 << (round % 8);
      await writeFile(join(copy, name), bytes);
      noticed += await readsSoundOrNot(copy);
    }
    assert.ok(noticed > 10, `${noticed} noticed`);
  }),
);

/** 1 when something was missing or refused, 0 when all was there; fails on bytes that were never committed. */
async function readsSoundOrNot(directory: string): Promise<0 | 1> {
  let store: Awaited<ReturnType<typeof openStore>>;
  try {
    store = await openStore(directory);
  } catch (error) {
    assert.ok(isAgentError(error), String(error));
    return 1;
  }
  let noticed: 0 | 1 = 0;
  for (let at = 1; at <= BLOCKS; at += 1) {
    try {
      const block = await store.block(height(at));
      if (block === null) noticed = 1;
      else assert.equal(block, storedBlock(at));
    } catch (error) {
      if (!isAgentError(error)) throw error;
      noticed = 1;
    }
  }
  await store.close();
  return noticed;
}

/** Runs `use` with the database's batch replaced; the real one is handed to the replacement. */
async function withBatch(
  replacement: (real: () => Promise<void>, operations: unknown[], options: unknown) => Promise<void>,
  use: () => Promise<void>,
): Promise<void> {
  type Owner = { batch(operations: unknown[], options: unknown): Promise<void> };
  let owner = Level.prototype as unknown as Owner;
  while (!Object.hasOwn(owner, "batch")) owner = Object.getPrototypeOf(owner);
  const { batch } = owner;
  owner.batch = function (this: Owner, operations, options) {
    return replacement(() => batch.call(this, operations, options), operations, options);
  };
  try {
    await use();
  } finally {
    owner.batch = batch;
  }
}

test(
  "a commit is one synced batch",
  withLedger(async (directory) => {
    const store = await openStore(directory);
    const batches: unknown[] = [];
    await withBatch(
      (real, operations, options) => {
        batches.push([operations.length, options]);
        return real();
      },
      () => store.commit(storedBlock(BLOCKS + 1), stateAfter(BLOCKS + 1)),
    );
    await store.close();
    assert.equal(batches, [[4, { sync: true }]]);
  }),
);

test(
  "after a write that failed nothing is written, and the head is still told",
  withLedger(async (directory) => {
    const store = await openStore(directory);
    const refuse = async () => {
      throw Object.assign(new Error("IO error: no space left on device"), { code: "LEVEL_IO_ERROR" });
    };
    const commit = () => store.commit(storedBlock(BLOCKS + 1), stateAfter(BLOCKS + 1));
    await withBatch(refuse, async () => {
      await failsWith(commit, "STORE_WRITE");
    });
    await failsWith(commit, "STORE_WRITE");
    assert.is((await store.head())?.height, BLOCKS);
    await store.close();
  }),
);

test(
  "a second opening is refused with directory and reason, and the first goes on",
  withLedger(async (directory) => {
    const store = await openStore(directory);
    const error = await failsWith(() => openStore(directory), "STORE_LOCKED");
    assert.is(error.detail.directory, directory);
    await store.commit(storedBlock(BLOCKS + 1), stateAfter(BLOCKS + 1));
    await store.close();
  }),
);

test("another process holds it until it is killed, and what it committed is there", () =>
  withTemporaryDirectory(async (parent) => {
    const directory = join(parent, "ledger");
    let committed = 0;
    for (const killAt of [40, 90]) {
      const child = spawn(process.execPath, ["--import", "tsx", CHILD, directory], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const exited = once(child, "exit");
      for await (const line of createInterface({ input: child.stdout })) {
        committed = Number(line);
        if (committed !== killAt) continue;
        const error = await failsWith(() => openStore(directory), "STORE_LOCKED");
        assert.match(String(error.detail.fix), "running agent");
        child.kill("SIGKILL");
      }
      await exited;
      const store = await openStore(directory);
      const head = await store.head();
      assert.ok(head !== null && head.height >= committed);
      for (let at = 1; at <= head.height; at += 1)
        assert.equal(await store.block(height(at)), storedBlock(at));
      assert.equal(head.state, stateAfter(head.height));
      await store.close();
    }
  }));

test("its directory is nobody else's to read; a file in its place is an error of the path", () =>
  withTemporaryDirectory(async (parent) => {
    const directory = join(parent, "a", "ledger");
    await (await openStore(directory)).close();
    assert.is((await stat(directory)).mode & 0o777, 0o700);
    await writeFile(join(parent, "file"), "");
    await failsWith(() => openStore(join(parent, "file")), "STORE_WRITE");
  }));

test.run();
