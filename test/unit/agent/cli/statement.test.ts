/** `edso statement` and `edso explain` on a chain that two gateways really agreed on, with prices and with frames. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encode } from "../../../../agent/core/codec.ts";
import { hashBytes } from "../../../../agent/core/hash.ts";
import { readBlock } from "../../../../agent/core/ledger/blocks/block.ts";
import { ledgerContext } from "../../../../agent/core/ledger/state/context.ts";
import { GRID_ADMIN } from "../../../../agent/core/ledger/state/transaction.ts";
import { encodeGenesis } from "../../../../agent/core/membership/genesis.ts";
import { microCoins } from "../../../../agent/core/units.ts";
import type { FrameSet, FrameStore } from "../../../../agent/ports/frameStore.ts";
import {
  ChainBuilder,
  FIRST_INTERVAL,
  memberNamed,
  signTransaction,
  testEnrolment,
  testGenesis,
  verify,
} from "../../../support/chainBuilder.ts";
import { agreedStreet, copyOf, running, stopped, writeStreet } from "../../../support/cliStreet.ts";
import { type CliOverrides, edso } from "../../../support/cliWorld.ts";
import type { StoreDisk } from "../../../support/memoryStore.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const agreed = await agreedStreet();
const { frames: store } = agreed.street.gateway("dep1");

const asked = (args: readonly string[], surroundings: CliOverrides = stopped(agreed.disk, null, store)) =>
  withTemporaryDirectory(async (root) => {
    const data = await writeStreet(agreed, join(root, "dep1"));
    return edso([...args, "--data", data], surroundings);
  });

/** Intervals in which dep1 sold 300 Wh of its 500 to dep2. */
const SOLD = agreed.disk.blocks.filter((stored) => {
  const read = readBlock(stored.block);
  return read.kind === "accept" && read.value.body.intervals.some(({ outcome }) => outcome.trades.length > 0);
}).length;

type Line = { readonly reference: string; readonly kind: string; readonly balanceMicroCoins: string };
const linesOf = async (...args: readonly string[]) =>
  (await asked(["statement", "--json", ...args])).json().lines as readonly Line[];

const statement = suite("edso statement");

statement(
  "prints energy, neighbours, lines and balances of the own household, from disk or agent",
  async () => {
    for (const surroundings of [stopped(agreed.disk, null, store), running(agreed)]) {
      const run = await asked(["statement"], surroundings);
      assert.equal([run.exit, run.error], [0, ""]);
      assert.match(run.out, "Statement of dep1, ");
      assert.match(run.out, "opening balance 0.000000 coins");
      assert.match(run.out, new RegExp(`generated +${SOLD * 500} Wh`));
      assert.match(run.out, new RegExp(`to neighbours +${SOLD * 300} Wh`));
      assert.match(run.out, /dep2 +street/);
      assert.match(run.out, "sold to dep2");
      assert.match(run.out, `closing balance 0.${SOLD * 6}0000 coins`);
      assert.match(run.out, "edso explain REFERENCE");
    }
  },
);

statement("states another household's, and of a period only", async () => {
  const lines = await linesOf("--member", "dep2");
  assert.is(lines.length, SOLD);
  const third = lines[2]?.reference.split("-")[1] ?? "";
  const later = (await asked(["statement", "--json", "--member", "dep2", "--from", third])).json();
  assert.is((later.lines as unknown[]).length, SOLD - 2);
  assert.is(later.openingMicroCoins, lines[1]?.balanceMicroCoins);
  assert.is(later.closingMicroCoins, lines.at(-1)?.balanceMicroCoins);
  const none = await asked(["statement", "--from", "2020-01-01", "--to", "2020-01-02T00:00:00Z"]);
  assert.match(none.out, "no energy and no coins moved in this period");
});

statement("writes CSV with units in the header, a row a line", async () => {
  const run = await asked(["statement", "--csv"]);
  const rows = run.out.split("\r\n");
  assert.is(
    rows[0],
    "reference,start (UTC),interval,booked in interval,kind,counterparty,area,fuels (Wh),received (Wh),given (Wh)," +
      "price (microcoins/kWh),amount (microcoins),fee (microcoins),carbon (microcoins),change (microcoins)," +
      "balance (microcoins)",
  );
  assert.is(rows.length, 1 + SOLD + 1);
  assert.match(rows[1] ?? "", /^\d+-\d+-t0,\d{4}-\d\d-\d\dT.*Z,\d+,\d+,sold,dep2,street,/);
  assert.match(rows[1] ?? "", /,0,300,200000,60000,0,0,60000,60000$/);
});

statement("refuses a stranger, a period without an end after its begin, and what is no instant", async () => {
  const stranger = await asked(["statement", "--member", "dep9"]);
  assert.equal([stranger.exit, stranger.out], [66, ""]);
  assert.match(stranger.error, "code: MEMBER_UNKNOWN");
  assert.match(stranger.error, "dep1, dep2");
  for (const args of [
    ["--from", "5", "--to", "5"],
    ["--from", "yesterday"],
    ["--from", "2026-13-77"],
    ["--csv", "--json"],
  ])
    assert.is((await asked(["statement", ...args])).exit, 64, args.join(" "));
});

statement.run();

const explain = suite("edso explain");

explain("walks from a line to the trade, both readings, and the own frames", async () => {
  const [line] = await linesOf();
  const run = await asked(["explain", line?.reference ?? ""]);
  assert.equal([run.exit, run.error], [0, ""]);
  assert.match(run.out, "its hash commits to what follows");
  assert.match(run.out, "dep1: sold, dep2");
  assert.match(run.out, "dep2: bought, dep1");
  assert.match(run.out, "reading of dep1: E_G 500 Wh − E_C 200 Wh = 300 Wh");
  assert.match(run.out, "signature valid");
  assert.match(run.out, "meter dep1-1 (generation, solar)");
  assert.match(run.out, "kept here, and their SHA-256 is what the reading signs");
  assert.match(run.out, "answered  01 04 08");
  assert.match(run.out, "kept by its own gateway only");
});

explain("gives the same as JSON", async () => {
  const [line] = await linesOf();
  const explained = (await asked(["explain", line?.reference ?? "", "--json"])).json();
  assert.is(explained.schema, "edso.explain/1");
  const readings = explained.readings as readonly { readonly frames: { readonly verdict: string } }[];
  assert.equal(readings.map(({ frames }) => frames.verdict).sort(), ["equal", "kept-by-its-gateway"]);
});

/** The ledger with one byte of the first reading's signature in block 1 changed. */
function forgedDisk(): StoreDisk {
  const disk = copyOf(agreed);
  const [first] = disk.blocks;
  const read = first === undefined ? null : readBlock(first.block);
  if (first === undefined || read?.kind !== "accept") throw new Error("no block");
  const signature = read.value.body.intervals[0]?.readings[0]?.signature ?? new Uint8Array();
  const at = Buffer.from(first.block).indexOf(Buffer.from(signature));
  const block = Uint8Array.from(first.block, (byte, index) => (index === at + 5 ? byte ^ 1 : byte));
  return { ...disk, blocks: [{ ...first, block }, ...disk.blocks.slice(1)] };
}

explain("shows a changed block and ends with 65; a changed frame, too", async () => {
  const [line] = await linesOf();
  const forged = await asked(["explain", line?.reference ?? ""], stopped(forgedDisk(), null, store));
  assert.is(forged.exit, 65);
  assert.match(forged.out, "does NOT commit");
  assert.match(forged.error, "code: LEDGER_DAMAGED");
  const kept = store.sets[0] as FrameSet;
  const response = Uint8Array.from(kept.frames[0]?.response ?? [], (byte, index) =>
    index === 9 ? byte ^ 1 : byte,
  );
  const changed = {
    ...kept,
    frames: [{ ...kept.frames[0], response } as FrameSet["frames"][number], ...kept.frames.slice(1)],
  };
  const frames: FrameStore = { keep: async () => {}, find: async () => changed };
  const run = await asked(["explain", line?.reference ?? ""], stopped(agreed.disk, null, frames));
  assert.is(run.exit, 65);
  assert.match(run.out, "NOT those that were signed");
  assert.match(run.error, "code: FRAMES_DIFFER");
});

explain("refuses what is no reference, a line and a block that are not there", async () => {
  assert.is((await asked(["explain", "12"])).exit, 64);
  const [line] = await linesOf();
  const other = await asked(["explain", (line?.reference ?? "").replace("t0", "t7")]);
  assert.is(other.exit, 66);
  assert.match(other.error, "code: LINE_UNKNOWN");
  const above = await asked(["explain", "999-1-t0"]);
  assert.is(above.exit, 66);
  assert.match(above.error, "code: LEDGER_NO_BLOCK");
});

explain("tells of coins that were issued, and of no line where the issue had no effect", async () => {
  const genesis = testGenesis([testEnrolment("dep1"), testEnrolment("dep2")]);
  const context = ledgerContext(genesis, verify);
  const chain = new ChainBuilder(context);
  const issue = (sequence: number, amount: bigint) =>
    signTransaction(context, {
      signer: GRID_ADMIN,
      sequence,
      content: { kind: "issue", to: memberNamed(context, "dep1").id, amount: microCoins(amount) },
    });
  chain.append(chain.assembleOf([[]], 0, [issue(1, 5n), issue(2, 0n)]));
  const disk = { ...copyOf(agreed), blocks: chain.entries };
  const of = (place: number) =>
    withTemporaryDirectory(async (root) => {
      const data = await writeStreet(agreed, join(root, "dep1"));
      await writeFile(join(data, "genesis.cbor"), encodeGenesis(genesis));
      return edso(["explain", `1-${FIRST_INTERVAL}-x${place}`, "--data", data], stopped(disk, null));
    });
  const issued = await of(0);
  assert.equal([issued.exit, issued.error], [0, ""]);
  assert.match(issued.out, "dep1: issued");
  const refused = await of(1);
  assert.is(refused.exit, 66);
  assert.match(refused.error, "code: LINE_UNKNOWN");
});

explain.run();

const trades = suite("edso trades --interval");

trades("prints the paper's three columns of one interval", async () => {
  const [line] = await linesOf();
  const interval = line?.reference.split("-")[1] ?? "";
  const run = await asked(["trades", "--interval", interval]);
  assert.equal([run.exit, run.error], [0, ""]);
  assert.is(run.out, "from  to     Wh\ndep1  dep2  300\n");
});

trades("ends with 66 for an interval that no block settled, with 64 for two places", async () => {
  for (const interval of ["0", "999999999"]) {
    const run = await asked(["trades", "--interval", interval]);
    assert.is(run.exit, 66, interval);
    assert.match(run.error, "code: LEDGER_NO_INTERVAL");
  }
  assert.is((await asked(["trades", "--interval", "1", "--height", "1"])).exit, 64);
});

trades.run();

const report = suite("edso regulator report");

/** The blocks as `edso ledger export --format cbor` writes them, each changed by `change`. */
async function exported(change: (block: Uint8Array) => Uint8Array = (block) => block) {
  const items = agreed.disk.blocks.map(({ height, blockHash, block, certificate }) =>
    encode([height, hashBytes(blockHash), change(block), certificate]),
  );
  return Buffer.concat(items);
}

const ofExport = async (blocks: Uint8Array, ...args: readonly string[]) =>
  withTemporaryDirectory(async (root) => {
    const [file, genesis] = [join(root, "street.cbor"), join(root, "genesis.cbor")];
    await writeFile(file, blocks);
    await writeFile(genesis, encodeGenesis(agreed.street.genesis));
    return edso(["regulator", "report", "--blocks", file, "--genesis", genesis, ...args]);
  });

report("gives the same from a gateway as from a verified export, and no household by name", async () => {
  const here = await asked(["regulator", "report"]);
  assert.equal([here.exit, here.error], [0, ""]);
  const elsewhere = await ofExport(await exported());
  assert.equal([elsewhere.exit, elsewhere.out], [0, here.out]);
  assert.match(here.out, `${agreed.disk.blocks.length} intervals`);
  assert.not.match(here.out, "dep1");
  const json = (await ofExport(await exported(), "--json")).json();
  const rows = json.intervals as readonly { readonly tradedWh: number; readonly curtailedWh: number }[];
  assert.is(
    rows.reduce((sum, row) => sum + row.tradedWh, 0),
    SOLD * 300,
  );
  assert.is(rows.reduce((sum, row) => sum + row.curtailedWh, 0) > 0, true, "dep2 wanted 400 Wh and got 300");
  const csv = await ofExport(await exported(), "--csv");
  assert.match(csv.out, "start (UTC),interval,policy,generated (Wh)");
});

report("refuses an export with a changed byte, and one without its genesis", async () => {
  let isFirst = true;
  const blocks = await exported((block) => {
    const place = isFirst ? block.length - 9 : -1;
    isFirst = false;
    return Uint8Array.from(block, (byte, index) => (index === place ? byte ^ 1 : byte));
  });
  const run = await ofExport(blocks);
  assert.equal([run.exit, run.out], [65, ""]);
  assert.match(run.error, "code: LEDGER_DAMAGED");
  assert.is((await edso(["regulator", "report", "--blocks", "x"])).exit, 64);
});

report.run();
