/** A gateway that may have forgotten its votes: follows, asks to vote again, and does so above the block that says so. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MemoryStreet } from "../../support/memoryStreet.ts";

const test = suite("the way back from amnesia");

/** Starts a street, lets one gateway lose its vote journal in a power cut, and starts it again. */
async function afterLoss(names: readonly string[], gateways = 4): Promise<MemoryStreet> {
  const street = new MemoryStreet({ gateways, termMax: 100 });
  await street.start();
  await street.pass(3, {});
  for (const name of names) {
    street.cutPower(name);
    Object.assign(street.gateway(name).voteDisk, {
      starts: 0,
      votes: [],
      abstention: null,
      returnedAt: null,
    });
  }
  await street.pass(1, {});
  for (const name of names) await street.restart(name);
  return street;
}

const participation = async (street: MemoryStreet, name: string) =>
  (await street.gateway(name).agent.status()).participation;

test("it observes until a block holds its request, and votes from the height above on", async () => {
  const street = await afterLoss(["dep2"]);
  const { voteDisk, agent } = street.gateway("dep2");
  assert.is((await agent.status()).observesCode, "AMNESIA");
  const writtenBefore = voteDisk.written.length;
  await street.pass(4, {});
  assert.is(await participation(street, "dep2"), "voter");
  const returnedAt = voteDisk.returnedAt ?? assert.unreachable("never returned");
  const since = voteDisk.written.slice(writtenBefore).map(({ message }) => message.height);
  assert.ok(since.length > 0, "votes again");
  assert.ok(
    since.every((height) => height > Number(returnedAt)),
    `${since} above ${returnedAt}`,
  );
  await street.stop();
});

test("it votes on after the next restart, too", async () => {
  const street = await afterLoss(["dep2"]);
  await street.pass(4, {});
  street.cutPower("dep2");
  await street.pass(1, {});
  await street.restart("dep2");
  assert.is(await participation(street, "dep2"), "voter");
  await street.pass(2, {});
  assert.is(await participation(street, "dep2"), "voter");
  await street.stop();
});

test("an earlier loss does not bring it back: only a nonce of this life counts", async () => {
  const street = await afterLoss(["dep2"]);
  const { voteDisk } = street.gateway("dep2");
  // Asked for, but the power goes before a block holds it; the request is in the others' pools.
  await street.clock.advance(400);
  street.cutPower("dep2");
  await street.pass(2, {});
  await street.restart("dep2");
  assert.is(await participation(street, "dep2"), "observer");
  await street.pass(4, {});
  assert.is(await participation(street, "dep2"), "voter");
  assert.ok(voteDisk.returnedAt !== null);
  await street.stop();
});

test("two of four that lost their votes cannot come back by themselves, and meter on", async () => {
  const street = await afterLoss(["dep2", "dep3"]);
  await street.pass(6, {});
  for (const name of ["dep2", "dep3"]) assert.is(await participation(street, name), "observer");
  assert.ok(street.gateway("dep2").outboxDisk.pending.size >= 5);
  await street.stop();
});

test("a key that somebody else uses does not come back", async () => {
  const street = await afterLoss([]);
  street.cutPower("dep2");
  street.gateway("dep2").voteDisk.abstention = { code: "KEY_CLONED", reason: "seen" };
  await street.restart("dep2");
  await street.pass(4, {});
  assert.is(await participation(street, "dep2"), "observer");
  await street.stop();
});

test.run();
