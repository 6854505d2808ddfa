// time limit: 300 s
/** The adapter of a running agent: pulled and put back under another name, and lent to a scan. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { eastronSdm120 } from "../../drivers/definitions/eastronSdm120.ts";
import { eastronSdm630 } from "../../drivers/definitions/eastronSdm630.ts";
import { constantCurve } from "../../drivers/simulator/curve.ts";
import { startSimulatedLine } from "../../drivers/simulator/simulatedLine.ts";
import { pullAndReplug } from "../bench/pullAndReplug.ts";
import { buildProgram, edso } from "../support/demoProcess.ts";
import { SETTINGS, systemNowMs } from "../support/simulatedLine.ts";
import { SoloProcess, setUpSolo } from "../support/soloGateway.ts";
import { withTemporaryDirectory } from "../support/temporaryDirectory.ts";

const test = suite("the adapter of a running agent");

test.before(buildProgram);

test("pulled and put back under another name: two log lines, the same process, and the interval is measured", () =>
  withTemporaryDirectory(async (directory) => {
    const seen = await pullAndReplug({ directory, outageMs: 5_000, intervalSeconds: 30 });
    assert.equal(
      seen.lines.map(({ event }) => event),
      ["line.port-gone", "line.port-back"],
    );
    assert.match(seen.deviceName, /ttyUSB1$/);
    assert.ok(seen.isSameProcess);
    assert.is(seen.interval, "measured");
  }));

test("a scan borrows the line, names the meters on it, gives it back, and the agent goes on reading", () =>
  withTemporaryDirectory(async (directory) => {
    const none = { importWh: 1_000n, exportWh: 0n };
    const common = { curve: constantCurve(500), initial: none };
    const device = await startSimulatedLine({
      settings: SETTINGS,
      nowMs: systemNowMs,
      startedAtMs: systemNowMs(),
      startMinute: 0,
      timeLapse: 1,
      thinkTimeMs: 0,
      hasWireTime: false,
      meters: [
        { definition: eastronSdm630, unitId: 1, serial: 20_239_784, ...common },
        { definition: eastronSdm120, unitId: 4, serial: 20_239_785, ...common },
      ],
    });
    const meter = "grid:eastron-sdm630:1:20239784";
    const data = await setUpSolo({ directory, line: device.path, meter, intervalSeconds: 5 });
    const agent = new SoloProcess(data);
    try {
      await agent.logged("block.committed", 1, 60_000);
      const sweep = ["--baud", "9600", "--parity", "none", "--units", "1-5", "--timeout-ms", "400"];
      // By the kernel's name: the agent knows the adapter by another.
      const scan = await edso(
        "meter",
        "scan",
        "--data",
        data,
        "--port",
        device.deviceName,
        ...sweep,
        "--json",
      );
      assert.is(scan.code, 0, scan.stderr);
      const { devices } = JSON.parse(scan.stdout);
      assert.equal(
        devices.map(({ unitId, meterSerial }: Record<string, unknown>) => [unitId, meterSerial]),
        [
          [1, "20239784"],
          [4, "20239785"],
        ],
      );
      assert.match(scan.stderr, "the agent has its line back");
      await agent.logged("line.returned", 1, 10_000);
      assert.equal(
        agent.events.map(({ event }) => event).filter((event) => event.startsWith("line.")),
        ["line.lent", "line.returned"],
      );
      const heights = agent.named("block.committed").length;
      await agent.logged("block.committed", heights + 3, 60_000);
      const status = JSON.parse((await edso("status", "--data", data, "--json")).stdout);
      assert.is(status.meters[0].state, "measured");
      assert.is(await agent.stop(), 0);
    } finally {
      if (agent.isRunning) await agent.stop();
      await device.stop();
    }
  }));

test.run();
