/** `edso meter test` on a terminal device: a meter is fitted either way round, and with `invert` set either way. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { OpenLine } from "../../../agent/cli/dependencies.ts";
import { testLine } from "../../../drivers/lineTest.ts";
import { openLine } from "../../../drivers/meter.ts";
import { constantCurve } from "../../../drivers/simulator/curve.ts";
import { startSimulatedLine } from "../../../drivers/simulator/simulatedLine.ts";
import { edso, writeConfig } from "../../support/cliWorld.ts";
import { QUICK_SDM120, SETTINGS, systemNowMs } from "../../support/simulatedLine.ts";
import { withTemporaryDirectory } from "../../support/temporaryDirectory.ts";

type Case = {
  readonly name: string;
  /** As the simulated meter counts; + is import. */
  readonly powerW: number;
  readonly invert: boolean;
  readonly exit: number;
  readonly told: RegExp;
};

const CASES: readonly Case[] = [
  {
    name: "fitted as it should be",
    powerW: 1_200,
    invert: false,
    exit: 0,
    told: /agree on import, as a consumption/,
  },
  { name: "turned round", powerW: -1_200, invert: false, exit: 78, told: /`invert: true`.*METER_REVERSED/ },
  { name: "turned round, and set so", powerW: -1_200, invert: true, exit: 0, told: /agree on import/ },
  { name: "set so, though it is not", powerW: 1_200, invert: true, exit: 78, told: /`invert: false`/ },
];

const test = suite("edso meter test: sign");

for (const { name, powerW, invert, exit, told } of CASES)
  test(`a load's meter, ${name}`, async () => {
    const run = await testFitted(powerW, invert);
    assert.is(run.exit, exit, run.error);
    assert.match(run.out, told);
  });

test.run();

async function testFitted(powerW: number, invert: boolean): ReturnType<typeof edso> {
  const device = await startSimulatedLine({
    settings: SETTINGS,
    nowMs: systemNowMs,
    startedAtMs: systemNowMs(),
    startMinute: 0,
    // A Wh passes every 50 ms.
    timeLapse: 60,
    thinkTimeMs: 0,
    hasWireTime: false,
    meters: [
      {
        definition: QUICK_SDM120,
        unitId: 1,
        serial: 11_111_111,
        curve: constantCurve(powerW),
        initial: { importWh: 1_000n, exportWh: 1_000n },
      },
    ],
  });
  try {
    return await withTemporaryDirectory(async (directory) => {
      await writeConfig(directory, configOf(device.path, invert));
      return edso(["meter", "test", "--data", directory], {
        testLine: (options) => testLine({ ...options, definition: QUICK_SDM120.id }),
        openLine: async ({ port }) => realLine(port),
      });
    });
  } finally {
    await device.stop();
  }
}

async function realLine(path: string): Promise<OpenLine> {
  const line = await openLine({ ...SETTINGS, path, rs485: "adapter", nowMs: systemNowMs, onEvent: () => {} });
  const meterOf = ({ unitId, invert }: { readonly unitId: number; readonly invert: boolean }) =>
    line.meter({ definition: QUICK_SDM120, unitId, invert });
  return {
    readOut: (target) => meterOf(target).readOut(),
    counters: (target) => meterOf(target).counters(),
    close: () => line.close(),
  };
}

function configOf(port: string, invert: boolean): string {
  return `name: dep1
dataDirectory: .
lines:
  - port: ${port}
    meters:
      - { role: consumption, definition: sdm120, unitId: 1, serial: "11111111", invert: ${invert} }
`;
}
