// time limit: 400 s
/** Catching up by a certified state across changes of the voters, and from gateways that began with one themselves. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ABSENT_CERTIFICATES } from "../../../agent/core/ledger/transactions/absences.ts";
import type { MemberId } from "../../../agent/core/membership/address.ts";
import { enrolledMember } from "../../../agent/core/membership/enrolment.ts";
import { height } from "../../../agent/core/units.ts";
import { ChainBuilder } from "../../support/chainBuilder.ts";
import { diskOf, settleWith } from "../../support/changedChain.ts";
import { giveLedger, startAfter } from "../../support/longChain.ts";
import type { StoreDisk } from "../../support/memoryStore.ts";
import { enrolmentOf, MemoryStreet } from "../../support/memoryStreet.ts";

const BLOCKS = 600;
const BEFORE_SNAPSHOT = 40;
/** Where the newest snapshot is, and with it a change that is not active yet. */
const SNAPSHOT = 512;

/** A chain in which members came, changed their key and went, and dep5 was let in; before the snapshot one is suspended. */
function chainOfChanges(street: MemoryStreet): StoreDisk {
  const idOf = (name: string) => enrolledMember(enrolmentOf(name).body);
  const admit = (name: string, isVoter: boolean) =>
    ({ kind: "admit", enrolment: enrolmentOf(name), isVoter }) as const;
  const chain = new ChainBuilder(street.context);
  const before = settleWith(chain, SNAPSHOT - 1, [
    { at: 3, change: admit("dep5", true) },
    { at: 10, change: admit("dep6", true) },
    { at: 20, change: { kind: "rekey", member: idOf("dep6"), enrolment: enrolmentOf("dep7") } },
    { at: 30, change: { kind: "revoke", member: idOf("dep7") } },
    { at: 250, change: admit("dep8", false) },
  ]);
  const [away] = [...chain.state.absences].find(([, count]) => count === ABSENT_CERTIFICATES) ?? [];
  if (away === undefined) throw new Error("nobody was away");
  const signer = chain.context.voters.voters.find((voter) => voter.id !== away)?.id as MemberId;
  const suspend = { at: SNAPSHOT, change: { kind: "suspend", member: away }, signer } as const;
  return diskOf(chain, settleWith(chain, BLOCKS, [suspend], before));
}

const NEWCOMER = { gateways: 5, newcomers: ["dep5"], termMax: 1_000, blocksBeforeSnapshot: BEFORE_SNAPSHOT };

/** Runs a street in which everybody has that ledger but one, whose disk is empty. @returns the disk of that one, then */
async function takesSnapshot(
  diskFor: (street: MemoryStreet) => StoreDisk,
  empty: string,
): Promise<StoreDisk> {
  const street = new MemoryStreet(NEWCOMER);
  const disk = diskFor(street);
  for (const { name } of street.gateways) if (name !== empty) giveLedger(street, name, disk);
  await startAfter(street, BLOCKS);
  try {
    await street.pass(4, {});
    await street.clock.advance(1_000);
    const statuses = await Promise.all(street.gateways.map(({ agent }) => agent.status()));
    assert.is(new Set(statuses.map(({ ledger }) => `${ledger.height} ${ledger.head}`)).size, 1);
    assert.ok((statuses[0]?.ledger.height ?? 0) > BLOCKS);
    for (const { name, faults } of street.gateways) assert.equal(faults, [], name);
    const { log, storeDisk } = street.gateway(empty);
    const adopted = log.events.flatMap(({ event, fields }) =>
      event === "sync.snapshot-adopted" ? [fields.height] : [],
    );
    assert.equal(adopted, [SNAPSHOT]);
    assert.equal(
      log.events.filter(({ event }) => event === "sync.peer-avoided"),
      [],
      "nobody lied",
    );
    const heights = storeDisk.changes?.map((change) => change.height) ?? [];
    assert.equal(heights.slice(0, 6), [3, 10, 20, 30, 250, SNAPSHOT]);
    return storeDisk;
  } finally {
    await street.stop();
  }
}

const test = suite("a snapshot");

test("leads across changes of the voters, and goes on from gateways that themselves began with one", async () => {
  const began = await takesSnapshot(chainOfChanges, "dep5");
  assert.is(began.base, height(SNAPSHOT));
  assert.ok(began.blocks[SNAPSHOT - 2] === undefined, "no block of a change is here");
  const again = await takesSnapshot(() => began, "dep1");
  assert.is(again.base, height(SNAPSHOT));
  assert.equal(again.changes?.slice(0, 6), began.changes?.slice(0, 6));
});

test.run();
