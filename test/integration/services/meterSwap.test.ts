// time limit: 300 s
/**
 * A meter is swapped on a running street: the interval of the swap is spanned on both meters, nothing is invented, and
 * of each base Σ settled is its last register − its first. The same after an outage of the meter and of the network.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readBlock } from "../../../agent/core/ledger/blocks/block.ts";
import { type MemberState, readState } from "../../../agent/core/ledger/state/state.ts";
import { memberIdOf } from "../../../agent/core/membership/address.ts";
import { publicKeyOf } from "../../../agent/core/signature.ts";
import type { SwapRequest } from "../../../agent/ports/governanceView.ts";
import { MemoryStreet, secretKeyOf } from "../../support/memoryStreet.ts";

const FIRST_WH = 1_000_000n;
const USUAL_WH = 100;
const ENERGIES = { dep1: [0, USUAL_WH], dep2: [300, 0], dep3: [0, 50], dep4: [0, 0] } as const;
const DEP1 = memberIdOf(publicKeyOf(secretKeyOf("dep1")));
/** What the new meter shows when it comes out of its box. */
const NEW_START_WH = 7n;

const REQUEST: SwapRequest = {
  role: "consumption",
  oldSerial: "dep1-2",
  newSerial: "20239784",
  oldEndWh: [],
  newStartWh: [Number(NEW_START_WH)],
};

/** As a gateway that metered nothing itself has it. */
function stateOf(street: MemoryStreet, name = "dep2"): { member: MemberState; serial: string | undefined } {
  const read = readState(street.gateway(name).storeDisk.state);
  const member = read.kind === "accept" ? read.value.members.get(DEP1) : undefined;
  if (read.kind !== "accept" || member === undefined) throw new Error("no state of dep1");
  return { member, serial: read.value.roster.meters.find((one) => one.member === DEP1)?.serial };
}

function factsOf(street: MemoryStreet) {
  const bodies = street.gateway("dep2").storeDisk.blocks.flatMap(({ block }) => {
    const read = readBlock(block);
    return read.kind === "accept" ? [read.value.body] : [];
  });
  const readings = bodies.flatMap(({ intervals }) =>
    intervals.flatMap((one) => one.readings.filter(({ reading }) => reading.member === DEP1)),
  );
  const firstMeasured = readings.find(({ reading }) => reading.content.kind === "measured")?.reading.content;
  return {
    first: firstMeasured?.kind === "measured" ? (firstMeasured.meters[1]?.start[0] ?? -1n) : -1n,
    missing: bodies.flatMap(({ intervals }) =>
      intervals.flatMap(({ outcome }) =>
        outcome.missing.flatMap((one) => (one.member === DEP1 ? [one.reason] : [])),
      ),
    ),
    late: bodies.flatMap((body) =>
      body.late.flatMap(({ signed, correction }) =>
        correction.member === DEP1 ? [`${signed.reading.content.kind} ${correction.consumed}`] : [],
      ),
    ),
    transactions: bodies.flatMap(({ transactions }) =>
      transactions.map(({ signed, refusal }) => `${signed.transaction.content.kind} ${refusal ?? "settled"}`),
    ),
  };
}

/** Takes the old meter off, tells the agent, and puts the new one in; in the middle of an interval. */
async function swapConsumption(street: MemoryStreet, usedWh: number): Promise<void> {
  const { consumption, agent } = street.gateway("dep1");
  consumption.add(usedWh);
  const { activeEnergyImport } = await consumption.sample();
  const oldEndWh = [Number(activeEnergyImport)];
  const taken = await agent.governance.swapMeter({ ...REQUEST, oldEndWh });
  assert.is(taken.kind, "accept", JSON.stringify(taken));
  consumption.set(NEW_START_WH);
  consumption.fail(null);
}

/** Σ settled and corrected is what both bases say, to the Wh. */
function assertAddsUp(street: MemoryStreet, oldEndWh: bigint): void {
  const { member, serial } = stateOf(street);
  const { first } = factsOf(street);
  const last = member.coverage.edge?.registers[1]?.[0] ?? -1n;
  const { consumed, corrected, quarantined } = member.totals;
  assert.is(consumed + corrected.consumed + quarantined.consumed, oldEndWh - first + (last - NEW_START_WH));
  assert.equal([member.coverage.gaps, member.coverage.swaps], [[], []]);
  assert.ok(last > NEW_START_WH, "the new meter is settled on");
  assert.is(serial, REQUEST.newSerial);
  for (const { name, faults } of street.gateways) {
    assert.equal(faults, [], name);
    assert.equal(stateOf(street, name).serial, REQUEST.newSerial, name);
  }
}

const test = suite("a meter swapped on a running street");

test("costs no energy: its interval is spanned over both meters", async () => {
  const street = new MemoryStreet({ gateways: 4, termMax: 100 });
  await street.start();
  await street.pass(4, ENERGIES);
  await swapConsumption(street, 30);
  await street.pass(6, ENERGIES);
  assertAddsUp(street, FIRST_WH + 4n * BigInt(USUAL_WH) + 30n);
  const { missing, late, transactions } = factsOf(street);
  assert.equal([missing, late], [["meter-swap"], ["spanning 130"]]);
  assert.ok(transactions.includes("meter-swap settled"));
  await street.stop();
});

test("a new meter that nobody has told of is not settled on, and after it is told no energy is lost", async () => {
  const street = new MemoryStreet({ gateways: 4, termMax: 100 });
  const { consumption } = street.gateway("dep1");
  consumption.name(REQUEST.oldSerial);
  await street.start();
  await street.pass(4, ENERGIES);
  const oldEndWh = FIRST_WH + 4n * BigInt(USUAL_WH);
  consumption.set(NEW_START_WH);
  consumption.name(REQUEST.newSerial);
  await street.pass(3, ENERGIES);
  const [meter] = (await street.gateway("dep1").agent.status()).meters.slice(1);
  assert.equal([meter?.state, meter?.reason, meter?.answeredBy], ["missing", "meter-other", "20239784"]);
  const request = { ...REQUEST, oldEndWh: [Number(oldEndWh)] };
  const taken = await street.gateway("dep1").agent.governance.swapMeter(request);
  assert.is(taken.kind, "accept", JSON.stringify(taken));
  await street.pass(6, ENERGIES);
  assertAddsUp(street, oldEndWh);
  assert.equal([...new Set(factsOf(street).missing)], ["meter-other", "meter-swap"]);
  await street.stop();
});

test("after two intervals without an answer the span begins where the old meter was last settled", async () => {
  const street = new MemoryStreet({ gateways: 4, termMax: 100 });
  await street.start();
  await street.pass(4, ENERGIES);
  street.gateway("dep1").consumption.fail("DRIVER_TIMEOUT");
  await street.pass(2, { ...ENERGIES, dep1: [0, 0] });
  street.gateway("dep1").consumption.fail(null);
  await swapConsumption(street, 30);
  await street.pass(6, ENERGIES);
  assertAddsUp(street, FIRST_WH + 4n * BigInt(USUAL_WH) + 30n);
  const { missing, late } = factsOf(street);
  assert.equal([...new Set(missing)], ["meter-timeout", "meter-swap"]);
  assert.equal(late, ["spanning 130"]);
  await street.stop();
});

test("is settled once, whatever happens to the power right after it was told", async () => {
  const street = new MemoryStreet({ gateways: 4, termMax: 100 });
  await street.start();
  await street.pass(4, ENERGIES);
  await swapConsumption(street, 30);
  street.cutPower("dep1");
  await street.pass(2, { ...ENERGIES, dep1: [0, USUAL_WH] });
  await street.restart("dep1");
  await street.pass(8, ENERGIES);
  assertAddsUp(street, FIRST_WH + 4n * BigInt(USUAL_WH) + 30n);
  assert.equal(
    factsOf(street).transactions.filter((line) => line.startsWith("meter-swap")),
    ["meter-swap settled"],
  );
  await street.stop();
});

test("without a quorum it waits with everything else, and adds up when the street heals", async () => {
  const street = new MemoryStreet({ gateways: 4, termMax: 100 });
  await street.start();
  await street.pass(4, ENERGIES);
  for (const one of ["dep1", "dep2"]) for (const other of ["dep3", "dep4"]) street.hub.cut(one, other);
  await street.pass(3, ENERGIES);
  await swapConsumption(street, 30);
  await street.pass(3, ENERGIES);
  street.hub.heal();
  await street.pass(8, ENERGIES);
  assertAddsUp(street, FIRST_WH + 7n * BigInt(USUAL_WH) + 30n);
  await street.stop();
});

test("that the ledger would refuse is refused at once, and metering goes on as if nothing was said", async () => {
  const street = new MemoryStreet({ gateways: 4, termMax: 100 });
  await street.start();
  const { governance } = street.gateway("dep1").agent;
  await street.pass(4, ENERGIES);
  const codeOf = async (changes: Partial<SwapRequest>) => {
    const taken = await governance.swapMeter({ ...REQUEST, oldEndWh: [2_000_000], ...changes });
    return taken.kind === "accept" ? "accept" : taken.code;
  };
  assert.is(await codeOf({ role: "grid" }), "SWAP_NOT_METER");
  assert.is(await codeOf({ oldSerial: "dep1-1" }), "SWAP_NOT_METER");
  assert.is(await codeOf({ newSerial: "dep3-1" }), "SWAP_SERIAL_TAKEN");
  assert.is(await codeOf({ oldEndWh: [1_000_000] }), "SWAP_BELOW_LAST");
  await street.pass(4, ENERGIES);
  assert.equal(factsOf(street).missing, []);
  assert.is(street.gateway("dep1").transactionDisk.pending.size, 0);
  await street.stop();
});

test("a new meter that counts before it was told is a reset: what the old one counted last is not invented", async () => {
  const street = new MemoryStreet({ gateways: 4, termMax: 100 });
  await street.start();
  await street.pass(4, ENERGIES);
  const { consumption, agent } = street.gateway("dep1");
  consumption.set(NEW_START_WH);
  await street.pass(3, ENERGIES);
  // The interval of the reset is closed; the swap is told for a later one, from which both ends are known.
  const { activeEnergyImport } = await consumption.sample();
  const taken = await agent.governance.swapMeter({
    ...REQUEST,
    oldEndWh: [Number(activeEnergyImport)],
    newStartWh: [Number(activeEnergyImport)],
  });
  assert.is(taken.kind, "accept");
  await street.pass(5, ENERGIES);
  const { missing } = factsOf(street);
  assert.equal(missing, ["register-reset", "meter-swap"]);
  assert.is(stateOf(street).serial, REQUEST.newSerial);
  await street.stop();
});

test.run();
