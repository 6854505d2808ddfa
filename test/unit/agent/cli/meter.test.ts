/** `edso meter`: what is read, and what an installer is told when nothing answers. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { MeterTarget } from "../../../../agent/cli/dependencies.ts";
import { AgentError } from "../../../../agent/core/errors.ts";
import { unixMs } from "../../../../agent/core/units.ts";
import type { MeterReadOut } from "../../../../agent/ports/meter.ts";
import { DriverError } from "../../../../drivers/driverError.ts";
import { edso, linesThatRead, writeConfig } from "../../../support/cliWorld.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const ON_PORT = ["meter", "read", "--port", "/dev/ttyUSB0", "--definition", "sdm120"];

const test = suite("edso meter");

test("lists the definitions with their factory settings", async () => {
  const run = await edso(["meter", "list"]);
  assert.match(run.out, /^sdm120 +Eastron +SDM120 +2400 8N1 +1 +confirmed$/m);
  const json = (await edso(["meter", "list", "--json"])).json();
  assert.is(json.schema, "edso.meters/2");
  assert.is((json.definitions as unknown[]).length, 3);
  assert.match(run.out, /^odd1 +Eastron +ODD1 +n\/a +n\/a +experimental$/m);
});

test("reads one meter on a port with the settings given", async () => {
  const targets: MeterTarget[] = [];
  const settings = [
    "--baud",
    "2400",
    "--parity",
    "even",
    "--stop-bits",
    "2",
    "--unit",
    "7",
    "--timeout-ms",
    "250",
  ];
  const run = await edso([...ON_PORT, ...settings], { openLine: linesThatRead(reading(targets)) });
  assert.equal([run.exit, run.error], [0, ""]);
  assert.equal(targets, [
    {
      port: "/dev/ttyUSB0",
      baudRate: 2400,
      parity: "even",
      stopBits: 2,
      rs485: "adapter",
      unitChangeGapMs: 200,
      definition: "sdm120",
      unitId: 7,
      invert: false,
      timeoutMs: 250,
    },
  ]);
  assert.match(run.out, "sdm120, unit 7 on /dev/ttyUSB0 (2400 8E2)");
  assert.match(run.out, /^activeEnergyImport +1234 +Wh +1-0:1\.8\.0 +\d+\.\d s$/m);
  assert.match(run.out, /^powerFactor +0\.9 +n\/a +\d+\.\d s$/m);
});

test("reads all configured meters, with their roles, as JSON", async () => {
  await withTemporaryDirectory(async (directory) => {
    await writeConfig(directory);
    const targets: MeterTarget[] = [];
    const run = await edso(["meter", "read", "--data", directory, "--json"], {
      openLine: linesThatRead(reading(targets)),
    });
    const told = run.json() as { schema: string; meters: readonly Record<string, unknown>[] };
    assert.is(told.schema, "edso.meter-read/1");
    assert.equal(
      told.meters.map(({ role, definition, unitId }) => [role, definition, unitId]),
      [
        ["generation", "sdm120", 1],
        ["consumption", "sdm630", 2],
      ],
    );
    assert.equal(told.meters[0]?.values, readOut().values);
    assert.is(told.meters[0]?.takenAt, "2026-01-01T00:00:00.000Z");
    assert.equal(
      targets.map(({ unitChangeGapMs }) => unitChangeGapMs),
      [200, 200],
    );
  });
});

test("prints what could be read although another meter fails, and ends with the failure", async () => {
  await withTemporaryDirectory(async (directory) => {
    await writeConfig(directory);
    const run = await edso(["meter", "read", "--data", directory], {
      openLine: linesThatRead(async (target) => {
        if (target.unitId === 1) throw new DriverError("DRIVER_TIMEOUT");
        return readOut();
      }),
    });
    assert.is(run.exit, 69);
    assert.match(run.out, "consumption: sdm630");
    assert.match(run.error, "tried sdm120");
  });
});

test("says what was tried, what to look at, and where the definitions are listed", async () => {
  for (const [code, hint] of [
    ["DRIVER_TIMEOUT", "swap A and B"],
    ["DRIVER_CRC", "parity"],
    ["DRIVER_WRONG_UNIT", "another meter answers"],
    ["DRIVER_EXCEPTION", "no such register"],
    ["DRIVER_BAD_VALUE", "marks its energy as absent"],
    ["DRIVER_NO_MODEL", "switch SunSpec on"],
    ["DRIVER_WRONG_MODEL", "try again"],
    ["DRIVER_PORT_OPEN", "dialout"],
    ["DRIVER_PORT_GONE", "plug the adapter in"],
    ["DRIVER_UNEXPECTED", "check wiring"],
  ] as const) {
    const run = await edso(ON_PORT, { openLine: failing(new DriverError(code)) });
    assert.equal([run.exit, run.out], [69, ""], code);
    assert.match(run.error, `${code}; tried sdm120 on /dev/ttyUSB0 at 9600 8N1, unit 1, waiting 1000 ms`);
    assert.match(run.error, hint);
    const isMatterOfPort = code.startsWith("DRIVER_PORT");
    assert.is(run.error.includes("it leaves the factory at 2400 8N1, unit 1"), !isMatterOfPort);
    assert.is(run.error.includes("`edso meter list` names the other kinds"), !isMatterOfPort);
    assert.match(run.error, "code: METER_UNREADABLE");
  }
});

test("a host that cannot be reached is no matter of adapters", async () => {
  const far = ["meter", "read", "--port", "tcp://em24.lan", "--definition", "sdm120"];
  const run = await edso(far, { openLine: failing(new DriverError("DRIVER_PORT_OPEN")) });
  assert.match(run.error, "check address and port");
  assert.not.match(run.error, "dialout");
});

test("a port that is none is refused before anything is opened", async () => {
  const run = await edso(["meter", "read", "--port", "udp://x:1", "--definition", "sdm120"]);
  assert.is(run.exit, 64);
  assert.match(run.error, "rtu+tcp://host:port");
});

test("does not take a bug for a silent meter", async () => {
  const bug = await edso(ON_PORT, { openLine: failing(new TypeError("x")) });
  assert.is(bug.exit, 70);
  const other = await edso(ON_PORT, { openLine: failing(new AgentError("UNIT_NOT_INTEGER")) });
  assert.is(other.exit, 70);
});

test.run();

function readOut(): MeterReadOut {
  return {
    takenAtMs: unixMs(Date.UTC(2026, 0, 1)),
    values: [
      { quantity: "activeEnergyImport", value: 1234, unit: "Wh", obis: "1-0:1.8.0" },
      { quantity: "powerFactor", value: 0.9, unit: "", obis: null },
    ],
    meterSerial: null,
    frames: [],
  };
}

function reading(targets: MeterTarget[]): (target: MeterTarget) => Promise<MeterReadOut> {
  return async (target) => {
    targets.push(target);
    return readOut();
  };
}

function failing(error: Error) {
  return linesThatRead(() => Promise.reject(error));
}
