/** A line whose A and B are swapped carries nothing either way: from the wire to the hint that the installer reads. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { testLine } from "../../../drivers/lineTest.ts";
import { scanLine } from "../../../drivers/scan.ts";
import { constantCurve } from "../../../drivers/simulator/curve.ts";
import { type SimulatedLine, startSimulatedLine } from "../../../drivers/simulator/simulatedLine.ts";
import { edso } from "../../support/cliWorld.ts";
import { QUICK_SDM120, SETTINGS, systemNowMs } from "../../support/simulatedLine.ts";

const HINT = /nothing came back: swap A and B/;

const test = suite<{ device: SimulatedLine }>("edso meter on swapped wires");

test.before.each(async (context) => {
  const meter = { definition: QUICK_SDM120, unitId: 1, serial: 1, curve: constantCurve(500) };
  context.device = await startSimulatedLine({
    settings: SETTINGS,
    nowMs: systemNowMs,
    startedAtMs: systemNowMs(),
    startMinute: 0,
    timeLapse: 1,
    thinkTimeMs: 0,
    hasWireTime: false,
    meters: [{ ...meter, initial: { importWh: 1_000n, exportWh: 0n } }],
  });
});
test.after.each(({ device }) => device.stop());

const scan = (device: SimulatedLine) =>
  edso(["meter", "scan", "--port", device.path, "--baud", "9600", "--parity", "none", "--units", "1-2"], {
    scanLine,
  });

test("a scan finds nothing and says to swap them", async ({ device }) => {
  device.setFault(1, { kind: "silent" });
  const run = await scan(device);
  assert.is(run.out, "no meter found\n");
  assert.match(run.error, HINT);
});

test("a scan of the same line with its wires right finds the meter and has no such hint", async ({
  device,
}) => {
  const run = await scan(device);
  assert.match(run.out, "eastron-sdm120");
  assert.not.match(run.error, HINT);
});

test("a test of the meter says so, and ends as a failure", async ({ device }) => {
  device.setFault(1, { kind: "silent" });
  const run = await edso(["meter", "test", "--port", device.path, "--unit", "1", "--timeout-ms", "50"], {
    testLine,
  });
  assert.is(run.exit, 69);
  assert.match(run.out, HINT);
  assert.match(run.error, HINT);
});

test.run();
