// time limit: 600 s
/**
 * A gateway without peers for 24 simulated hours: it meters on, keeps every reading, and when it reaches the others
 * again all of them are settled, once, in order, with the times at which they were taken. The test prints its figures.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readBlock } from "../../../agent/core/ledger/blocks/block.ts";
import { readState } from "../../../agent/core/ledger/state/state.ts";
import { memberIdOf } from "../../../agent/core/membership/address.ts";
import type { SignedReading } from "../../../agent/core/metering/reading.ts";
import { publicKeyOf } from "../../../agent/core/signature.ts";
import { MemoryStreet, secretKeyOf } from "../../support/memoryStreet.ts";

const INTERVAL_MS = 900_000;
const HOURS_24 = 96;
const ENERGIES = { dep1: [700, 200], dep2: [300, 400], dep3: [50, 350] } as const;
const DEP3 = memberIdOf(publicKeyOf(secretKeyOf("dep3")));
/** All must be there within ten minutes; what is settled in the block after them is. */
const WITHIN_MS = 600_000;
/** Growth of the heap from the sixth hour to the last that is no leak of 72 readings' worth. */
const FLAT_BYTES = 8_000_000;

const test = suite("a gateway without peers for a day");

test("keeps all its readings, and all of them are settled once, in order, with their times", async () => {
  const street = new MemoryStreet({ gateways: 3, intervalMs: INTERVAL_MS });
  await street.start();
  await street.pass(2, ENERGIES);
  street.hub.partition(["dep1", "dep2"], ["dep3"]);
  await street.pass(HOURS_24 / 4, ENERGIES);
  const heapEarly = heapBytes();
  await street.pass((3 * HOURS_24) / 4, ENERGIES);
  const growth = heapBytes() - heapEarly;
  const kept = (await street.gateway("dep3").agent.status()).outboxReadings;
  assert.ok(kept >= HOURS_24, `${kept} readings wait`);

  for (const { name, generation, consumption } of street.gateways) {
    const [generated, consumed] = ENERGIES[name as keyof typeof ENERGIES];
    generation.add(generated);
    consumption.add(consumed);
  }
  await street.clock.advance(INTERVAL_MS - WITHIN_MS / 2);
  const heightAtHeal = street.gateway("dep1").storeDisk.blocks.length;
  street.hub.heal();
  await street.clock.advance(WITHIN_MS);
  const late = lateOf(street, heightAtHeal);
  const intervals = late.map(({ reading }) => reading.interval);
  assert.ok(late.length >= HOURS_24, `${late.length} settled within ten minutes`);
  assert.equal(
    intervals,
    [...new Set(intervals)].sort((left, right) => left - right),
    "once and in order",
  );
  assert.ok(
    late.every(({ reading: { content } }) => isOnTime(content)),
    "taken at their boundaries, a day ago",
  );
  assert.ok((await street.gateway("dep3").agent.status()).outboxReadings <= 2);
  checkEnergy(street);
  assert.ok(growth < FLAT_BYTES, `${growth} bytes`);
  await street.stop();
  process.stdout.write(
    `24 h without peers: ${kept} readings kept, ${late.length} settled late in ${blocksWith(street, heightAtHeal)} block(s) ` +
      `within ${WITHIN_MS / 60_000} min; heap grew by ${(growth / 1e6).toFixed(1)} MB in the last 18 h, three gateways in one process\n`,
  );
});

function bodiesSince(street: MemoryStreet, height: number) {
  return street
    .gateway("dep1")
    .storeDisk.blocks.slice(height)
    .flatMap(({ block }) => {
      const read = readBlock(block);
      return read.kind === "accept" ? [read.value.body] : [];
    });
}

function lateOf(street: MemoryStreet, height: number): readonly SignedReading[] {
  return bodiesSince(street, height)
    .flatMap(({ late }) => late.map(({ signed }) => signed))
    .filter(({ reading }) => reading.member === DEP3);
}

function blocksWith(street: MemoryStreet, height: number): number {
  return bodiesSince(street, height).filter(({ late }) => late.length > 0).length;
}

function isOnTime(content: SignedReading["reading"]["content"]): boolean {
  return (
    content.kind === "measured" &&
    Math.abs(content.startOffsetMs) <= 9_000 &&
    Math.abs(content.endOffsetMs) <= 9_000
  );
}

/** The day's energy is in the ledger, and no gap is left. */
function checkEnergy(street: MemoryStreet): void {
  const state = readState(street.gateway("dep1").storeDisk.state);
  if (state.kind !== "accept") return assert.unreachable(state.code);
  const { totals, coverage } = state.value.members.get(DEP3)!;
  const intervals = BigInt(state.value.nextInterval - street.context.genesis.firstInterval);
  assert.equal(coverage.gaps, []);
  assert.is(totals.generated + totals.corrected.generated, intervals * BigInt(ENERGIES.dep3[0]));
  assert.is(totals.consumed + totals.corrected.consumed, intervals * BigInt(ENERGIES.dep3[1]));
}

function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
  return process.memoryUsage().heapUsed;
}

test.run();
