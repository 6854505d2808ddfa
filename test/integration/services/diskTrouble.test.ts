// time limit: 300 s
/** Disks that are full, read-only or failing: metering goes on, voting stops, and comes back by itself. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { JournalError } from "../../../agent/adapters/journal/journalError.ts";
import { StoreError } from "../../../agent/adapters/store/storeError.ts";
import { memberIdOf } from "../../../agent/core/membership/address.ts";
import { publicKeyOf } from "../../../agent/core/signature.ts";
import { height } from "../../../agent/core/units.ts";
import { HubWitness } from "../../support/hubWitness.ts";
import { INTERVAL_MS, MemoryStreet, type StreetOptions, secretKeyOf } from "../../support/memoryStreet.ts";
import { wrappedStore } from "../../support/wrappedStore.ts";

const ENERGIES = { dep1: [700, 200], dep2: [300, 400], dep3: [0, 350], dep4: [100, 100] } as const;
const LOW_BYTES = 1_000_000;
const ROOMY_BYTES = 1_000_000_000;
const SELF = memberIdOf(publicKeyOf(secretKeyOf("dep2")));

const test = suite("a disk in trouble");

async function withStreet(
  options: Partial<StreetOptions>,
  run: (street: MemoryStreet, witness: HubWitness) => Promise<void>,
): Promise<void> {
  const street = new MemoryStreet({ gateways: 4, ...options });
  const witness = new HubWitness(street);
  await street.start();
  try {
    await street.pass(3, ENERGIES);
    await run(street, witness);
    assert.equal(witness.contradictions, []);
    for (const { name, faults } of street.gateways) assert.equal(faults, [], name);
  } finally {
    await street.stop();
  }
}

const statusOf = (street: MemoryStreet, name = "dep2") => street.gateway(name).agent.status();
const votesOf = (witness: HubWitness) =>
  witness.votes.filter((vote) => (vote.kind === "proposal" ? vote.proposer : vote.voter) === SELF).length;

async function assertMetered(street: MemoryStreet): Promise<void> {
  const { ledger } = await statusOf(street, "dep1");
  const [view] = (await street.gateway("dep1").agent.intervals(height(ledger.height))) ?? [];
  assert.is(view?.members.find(({ name }) => name === "dep2")?.missing, false, "its readings are settled");
}

async function assertNeeded(street: MemoryStreet): Promise<void> {
  street.cutPower("dep4");
  const { ledger } = await statusOf(street);
  await street.pass(4, ENERGIES);
  assert.ok((await statusOf(street)).ledger.height >= ledger.height + 2, "the quorum of three needs it");
}

for (const [what, code, spoil] of [
  ["nearly full", "DISK_SPACE_LOW", { freeBytes: LOW_BYTES }],
  ["read-only", "DISK_READ_ONLY", { isWritable: false }],
] as const) {
  test(`that is ${what} ends voting, not metering, until it is well again`, () =>
    withStreet({}, async (street, witness) => {
      const { space } = street.gateway("dep2");
      Object.assign(space, spoil);
      await street.pass(3, ENERGIES);
      const { participation, observesCode, hindrances } = await statusOf(street);
      assert.equal([participation, observesCode], ["observer", code]);
      assert.match(hindrances[0]?.next ?? "", /by itself/);
      const before = votesOf(witness);
      await street.pass(3, ENERGIES);
      assert.is(votesOf(witness), before);
      await assertMetered(street);
      Object.assign(space, { freeBytes: ROOMY_BYTES, isWritable: true });
      await street.pass(3, ENERGIES);
      assert.is((await statusOf(street)).participation, "voter");
      assert.is(street.gateway("dep2").renewals, 0, "nothing was in doubt, so nothing is opened anew");
      await assertNeeded(street);
    }));
}

test("of every gateway at once stops the street, which goes on at the same height when they have room", () =>
  withStreet({}, async (street) => {
    for (const { space } of street.gateways) space.freeBytes = LOW_BYTES;
    await street.pass(3, ENERGIES);
    const { ledger } = await statusOf(street);
    await street.pass(3, ENERGIES);
    assert.is((await statusOf(street)).ledger.height, ledger.height);
    for (const { space } of street.gateways) space.freeBytes = ROOMY_BYTES;
    await street.pass(8, ENERGIES);
    assert.ok((await statusOf(street)).ledger.height > ledger.height + 1);
  }));

test("that refuses a block ends following too; metering goes on, and a new life follows when it is well", () => {
  let isFull = false;
  const refuse = () => Promise.reject(new StoreError("STORE_WRITE", { directory: "ledger" }));
  return withStreet(
    {
      wrapStore: (name, store) =>
        name === "dep2"
          ? wrappedStore(store, {
              commit: (...args) => (isFull ? refuse() : store.commit(...args)),
            })
          : store,
    },
    async (street, witness) => {
      isFull = true;
      street.gateway("dep2").space.freeBytes = 0;
      await street.pass(3, ENERGIES);
      const stuck = await statusOf(street);
      assert.equal([stuck.participation, stuck.observesCode], ["observer", "STORE_WRITE"]);
      const before = votesOf(witness);
      await street.pass(20, ENERGIES);
      assert.is(votesOf(witness), before);
      assert.is((await statusOf(street)).ledger.height, stuck.ledger.height);
      assert.ok((await statusOf(street)).outboxReadings > stuck.outboxReadings, "readings wait for a block");
      await assertMetered(street);
      assert.is(street.gateway("dep2").renewals, 0, "not while it is full");
      isFull = false;
      street.gateway("dep2").space.freeBytes = ROOMY_BYTES;
      await street.clock.advance(INTERVAL_MS * 3);
      assert.is(street.gateway("dep2").renewals, 1);
      street.cutPower("dep2");
      await street.clock.advance(40);
      await street.restart("dep2");
      await street.pass(3, ENERGIES);
      assert.is((await statusOf(street)).participation, "voter");
      await assertNeeded(street);
    },
  );
});

test("that refuses a vote ends voting; the gateway follows, meters, and asks for a new life after a minute", () => {
  let isBroken = false;
  return withStreet(
    {
      wrapJournal: (name, journal) => ({
        ...journal,
        append: (vote, electors) =>
          isBroken && name === "dep2"
            ? Promise.reject(new JournalError("JOURNAL_WRITE", { path: "votes.journal" }))
            : journal.append(vote, electors),
      }),
    },
    async (street) => {
      isBroken = true;
      await street.pass(4, ENERGIES);
      const { observesCode, ledger } = await statusOf(street);
      assert.is(observesCode, "VOTE_NOT_DURABLE");
      await street.pass(4, ENERGIES);
      assert.ok((await statusOf(street)).ledger.height >= ledger.height + 2, "follows");
      await assertMetered(street);
      await street.pass(10, ENERGIES);
      assert.is(street.gateway("dep2").renewals, 1);
    },
  );
});

test.run();
