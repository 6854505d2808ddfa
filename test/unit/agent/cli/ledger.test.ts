/** `edso ledger` and `edso trades` on a chain that two gateways really agreed on. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { StoreError } from "../../../../agent/adapters/store/storeError.ts";
import { hashOf } from "../../../../agent/core/hash.ts";
import { verifyNext } from "../../../../agent/core/ledger/chain/chain.ts";
import { genesisState } from "../../../../agent/core/ledger/state/context.ts";
import { encodeState } from "../../../../agent/core/ledger/state/state.ts";
import { encodeGenesis } from "../../../../agent/core/membership/genesis.ts";
import { height } from "../../../../agent/core/units.ts";
import type { StoredChange } from "../../../../agent/ports/ledgerStore.ts";
import {
  ChainBuilder,
  memberNamed,
  testContext,
  testEnrolment,
  testGenesis,
} from "../../../support/chainBuilder.ts";
import { diskOf, settleWith } from "../../../support/changedChain.ts";
import { agreedStreet, copyOf, running, stopped, writeStreet } from "../../../support/cliStreet.ts";
import { edso, writeConfig } from "../../../support/cliWorld.ts";
import type { StoreDisk } from "../../../support/memoryStore.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

/** A byte of a trail's entry in which a signature of its certificate stands. */
const SIGNATURE_AT = 400;
const agreed = await agreedStreet();
const top = agreed.disk.blocks.length;
const head = agreed.disk.blocks.at(-1)?.blockHash ?? "";

const verify = suite("edso ledger verify");

verify("prints head, height and signatures checked of a sound ledger", async () => {
  await withStreet(async (data) => {
    const surroundings = stopped(agreed.disk, agreed.release);
    const run = await edso(["ledger", "verify", "--data", data], surroundings);
    assert.equal([run.exit, run.error], [0, ""]);
    assert.match(run.out, new RegExp(`height ${top}, head ${head}, \\d+ signatures checked`));
    assert.match(run.out, `agrees up to block ${agreed.release?.height}`);
    assert.is(surroundings.open(), 0, "closes the store");
  });
});

verify(
  "counts two readings and a commit certificate per block, and the parent's certificate again",
  async () => {
    await withStreet(async (data) => {
      const run = await edso(
        ["ledger", "verify", "--data", data, "--json"],
        stopped(agreed.disk, agreed.release),
      );
      const perBlock = 2 + 2;
      assert.equal(run.json(), {
        schema: "edso.ledger-verify/1",
        ok: true,
        source: "store",
        base: 0,
        height: top,
        head,
        signatures: perBlock * top + 2 * (top - 1),
        stateEqual: true,
        trail: { changes: 0, changesToBase: 0 },
        outboxHeight: agreed.release?.height,
      });
    });
  },
);

/** The ledger of the street from block 2 on, with the certified state after it. */
function basedDisk(): StoreDisk {
  const [first, second] = agreed.disk.blocks;
  if (first === undefined || second === undefined) throw new Error("too few blocks");
  const { context } = agreed.street;
  const one = verifyNext(context, genesisState(context), first);
  const two = one.kind === "accept" ? verifyNext(context, one.value.state, second) : one;
  if (two.kind !== "accept") throw new Error(two.code);
  const { height: base, blockHash } = second;
  const snapshots = [{ height: base, blockHash, state: encodeState(two.value.state) }];
  const blocks = [...copyOf(agreed).blocks];
  delete (blocks as unknown[])[0];
  return { ...copyOf(agreed), blocks, base, snapshots };
}

verify("begins with a certified state where the ledger does, and says so", async () => {
  await withStreet(async (data) => {
    const run = await edso(["ledger", "verify", "--data", data], stopped(basedDisk(), agreed.release));
    assert.equal([run.exit, run.error], [0, ""]);
    assert.match(run.out, "begins  with block 2, whose state a quorum certified");
  });
});

verify("names the height of a certified state that is not its block's: exit 65", async () => {
  await withStreet(async (data) => {
    const disk = basedDisk();
    const [snapshot] = disk.snapshots ?? [];
    snapshot?.state.set([1], snapshot.state.length - 3);
    const run = await edso(["ledger", "verify", "--data", data, "--json"], stopped(disk, agreed.release));
    const { code, height, reason } = run.json() as Record<string, unknown>;
    assert.equal([run.exit, code, height, reason], [65, "LEDGER_DAMAGED", 2, "STATE_DIFFERS"]);
  });
});

/** A street whose members change, once wholly at hand and once from block 10 on. */
const changing = new ChainBuilder(testContext(5));
const changed = settleWith(changing, 12, [
  { at: 2, change: { kind: "revoke", member: memberNamed(changing.context, "dep5").id } },
  { at: 5, change: { kind: "admit", enrolment: testEnrolment("dep6"), isVoter: false } },
  { at: 11, change: { kind: "revoke", member: memberNamed(changing.context, "dep4").id } },
]);
const whole = diskOf(changing, changed);
const begun = changing.blocks[9]!.state;
const fromTen: StoreDisk = {
  ...whole,
  blocks: changing.entries.map((entry) => (entry.height < 10 ? undefined : entry)) as never,
  base: height(10),
  snapshots: [{ height: height(10), blockHash: begun.head, state: encodeState(begun) }],
};

function verifyChanging(disk: StoreDisk, ...args: string[]) {
  return withTemporaryDirectory(async (data) => {
    await writeConfig(data);
    await mkdir(join(data, "ledger"));
    const members = [1, 2, 3, 4, 5].map((index) => testEnrolment(`dep${index}`));
    await writeFile(join(data, "genesis.cbor"), encodeGenesis(testGenesis(members)));
    return edso(["ledger", "verify", "--data", data, ...args], stopped(disk, null));
  });
}

verify("follows the trail to the voters of the head, and says how many changes lead there", async () => {
  for (const [disk, trail, said] of [
    [whole, { changes: 3, changesToBase: 0 }, /lead to the voters of the head: 3, each certified$/m],
    [fromTen, { changes: 3, changesToBase: 2 }, /head: 3, each certified; up to block 10: 2$/m],
  ] as const) {
    const run = await verifyChanging(disk, "--json");
    assert.equal([run.exit, run.error, run.json().trail], [0, "", trail]);
    assert.match((await verifyChanging(disk)).out, said);
  }
});

verify("names height and reason when the trail lacks a change or a byte of it is another", async () => {
  const { changes } = changed;
  const [first, second, third] = changes as readonly [StoredChange, StoredChange, StoredChange];
  const flipped = (change: StoredChange, at: number) => ({
    ...change,
    entry: change.entry.with(at, (change.entry.at(at) ?? 0) ^ 1),
  });
  for (const [left, at, reason] of [
    [[second, third], 5, "TRAIL_GAP"],
    [[first, third], 11, "TRAIL_GAP"],
    [[first, second], 12, "TRAIL_INCOMPLETE"],
    [[], 12, "TRAIL_INCOMPLETE"],
    [[flipped(first, 0), second, third], 2, "NOT_CBOR"],
    [[first, flipped(second, SIGNATURE_AT), third], 5, "BAD_SIGNATURE"],
    [[first, flipped(second, second.entry.length - 1), third], 5, "TRAIL_UNPROVEN"],
    [[{ ...first, height: height(1) }, second, third], 1, "TRAIL_ORDER"],
  ] as const) {
    for (const disk of [whole, fromTen]) {
      const run = await verifyChanging({ ...disk, changes: left, isSound: true }, "--json");
      const told = run.json();
      assert.equal([run.exit, told.code, told.height, told.reason], [65, "LEDGER_DAMAGED", at, reason]);
      assert.match(run.error, `height ${at}: ${reason}`);
    }
  }
});

verify("finds an empty ledger sound at height 0", async () => {
  await withStreet(async (data) => {
    const run = await edso(
      ["ledger", "verify", "--data", data],
      stopped({ blocks: [], state: new Uint8Array() }, null),
    );
    assert.equal([run.exit, run.error], [0, ""]);
    assert.match(run.out, "height 0");
    assert.match(run.out, "trail   none that anybody follows");
  });
});

verify("names height and reason when any byte of a block or certificate is changed", async () => {
  await withStreet(async (data) => {
    const size = agreed.disk.blocks[1]?.block.length ?? 0;
    for (const [part, offset] of [
      ["block", 12],
      ["block", Math.floor(size / 2)],
      ["block", size - 1],
      ["certificate", -1],
    ] as const) {
      const disk = copyOf(agreed);
      const bytes = disk.blocks[1]?.[part] ?? new Uint8Array();
      const at = offset < 0 ? bytes.length + offset : offset;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      const run = await edso(["ledger", "verify", "--data", data, "--json"], stopped(disk, agreed.release));
      assert.is(run.exit, 65, `${part} ${offset}`);
      const told = run.json();
      assert.equal([told.ok, told.code, told.height], [false, "LEDGER_DAMAGED", 2], `${part} ${offset}`);
      assert.ok(String(told.reason).length > 0);
      assert.is(run.errorJson().code, "LEDGER_DAMAGED");
    }
  });
});

verify("tells a block that is missing, swapped, or above the head, and a state that is another", async () => {
  await withStreet(async (data) => {
    const missing = copyOf(agreed);
    const swapped = copyOf(agreed);
    const other = copyOf(agreed);
    const [first, second] = [swapped.blocks[0], swapped.blocks[1]];
    if (first === undefined || second === undefined) return assert.unreachable();
    swapped.blocks[1] = { ...first, height: height(2) };
    other.state[other.state.length - 1] = (other.state.at(-1) ?? 0) ^ 1;
    for (const [disk, at, reason, hideTop] of [
      [missing, 1, "BLOCK_MISSING", false],
      [swapped, 2, "BLOCK_WRONG_HEIGHT", false],
      [other, top, "STATE_DIFFERS", false],
      [copyOf(agreed), top - 1, "HEAD_DIFFERS", true],
    ] as const) {
      const surroundings = stopped(disk, null);
      const openLedger = async (directory: string) => {
        const reader = await surroundings.openLedger?.(directory);
        if (reader === undefined) throw new Error("unreachable");
        const block = async (asked: number) =>
          disk === missing && asked === 1 ? null : reader.block(height(asked));
        const lowered = async () => {
          const found = await reader.head();
          return found === null ? null : { ...found, height: height(top - 1) };
        };
        return { ...reader, block, head: hideTop ? lowered : reader.head };
      };
      const run = await edso(["ledger", "verify", "--data", data], { openLedger });
      assert.is(run.exit, 65, reason);
      assert.match(run.error, `height ${at}: ${reason}`);
    }
  });
});

verify("tells a ledger that went back behind its outbox, and an outbox that saw another block", async () => {
  await withStreet(async (data) => {
    const sequence = 1;
    const above = { sequence, height: height(top + 1), blockHash: hashOf(new Uint8Array()) };
    const another = { sequence, height: height(2), blockHash: hashOf(new Uint8Array()) };
    for (const [release, code] of [
      [above, "LEDGER_BEHIND_OUTBOX"],
      [another, "OUTBOX_DIFFERS"],
    ] as const) {
      const run = await edso(["ledger", "verify", "--data", data], stopped(agreed.disk, release));
      assert.is(run.exit, 65);
      assert.match(run.error, code);
    }
  });
});

verify("passes on what the store itself finds damaged, with its height", async () => {
  await withStreet(async (data) => {
    const damage = new StoreError("STORE_DAMAGED", { what: "block", height: 3, reason: "bytes changed" });
    const run = await edso(["ledger", "verify", "--data", data, "--json"], {
      openLedger: () => Promise.reject(damage),
    });
    assert.is(run.exit, 65);
    const { code, height: at, reason } = run.json();
    assert.equal([code, at, reason], ["STORE_DAMAGED", 3, "bytes changed"]);
  });
});

verify("asks the running agent for the blocks, and says so", async () => {
  await withStreet(async (data) => {
    const run = await edso(["ledger", "verify", "--data", data], running(agreed));
    assert.is(run.exit, 0);
    assert.match(run.error, "the agent runs");
    assert.match(run.out, "not compared");
    assert.match(run.out, "trail   not followed: the agent holds it");
    const spoilt = copyOf(agreed);
    const bytes = spoilt.blocks[2]?.block ?? new Uint8Array();
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    const damaged = await edso(["ledger", "verify", "--data", data], running(agreed, spoilt));
    assert.is(damaged.exit, 65);
    assert.match(damaged.error, "height 3:");
  });
});

verify("ends with 75 when the store is held and nobody answers, with 66 when there is none", async () => {
  await withStreet(async (data) => {
    const { openLedger } = running(agreed);
    if (openLedger === undefined) return assert.unreachable();
    const held = await edso(["ledger", "verify", "--data", data], { openLedger });
    assert.is(held.exit, 75);
    assert.match(held.error, "code: STORE_LOCKED");
    await rm(join(data, "ledger"), { recursive: true });
    const absent = await edso(["ledger", "verify", "--data", data]);
    assert.is(absent.exit, 66);
    assert.match(absent.error, "code: LEDGER_ABSENT");
  });
});

verify.run();

const show = suite("edso ledger show, export, trades");

show("prints the newest block or the one asked for, with names and energies", async () => {
  await withStreet(async (data) => {
    const newest = await edso(["ledger", "show", "--data", data], stopped(agreed.disk, null));
    assert.match(newest.out, `block ${top}, interval`);
    const second = await edso(["ledger", "show", "2", "--data", data], stopped(agreed.disk, null));
    assert.match(second.out, "trade    dep1 -> dep2 300 Wh, 0.060900 paid, 0.060000 received");
    assert.match(second.out, /^dep1 +500 +200 +300$/m);
    const json = (
      await edso(["ledger", "show", "2", "--data", data, "--json"], stopped(agreed.disk, null))
    ).json();
    assert.equal(
      [json.schema, json.height, json.blockHash],
      ["edso.block/2", 2, agreed.disk.blocks[1]?.blockHash],
    );
  });
});

show("ends with 66 for a block that is not there", async () => {
  await withStreet(async (data) => {
    for (const args of [
      ["ledger", "show", String(top + 1)],
      ["ledger", "export", "--to", String(top + 1)],
      ["trades", "--height", String(top + 1)],
    ]) {
      const run = await edso([...args, "--data", data], stopped(agreed.disk, null));
      assert.equal([run.exit, run.out], [66, ""], args.join(" "));
      assert.match(run.error, "code: LEDGER_NO_BLOCK");
    }
  });
});

show("exports blocks as JSON lines with their bytes, and as a CBOR sequence", async () => {
  await withStreet(async (data) => {
    const json = await edso(
      ["ledger", "export", "--from", "2", "--to", "3", "--data", data],
      stopped(agreed.disk, null),
    );
    const lines = json.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.equal(
      lines.map((line) => line.height),
      [2, 3],
    );
    assert.equal(Uint8Array.from(Buffer.from(lines[0].block, "base64")), agreed.disk.blocks[1]?.block);
    const cbor = ["ledger", "export", "--format", "cbor", "--data", data];
    const run = await edso(cbor, stopped(agreed.disk, null));
    const first = agreed.disk.blocks[0]?.block ?? new Uint8Array();
    assert.is(run.out.charCodeAt(0), 0x84, "an array of 4");
    assert.ok(run.out.includes(Buffer.from(first).toString("latin1")));
    assert.is((await edso(cbor, { ...stopped(agreed.disk, null), isTerminal: true })).exit, 64);
  });
});

show("prints trades as from, to, Wh, of the newest blocks or of one", async () => {
  await withStreet(async (data) => {
    const all = await edso(["trades", "--data", data], stopped(agreed.disk, null));
    const [traded = "", ordered = ""] = all.out.trimEnd().split("\n\n");
    const [heading = "", ...rows] = traded.split("\n");
    assert.match(heading, /^height +interval +from +to +Wh +price\/kWh +paid +received$/);
    assert.is(rows.length, top);
    for (const row of rows) assert.match(row, /^ *\d+ +\d+ +dep1 +dep2 +\d+( +[\d.]+){3}$/);
    const [orderHeading = "", ...orders] = ordered.split("\n");
    assert.match(
      orderHeading,
      /^height +interval +order to +limits +at most Wh +measured +acknowledged +result$/,
    );
    assert.is(orders.length, top - 2, "what the first block orders binds the third");
    for (const row of orders) assert.match(row, /^ *\d+ +\d+ +dep2 +consumption +300 +400 +no +exceeded$/);
    const one = await edso(["trades", "--data", data, "--height", "2", "--json"], stopped(agreed.disk, null));
    const told = one.json();
    assert.is(told.schema, "edso.trades/2");
    assert.equal(told.trades, [
      {
        height: 2,
        interval: agreed.street.genesis.body.firstInterval + 1,
        from: "dep1",
        to: "dep2",
        wh: 300,
        money: { price: "200000", paid: "60000", received: "60000", fee: "900", carbon: "0" },
      },
    ]);
    const last = await edso(["trades", "--data", data, "--last", "1", "--json"], stopped(agreed.disk, null));
    assert.is(last.json().fromHeight, top);
  });
});

show("leaves the store alone while the agent answers", async () => {
  await withStreet(async (data) => {
    const run = await edso(["trades", "--data", data], running(agreed));
    assert.equal([run.exit, run.error], [0, ""]);
    assert.match(run.out, "dep1");
  });
});

show("says that nothing is committed yet", async () => {
  await withStreet(async (data) => {
    const empty = stopped({ blocks: [], state: new Uint8Array() }, null);
    assert.is((await edso(["trades", "--data", data], empty)).out, "no block is committed yet\n");
    assert.is((await edso(["ledger", "export", "--data", data], empty)).out, "");
  });
});

show("ends with 65 when the genesis is not the signed one, with 66 when it is missing", async () => {
  await withStreet(async (data) => {
    await writeFile(join(data, "genesis.cbor"), "noise");
    assert.is((await edso(["trades", "--data", data], stopped(agreed.disk, null))).exit, 65);
    await rm(join(data, "genesis.cbor"));
    assert.is((await edso(["trades", "--data", data], stopped(agreed.disk, null))).exit, 66);
  });
});

show.run();

function withStreet(use: (data: string) => Promise<unknown>): Promise<unknown> {
  return withTemporaryDirectory(async (root) => use(await writeStreet(agreed, join(root, "dep1"))));
}
