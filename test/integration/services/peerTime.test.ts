// time limit: 300 s
/** A gateway without NTP on a street that has it: it meters by the others' time, and says so in every reading. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readBlock } from "../../../agent/core/ledger/blocks/block.ts";
import { memberIdOf } from "../../../agent/core/membership/address.ts";
import { publicKeyOf } from "../../../agent/core/signature.ts";
import { MemoryStreet, type StreetOptions, secretKeyOf } from "../../support/memoryStreet.ts";

const ENERGIES = { dep1: [0, 100], dep2: [300, 0], dep3: [0, 50], dep4: [0, 0] } as const;
const DEP1 = memberIdOf(publicKeyOf(secretKeyOf("dep1")));
const HOUR_MS = 3_600_000;

async function readingsOfDep1(options: Partial<StreetOptions>) {
  const street = new MemoryStreet({ gateways: 4, ...options });
  await street.start();
  await street.pass(12, ENERGIES);
  const status = await street.gateway("dep1").agent.status();
  const readings = street.gateway("dep2").storeDisk.blocks.flatMap(({ block }) => {
    const read = readBlock(block);
    if (read.kind !== "accept") return [];
    return read.value.body.intervals.flatMap((one) =>
      one.readings.filter(({ reading }) => reading.member === DEP1).map(({ reading }) => reading),
    );
  });
  for (const { name, faults } of street.gateways) assert.equal(faults, [], name);
  await street.stop();
  return { status, readings };
}

const test = suite("a gateway without NTP");

for (const [name, aheadMs] of [
  ["an hour behind", -HOUR_MS],
  ["a day ahead", 24 * HOUR_MS],
] as const)
  test(`whose clock is ${name} is settled in the right intervals by the time of the others`, async () => {
    const { status, readings } = await readingsOfDep1({
      withoutNtp: ["dep1"],
      clockAheadMs: { dep1: aheadMs },
    });
    assert.is(status.clock, "peers");
    assert.ok(readings.length >= 4, `${readings.length} readings`);
    for (const { time, content } of readings) {
      assert.is(time, "peers");
      assert.is(content.kind === "measured" && content.consumed, 100n);
    }
  });

test("is not settled where no quorum of the others has a time", async () => {
  const { status, readings } = await readingsOfDep1({ withoutNtp: ["dep1", "dep2"] });
  assert.equal([status.clock, readings], ["unsynchronised", []]);
});

test.run();
