/** Transactions of a whole street: durable, gossiped, pulled, settled once, whatever the power and the network do. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readBlock } from "../../../agent/core/ledger/blocks/block.ts";
import { memberIdOf } from "../../../agent/core/membership/address.ts";
import { publicKeyOf } from "../../../agent/core/signature.ts";
import { height } from "../../../agent/core/units.ts";
import { MemoryStreet, secretKeyOf } from "../../support/memoryStreet.ts";

const test = suite("transactions of a street");

const idOf = (name: string) => memberIdOf(publicKeyOf(secretKeyOf(name)));

async function settled(street: MemoryStreet, name: string): Promise<readonly string[]> {
  const { agent } = street.gateway(name);
  const { ledger } = await agent.status();
  const lines: string[] = [];
  for (let at = 1; at <= ledger.height; at += 1) {
    const stored = await agent.block(height(at));
    const read = readBlock(stored!.block);
    if (read.kind !== "accept") throw new Error(read.code);
    for (const { signed, refusal } of read.value.body.transactions) {
      const { signer, sequence, content } = signed.transaction;
      const own = street.context.roster.members.find((member) => member.id === signer)?.name ?? signer;
      lines.push(`${own} ${sequence} ${content.kind} ${refusal ?? "settled"}`);
    }
  }
  return lines;
}

test("a ballot is in one block everywhere, and leaves the outbox with it", async () => {
  const street = new MemoryStreet({ gateways: 4, termMax: 100 });
  await street.start();
  await street.pass(2, {});
  await street.gateway("dep2").agent.submit({ kind: "ballot", candidate: idOf("dep3") });
  assert.is(street.gateway("dep2").transactionDisk.pending.size, 1);
  await street.pass(3, {});
  for (const { name } of street.gateways)
    assert.equal(await settled(street, name), ["dep2 1 ballot settled"], name);
  assert.is(street.gateway("dep2").transactionDisk.pending.size, 0);
  await street.stop();
});

test("what was durable when the power went is offered again, and settled once", async () => {
  const street = new MemoryStreet({ gateways: 4, termMax: 100 });
  await street.start();
  await street.pass(2, {});
  for (const name of ["dep1", "dep3", "dep4"]) street.hub.cut("dep2", name);
  await street.gateway("dep2").agent.submit({ kind: "ballot", candidate: idOf("dep3") });
  street.cutPower("dep2");
  await street.pass(2, {});
  assert.equal(await settled(street, "dep1"), []);
  street.hub.heal();
  await street.restart("dep2");
  await street.pass(4, {});
  assert.equal(await settled(street, "dep1"), ["dep2 1 ballot settled"]);
  assert.is(street.gateway("dep2").transactionDisk.pending.size, 0);
  await street.stop();
});

test("two submissions at once get two sequences, and no more wait than may", async () => {
  const street = new MemoryStreet({ gateways: 4, termMax: 100 });
  await street.start();
  await street.pass(1, {});
  const { agent } = street.gateway("dep1");
  const ballots = ["dep1", "dep2", "dep3", "dep4"].map((name) =>
    agent.submit({ kind: "ballot", candidate: idOf(name) }),
  );
  const sequences = (await Promise.all(ballots)).map(({ transaction }) => transaction.sequence);
  assert.equal(sequences, [1, 2, 3, 4]);
  const fifth = await agent.submit({ kind: "ballot", candidate: null }).catch((error: unknown) => error);
  assert.is((fifth as { code: string }).code, "TRANSACTIONS_WAITING");
  await street.pass(3, {});
  assert.is((await settled(street, "dep4")).length, 4);
  await agent.submit({ kind: "ballot", candidate: null });
  await street.pass(2, {});
  assert.is((await settled(street, "dep4")).at(-1), "dep1 5 ballot settled");
  await street.stop();
});

test("every gateway casts a ballot once in a term; the owner's own comes instead of it", async () => {
  const street = new MemoryStreet({ gateways: 4, termMax: 8 });
  await street.start();
  await street.pass(3, {});
  await street.gateway("dep4").agent.submit({ kind: "ballot", candidate: idOf("dep4") });
  await street.pass(5, {});
  const lines = await settled(street, "dep1");
  assert.equal([...lines].sort(), [
    "dep1 1 ballot settled",
    "dep2 1 ballot settled",
    "dep3 1 ballot settled",
    "dep4 1 ballot settled",
  ]);
  await street.stop();
});

test.run();
