/** `edso meter scan`: what it asks for, what it tells on the way, and what it says at the end. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { unitIdsOf } from "../../../../agent/cli/meterScan.ts";
import type { FoundDevice, ScanOptions, ScanReport } from "../../../../agent/ports/commissioning.ts";
import { edso, writeConfig } from "../../../support/cliWorld.ts";
import { failsWith } from "../../../support/failure.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const ON_PORT = ["meter", "scan", "--port", "/dev/ttyUSB0"];
const AT_9600 = { baudRate: 9600, parity: "none", stopBits: 1 } as const;
const FOUND: FoundDevice = {
  settings: AT_9600,
  unitId: 5,
  definitions: ["sdm630"],
  model: "Eastron SDM630",
  meterSerial: "20239784",
  by: "model-register",
};
const NOTHING: ScanReport = { devices: [], garbled: [], asked: 4, toAsk: 4, hasEcho: false, elapsedMs: 800 };

const test = suite("edso meter scan");

test("sweeps every usual speed, parity and unit when nothing is said", async () => {
  const asked: ScanOptions[] = [];
  await edso(ON_PORT, { scanLine: scanning(NOTHING, asked) });
  const [options] = asked;
  assert.is(options?.port, "/dev/ttyUSB0");
  assert.is(options?.settings.length, 24);
  assert.equal([options?.unitIds.length, options?.unitIds[0], options?.unitIds.at(-1)], [247, 1, 247]);
});

test("sweeps what it is told", async () => {
  const asked: ScanOptions[] = [];
  const wanted = ["--baud", "2400,9600", "--parity", "even", "--units", "1-3,9", "--timeout-ms", "300"];
  await edso([...ON_PORT, ...wanted], { scanLine: scanning(NOTHING, asked) });
  assert.equal(asked[0]?.settings, [
    { baudRate: 2400, parity: "even", stopBits: 1 },
    { baudRate: 9600, parity: "even", stopBits: 1 },
  ]);
  assert.equal(asked[0]?.unitIds, [1, 2, 3, 9]);
  assert.is(asked[0]?.answerTimeoutMs, 300);
});

test("a server's line has settings that are out of reach, so one sweep is all", async () => {
  const asked: ScanOptions[] = [];
  await edso(["meter", "scan", "--port", "tcp://em24.lan"], { scanLine: scanning(NOTHING, asked) });
  assert.equal([asked[0]?.port, asked[0]?.settings.length], ["tcp://em24.lan", 1]);
});

test("tells progress and time left on stderr, and each device as it is found", async () => {
  const run = await edso(ON_PORT, {
    scanLine: async (options) => {
      options.onProgress({ settings: AT_9600, unitId: 1, asked: 10, toAsk: 100, elapsedMs: 2_000 });
      options.onFound(FOUND);
      options.onProgress({ settings: AT_9600, unitId: 2, asked: 11, toAsk: 9_999, elapsedMs: 2_000 });
      return { ...NOTHING, devices: [FOUND] };
    },
  });
  assert.match(run.error, "9600 8N1, unit 1: 10 of 100 asked, 18 s to go");
  assert.match(run.error, "found unit 5 at 9600 8N1: Eastron SDM630");
  assert.not.match(run.error, "unit 2:");
  assert.match(run.out, /^9600 8N1 +5 +Eastron SDM630 +sdm630 +20239784 +model-register$/m);
});

test("on a terminal progress is one line that is written over", async () => {
  const run = await edso(ON_PORT, {
    isTerminal: true,
    scanLine: async (options) => {
      for (const unitId of [1, 2])
        options.onProgress({
          settings: AT_9600,
          unitId,
          asked: unitId,
          toAsk: 4_000,
          elapsedMs: 200 * unitId,
        });
      return NOTHING;
    },
  });
  assert.match(run.error, "\r9600 8N1, unit 2: 2 of 4000 asked, 14 min to go\u001b[K");
});

test("a device of no known kind is told, and one that may be several", async () => {
  const unknown = { ...FOUND, definitions: [], model: null, meterSerial: null, by: null };
  const either = {
    ...FOUND,
    unitId: 6,
    definitions: ["sdm120", "sdm630"],
    model: null,
    by: "values",
  } as const;
  const run = await edso(ON_PORT, { scanLine: scanning({ ...NOTHING, devices: [unknown, either] }) });
  assert.match(run.out, "a device that edso does not know");
  assert.match(run.out, "one of sdm120, sdm630");
});

test("a silent line yields the wiring hint", async () => {
  const run = await edso(ON_PORT, { scanLine: scanning(NOTHING) });
  assert.equal([run.exit, run.out], [0, "no meter found\n"]);
  assert.match(run.error, "nothing came back: swap A and B");
});

test("a scan that was ended early does not blame the wiring", async () => {
  const run = await edso(ON_PORT, { scanLine: scanning({ ...NOTHING, asked: 1 }) });
  assert.not.match(run.error, "swap A and B");
  assert.match(run.error, "ended early: 1 of 4 asked");
});

test("says where bytes came that were no frame, that the adapter echoes, and that speeds differ", async () => {
  const other = { ...FOUND, settings: { ...AT_9600, baudRate: 2400 } };
  const garbled = [{ settings: AT_9600, unitId: 7 }];
  const report = { ...NOTHING, devices: [FOUND, other], garbled, hasEcho: true };
  const run = await edso(ON_PORT, { scanLine: scanning(report) });
  assert.match(run.error, "unit 7 at 9600 8N1: two meters with one unit id, or noise");
  assert.match(run.error, "hears what it sends itself");
  assert.match(run.error, "must share speed and parity");
});

test("prints all of it as JSON", async () => {
  const run = await edso([...ON_PORT, "--json"], { scanLine: scanning({ ...NOTHING, devices: [FOUND] }) });
  const told = run.json();
  assert.equal([told.schema, told.isComplete], ["edso.meter-scan/1", true]);
  assert.equal(told.devices, [FOUND]);
});

test("borrows the line from the agent and gives it back, also when the scan fails", async () => {
  await withTemporaryDirectory(async (directory) => {
    await writeConfig(directory);
    const calls: string[] = [];
    const borrowLine = async (_socket: string, port: string) => {
      calls.push(`borrow ${port}`);
      return { giveBack: async () => void calls.push("give back") };
    };
    const failing = async () => {
      calls.push("scan");
      throw new TypeError("x");
    };
    const run = await edso(["meter", "scan", "--data", directory], { borrowLine, scanLine: failing });
    assert.is(run.exit, 70);
    assert.equal(calls, ["borrow /dev/ttyUSB0", "scan", "give back"]);
    assert.match(run.error, "the agent lends /dev/ttyUSB0");
    assert.match(run.error, "the agent has its line back");
  });
});

test("Ctrl-C ends it in order", async () => {
  const run = await edso(ON_PORT, {
    onListen: (signal) => signal("SIGINT"),
    scanLine: async ({ signal }) => ({ ...NOTHING, asked: signal.aborted ? 0 : 4 }),
  });
  assert.is(run.exit, 0);
  assert.match(run.error, "ended early: 0 of 4 asked");
});

for (const wrong of [
  ["--units", "0"],
  ["--units", "5-2"],
  ["--units", "1-2-3"],
  ["--units", "248"],
  ["--baud", "9600,fast"],
  ["--parity", "none,mark"],
  ["--port", "udp://x:1"],
])
  test(`${wrong.join(" ")} is refused`, async () => {
    const run = await edso([...ON_PORT, ...wrong], { scanLine: scanning(NOTHING) });
    assert.is(run.exit, 64, run.error);
  });

test("units are told once, rising", async () => {
  assert.equal(unitIdsOf("9,1-3,2"), [1, 2, 3, 9]);
  await failsWith(() => unitIdsOf(""), "CLI_USAGE");
});

test.run();

function scanning(report: ScanReport, asked: ScanOptions[] = []) {
  return async (options: ScanOptions): Promise<ScanReport> => {
    asked.push(options);
    return report;
  };
}
