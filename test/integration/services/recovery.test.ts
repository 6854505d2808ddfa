/** A street that has lost its quorum for good goes on in a new epoch, with every reading settled once. */
// time limit: 600 s
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { TransportError } from "../../../agent/adapters/transport/transportError.ts";
import { readBlock } from "../../../agent/core/ledger/blocks/block.ts";
import { verifyNext } from "../../../agent/core/ledger/chain/chain.ts";
import { genesisState, type LedgerContext } from "../../../agent/core/ledger/state/context.ts";
import { readWire } from "../../../agent/core/wire.ts";
import type { Transport } from "../../../agent/ports/transport.ts";
import { failsWith } from "../../support/failure.ts";
import type { StoreDisk } from "../../support/memoryStore.ts";
import { MemoryStreet } from "../../support/memoryStreet.ts";
import { adminRecover, adoptGenesis, loseVoteJournal, reportsOf } from "../../support/recovery.ts";
import { withTemporaryDirectory } from "../../support/temporaryDirectory.ts";
import { wrappedTransport } from "../../support/wrappedTransport.ts";

const test = suite("recovery");

/** Sequences of one member's readings in a chain, in its order. */
function settledSequences(disk: StoreDisk, member: string): readonly number[] {
  return disk.blocks.flatMap(({ block }) => {
    const read = readBlock(block);
    if (read.kind !== "accept") throw new Error(read.code);
    const { late, intervals } = read.value.body;
    const readings = [
      ...late.map(({ signed }) => signed),
      ...intervals.flatMap((interval) => interval.readings),
    ];
    return readings.flatMap(({ reading }) => (reading.member === member ? [reading.sequence] : []));
  });
}

/** Every reading that a gateway ever stated is in the chain once, or waits in its outbox; none is lost, none doubled. */
function accountedFor(street: MemoryStreet, name: string): void {
  const { storeDisk, outboxDisk } = street.gateway(name);
  const settled = settledSequences(storeDisk, idOf(street, name));
  assert.is(new Set(settled).size, settled.length, `${name} settled twice: ${settled}`);
  const waiting = [...outboxDisk.pending.keys()].filter((sequence) => !settled.includes(sequence));
  const stated = Array.from({ length: outboxDisk.nextSequence - 1 }, (_, index) => index + 1);
  const known = [...settled, ...waiting].sort((left, right) => left - right);
  assert.equal(known, stated, `${name}: settled ${settled}, waiting ${waiting}`);
}

/** @returns the last height of a chain that verifies from the genesis */
function verifiedTo(context: LedgerContext, disk: StoreDisk): number {
  let state = genesisState(context);
  for (const entry of disk.blocks) {
    const verified = verifyNext(context, state, entry);
    if (verified.kind !== "accept") throw new Error(`${entry.height}: ${verified.code} ${verified.detail}`);
    state = verified.value.state;
  }
  return state.height;
}

function idOf(street: MemoryStreet, name: string): string {
  return street.context.roster.members.find((member) => member.name === name)?.id ?? name;
}

const ENERGIES = { dep1: [500, 200], dep2: [0, 400] } as const;

test("two of four lost their votes for good: one is declared lost, the three others go on", () =>
  withTemporaryDirectory(async (directory) => {
    const street = new MemoryStreet({ gateways: 4, termMax: 100 });
    await street.start();
    await street.pass(3, ENERGIES);
    for (const name of ["dep3", "dep4"]) street.cutPower(name);
    await street.pass(2, ENERGIES);
    for (const name of ["dep1", "dep2"]) street.cutPower(name);
    await street.pass(1, {});
    const [first, dep3] = [street.gateway("dep1"), street.gateway("dep3")];
    const heightBefore = first.storeDisk.blocks.length;
    loseVoteJournal(dep3);
    const left = ["dep1", "dep2", "dep3"];
    const waiting = left.map((name) => [...street.gateway(name).outboxDisk.pending.keys()]);
    assert.ok(waiting[0]?.length !== 0 && waiting[1]?.length !== 0, "readings of the old epoch wait");

    const reports = await reportsOf(street, ["dep1", "dep2", "dep3"]);
    const longest = street.gateway("dep2").storeDisk;
    const given = { blocks: longest.blocks.length > heightBefore ? longest : first.storeDisk };

    const { dep1 = new Uint8Array(), dep3: amnesiac = new Uint8Array() } = reports;
    const tooFew = await adminRecover(street, directory, {
      reports: { dep1, dep3: amnesiac },
      rest: ["--lost", "dep4", "--json"],
      ...given,
    });
    assert.is(tooFew.errorJson().code, "RECOVERY_TOO_FEW");
    assert.equal(tooFew.errorJson().detail?.valueOf() as object, {
      ...(tooFew.errorJson().detail as object),
      needed: 2,
      sound: 1,
      missing: 1,
    });

    const run = await adminRecover(street, directory, {
      reports,
      rest: ["--lost", "dep4", "--json"],
      ...given,
    });
    assert.is(run.exit, 0, run.error);
    assert.is(run.json().proven, true);
    assert.equal(
      run.json().reporters,
      [..."12"]
        .map((number) => `dep${number}`)
        .sort((left, right) => (idOf(street, left) < idOf(street, right) ? -1 : 1)),
    );
    assert.equal(run.json().lost, ["dep4"]);

    adoptGenesis(street, await run.genesis());
    for (const name of ["dep1", "dep2", "dep3"]) await street.restart(name);
    await street.pass(4, ENERGIES);
    for (const name of ["dep1", "dep2", "dep3"]) {
      const status = await street.gateway(name).agent.status();
      assert.is(status.participation, "voter", `${name}: ${status.observesBecause}`);
      assert.is(status.epoch.number, 1);
      assert.is(status.epoch.recovery?.proven, true);
      assert.equal(status.epoch.recovery?.lost, ["dep4"]);
      assert.ok(status.ledger.height >= heightBefore + 2, `${name} at ${status.ledger.height}`);
      assert.equal(street.gateway(name).faults, []);
    }
    assert.is(
      dep3.voteDisk.written.some(({ message }) => message.height > heightBefore),
      true,
      "the amnesiac votes again",
    );
    const height = verifiedTo(street.context, first.storeDisk);
    assert.is(height, first.storeDisk.blocks.length);
    for (const name of ["dep1", "dep2", "dep3"]) accountedFor(street, name);
    for (const [index, name] of left.entries()) {
      const settled = settledSequences(first.storeDisk, idOf(street, name));
      const lacking = waiting[index]?.filter((sequence) => !settled.includes(sequence));
      assert.equal(lacking, [], `${name} stated them in the old epoch`);
    }
    street.cutPower("dep1");
    await street.pass(1, ENERGIES);
    await street.restart("dep1");
    await street.pass(2, ENERGIES);
    assert.is((await first.agent.status()).participation, "voter");
    assert.ok(verifiedTo(street.context, first.storeDisk) > height);
    await street.stop();
  }));

/** Where a test puts itself between the gateways. */
type Meddling = {
  /** Nobody hears a COMMIT: blocks are prepared and never decided. */
  withoutCommits: boolean;
  /** Who hears the gossip and is answered by nobody, so that it cannot catch up. */
  unanswered: string | null;
};

function meddled(street: () => MemoryStreet, meddling: Meddling) {
  return (name: string, transport: Transport): Transport =>
    wrappedTransport(transport, {
      publish: (channel, bytes) => {
        if (channel !== "votes" || !meddling.withoutCommits) return transport.publish(channel, bytes);
        const { roster, voters } = street().context;
        const read = readWire(channel, bytes, roster.chainId, () => voters.voters);
        const isCommit =
          read.kind === "accept" && read.value.kind === "vote" && read.value.message.kind === "commit";
        return isCommit ? Promise.resolve(0) : transport.publish(channel, bytes);
      },
      request: async (peerId, bytes, limits) => {
        if (meddling.withoutCommits || meddling.unanswered === name)
          throw new TransportError("TRANSPORT_TIMEOUT", { peerId });
        return transport.request(peerId, bytes, limits);
      },
    });
}

test("a block that may have been decided is adopted as it is, and whoever was behind fetches it", () =>
  withTemporaryDirectory(async (directory) => {
    const meddling: Meddling = { withoutCommits: false, unanswered: null };
    const street: MemoryStreet = new MemoryStreet({
      gateways: 4,
      termMax: 100,
      wrapTransport: (name, transport) => meddled(() => street, meddling)(name, transport),
    });
    await street.start();
    await street.pass(2, ENERGIES);
    street.cutPower("dep3");
    await street.pass(2, ENERGIES);
    meddling.withoutCommits = true;
    await street.clock.advance(7_000);
    for (const name of ["dep1", "dep2", "dep4"]) street.cutPower(name);
    await street.pass(1, {});
    meddling.withoutCommits = false;
    const { storeDisk } = street.gateway("dep1");
    const heightBefore = storeDisk.blocks.length;
    const behind = street.gateway("dep3");
    assert.ok(behind.storeDisk.blocks.length < heightBefore, "dep3 is behind");

    const reports = await reportsOf(street, ["dep1", "dep2"]);
    const run = await adminRecover(street, directory, {
      reports,
      blocks: storeDisk,
      rest: ["--lost", "dep4", "--json"],
    });
    assert.is(run.exit, 0, run.error);
    const prepared = run.json().prepared as { height: number; hash: string };
    assert.is(prepared?.height, heightBefore + 1);

    adoptGenesis(street, await run.genesis());
    const votes = behind.voteDisk.written.length;
    meddling.unanswered = "dep3";
    await street.restart("dep3");
    await street.pass(2, ENERGIES);
    for (const name of ["dep1", "dep2"]) await street.restart(name);
    assert.is(
      storeDisk.blocks.at(heightBefore)?.blockHash,
      prepared.hash as never,
      "adopted before anything else",
    );
    await street.pass(3, ENERGIES);
    assert.ok(behind.storeDisk.blocks.length < heightBefore, "dep3 is still behind");
    assert.is(behind.voteDisk.written.length, votes, "nothing is voted on where the old epoch ended");
    assert.ok((await street.refused("dep3", "EPOCH_NOT_REACHED")) > 0, "and it has heard the others");
    assert.is(await street.refused("dep3", "BAD_SIGNATURE"), 0, "nobody is blamed for the new epoch");
    meddling.unanswered = null;
    await street.pass(4, ENERGIES);
    for (const name of ["dep1", "dep2", "dep3"]) {
      const { storeDisk: disk, faults } = street.gateway(name);
      assert.equal(faults, []);
      assert.is(disk.blocks[heightBefore]?.blockHash, prepared.hash as never, name);
      assert.ok(verifiedTo(street.context, disk) >= heightBefore + 2, `${name} at ${disk.blocks.length}`);
      accountedFor(street, name);
    }
    assert.is((await behind.agent.status()).participation, "voter");
    await street.stop();
  }));

test("who has renounced signs nothing of the epoch again, whatever is asked, and meters on", () =>
  withTemporaryDirectory(async (directory) => {
    const street = new MemoryStreet({ gateways: 2, termMax: 100 });
    await street.start();
    await street.pass(2, ENERGIES);
    street.cutPower("dep1");
    await street.pass(1, ENERGIES);
    const { voteDisk, outboxDisk, storeDisk } = street.gateway("dep1");
    const reports = await reportsOf(street, ["dep1"]);
    const votes = voteDisk.written.length;
    const waiting = outboxDisk.pending.size;
    await street.restart("dep1");
    await street.pass(3, ENERGIES);
    const status = await street.gateway("dep1").agent.status();
    assert.is(status.observesCode, "EPOCH_RENOUNCED");
    assert.is(voteDisk.written.length, votes);
    assert.ok(outboxDisk.pending.size > waiting);

    street.cutPower("dep1");
    street.cutPower("dep2");
    await street.pass(1, {});
    const again = await reportsOf(street, ["dep1"]);
    assert.is(
      Buffer.compare(again.dep1 ?? Buffer.of(), reports.dep1 ?? Buffer.of()),
      0,
      "the same report again",
    );
    const run = await adminRecover(street, directory, { reports, blocks: storeDisk, rest: ["--json"] });
    assert.is(run.json().proven, true, run.error);
    const old = street.context;
    adoptGenesis(street, await run.genesis());
    for (const name of ["dep1", "dep2"]) await street.restart(name);
    await street.pass(3, ENERGIES);
    assert.is((await street.gateway("dep1").agent.status()).participation, "voter");
    assert.ok(storeDisk.blocks.length > 2, `height ${storeDisk.blocks.length}`);
    for (const name of ["dep1", "dep2"]) accountedFor(street, name);
    await street.stop();

    street.cutPower("dep1");
    street.context = old;
    await failsWith(() => street.restart("dep1"), "EPOCH_LEFT");
    Object.assign(storeDisk, { blocks: [], state: new Uint8Array() });
    await failsWith(() => street.restart("dep1"), "EPOCH_LEFT");
  }));

test.run();
