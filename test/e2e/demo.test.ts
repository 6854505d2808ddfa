// time limit: 300 s
/** The main job, as shipped: seven gateways trade for ten intervals, every ledger verifies, one altered byte is found. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Level } from "level";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { blockKey } from "../../agent/adapters/store/keySpace.ts";
import { openValue, sealValue } from "../../agent/adapters/store/sealedValue.ts";
import { height } from "../../agent/core/units.ts";
import { demoLineFaults } from "../support/demoInvariants.ts";
import { buildProgram, DemoProcess, edso } from "../support/demoProcess.ts";
import { withTemporaryDirectory } from "../support/temporaryDirectory.ts";

const GATEWAYS = ["dep1", "dep2", "dep3", "dep5", "dep6", "dep7", "home4"] as const;

/** Long enough to stand in a file once. */
const PIECE_BYTES = 24;

const demo = suite("edso demo");

demo.before(buildProgram);

demo(
  "seven gateways commit ten intervals with equal heads, and every ledger verifies until a byte is changed",
  () =>
    withTemporaryDirectory(async (directory) => {
      const dataDir = join(directory, "street");
      const street = new DemoProcess(dataDir, "--gateways", "7", "--intervals", "10", "--seed", "42");
      assert.is(await street.ended(), 0, street.stderr);
      assert.is(street.lines.length, 10);
      assert.equal(street.lines.flatMap(demoLineFaults), []);
      assert.ok(street.lines.filter((line) => line.trades.length > 0).length >= 8, "intervals with trades");
      assert.equal([...(await street.gateways())], [], "no gateway is left running");
      const head = Object.values(street.lines.at(-1)?.heads ?? {})[0] ?? "";
      for (const name of GATEWAYS) {
        const verified = await edso("ledger", "verify", "--data", join(dataDir, name), "--json");
        assert.is(verified.code, 0, verified.stderr);
        const report = JSON.parse(verified.stdout);
        assert.equal([report.height, report.head], [street.lines.at(-1)?.height, head]);
        assert.ok(report.signatures > 0);
      }
      await assertEveryAlterationIsFound(dataDir);
    }),
);

demo("grid-tied, the street orders no curtailment", () =>
  withTemporaryDirectory(async (directory) => {
    const dataDir = join(directory, "street");
    const street = new DemoProcess(
      dataDir,
      "--gateways",
      "2",
      "--intervals",
      "2",
      "--seed",
      "7",
      "--grid-tied",
    );
    assert.is(await street.ended(), 0, street.stderr);
    assert.equal(street.lines.flatMap(demoLineFaults), []);
    assert.equal(
      new Set(street.lines.flatMap((line) => line.members.map((member) => member.curtailedWh))),
      new Set([0]),
    );
  }),
);

demo("Ctrl-C ends an endless demo with exit 0 and leaves no process", () =>
  withTemporaryDirectory(async (directory) => {
    const street = new DemoProcess(join(directory, "street"), "--gateways", "2");
    while ((await street.gateways()).size < 2) await new Promise((resolve) => setTimeout(resolve, 100));
    street.kill("SIGINT");
    assert.is(await street.ended(), 0, street.stderr);
    assert.equal([...(await street.gateways())], []);
  }),
);

demo.run();

/** The store's own seal finds a careless change; the recomputation finds one that is sealed again. */
async function assertEveryAlterationIsFound(dataDir: string): Promise<void> {
  await alterStoredBlock(join(dataDir, "dep1", "ledger"), (_key, sealed) =>
    flipped(sealed, sealed.length >> 1),
  );
  await assertDamage(join(dataDir, "dep1"), /height 5/);
  await alterStoredBlock(join(dataDir, "dep2", "ledger"), (key, sealed) => {
    const block = openValue(key, sealed);
    assert.ok(block, "the stored block opens");
    return sealValue(key, flipped(block ?? sealed, (block ?? sealed).length >> 1));
  });
  await assertDamage(join(dataDir, "dep2"), /height 5/);
  await flipInFile(join(dataDir, "dep3", "ledger"));
  await assertDamage(join(dataDir, "dep3"), /height \d+/);
}

async function assertDamage(gatewayDir: string, names: RegExp): Promise<void> {
  const { code, stdout, stderr } = await edso("ledger", "verify", "--data", gatewayDir);
  assert.is(code, 65, stdout + stderr);
  assert.match(stdout + stderr, names);
}

async function alterStoredBlock(
  ledgerDir: string,
  alter: (key: Uint8Array, sealed: Uint8Array) => Uint8Array,
): Promise<void> {
  const database = new Level<Uint8Array, Uint8Array>(ledgerDir, {
    keyEncoding: "view",
    valueEncoding: "view",
  });
  const key = blockKey(height(5));
  const sealed = await database.get(key);
  assert.ok(sealed, "block 5 is stored");
  await database.put(key, alter(key, sealed ?? new Uint8Array()));
  await database.close();
}

/**
 * LevelDB drops what its checksums refuse, and says nothing. The byte is one of a block: between the blocks lie states
 * that later ones have replaced, which nobody reads.
 */
async function flipInFile(ledgerDir: string): Promise<void> {
  const sealed = await storedBlock(ledgerDir);
  const files = (await readdir(ledgerDir)).filter((name) => /\.(log|ldb)$/.test(name));
  for (const name of files) {
    const path = join(ledgerDir, name);
    const bytes = await readFile(path);
    const at = placeOf(sealed, bytes);
    if (at !== null) return writeFile(path, flipped(bytes, at));
  }
  assert.unreachable("no file of the ledger holds block 5");
}

/** What is compressed stands there in pieces; signatures do not compress. */
function placeOf(sealed: Uint8Array, bytes: Buffer): number | null {
  for (let from = 0; from + PIECE_BYTES <= sealed.length; from += 1) {
    const at = bytes.indexOf(sealed.subarray(from, from + PIECE_BYTES));
    if (at >= 0) return at;
  }
  return null;
}

async function storedBlock(ledgerDir: string): Promise<Uint8Array> {
  const options = { keyEncoding: "view", valueEncoding: "view" } as const;
  const database = new Level<Uint8Array, Uint8Array>(ledgerDir, options);
  const sealed = await database.get(blockKey(height(5)));
  await database.close();
  return sealed ?? assert.unreachable("block 5 is stored");
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ 0x01 : byte));
}
