/** `edso meter test`: what was seen on the wire, and what each finding means for the installer. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { unixMs } from "../../../../agent/core/units.ts";
import type {
  LineTestOptions,
  LineTestReport,
  LineVerdict,
  WireTry,
} from "../../../../agent/ports/commissioning.ts";
import type { MeterReadOut } from "../../../../agent/ports/meter.ts";
import { edso, linesThatRead, SOUND_CONFIG, writeConfig } from "../../../support/cliWorld.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const ON_PORT = ["meter", "test", "--port", "/dev/ttyUSB0", "--unit", "3"];
/** Leaves out which way the meters count. */
const WIRE_ONLY = ["--sign-seconds", "0"];
const AT_9600 = { baudRate: 9600, parity: "none", stopBits: 1 } as const;
const ANSWERED: WireTry = {
  settings: AT_9600,
  unitId: 3,
  outcome: "answered",
  wire: [
    { direction: "sent", bytes: Uint8Array.of(3, 4, 0, 0), atMs: 1.2 },
    { direction: "received", bytes: Uint8Array.of(3, 4, 4), atMs: 40.6 },
  ],
  durationMs: 41,
  foreignUnitId: null,
  exceptionCode: null,
  hasEcho: false,
};
const SILENT: WireTry = {
  ...ANSWERED,
  outcome: "silent",
  wire: ANSWERED.wire.slice(0, 1),
  durationMs: 1_030,
};

const GRID_CONFIG = SOUND_CONFIG.replace("consumption", "grid");

const HINTS: readonly (readonly [LineVerdict, RegExp])[] = [
  [{ kind: "works-sometimes" }, /120 ohm terminators/],
  [{ kind: "other-unit", unitIds: [7] }, /unit 3 is silent, but unit 7 answers/],
  [{ kind: "other-unit", unitIds: [7, 8] }, /but units 7, 8 answer/],
  [
    { kind: "other-settings", settings: { baudRate: 2400, parity: "even", stopBits: 1 } },
    /answers at 2400 8E1/,
  ],
  [{ kind: "garbled" }, /two meters with one unit id/],
  [{ kind: "echo-only" }, /adapter hears itself, and the meter is silent/],
  [{ kind: "silent" }, /swap A and B/],
];

const test = suite("edso meter test");

test("shows the bytes of the first requests, and that all is well", async () => {
  const report = reportOf({ kind: "works" }, [ANSWERED, { ...ANSWERED, durationMs: 50 }]);
  const run = await edso(ON_PORT, { testLine: async () => report });
  assert.is(run.exit, 0, run.error);
  assert.match(run.out, "/dev/ttyUSB0 (9600 8N1), unit 3: 2 of 2 answered");
  assert.match(run.out, "  > 03 04 00 00\n  < 03 04 04\n");
  assert.match(run.out, "answers took 41 to 50 ms");
  assert.match(run.out, "the meter answers every request");
});

for (const [verdict, hint] of HINTS)
  test(`${JSON.stringify(verdict)} is no success and is told with what to do`, async () => {
    const run = await edso(ON_PORT, { testLine: async () => reportOf(verdict, [SILENT]) });
    assert.is(run.exit, 69);
    assert.match(run.out, hint);
    assert.match(run.error, "code: METER_UNREADABLE");
    assert.match(run.error, hint);
  });

test("needs no definition on a port, and takes one", async () => {
  const asked: LineTestOptions[] = [];
  const testLine = async (options: LineTestOptions) => {
    asked.push(options);
    return reportOf({ kind: "works" }, [ANSWERED]);
  };
  await edso(ON_PORT, { testLine });
  await edso([...ON_PORT, "--definition", "sdm630", ...WIRE_ONLY], { testLine });
  assert.equal(
    asked.map(({ definition, unitId, answerTimeoutMs }) => [definition, unitId, answerTimeoutMs]),
    [
      [null, 3, 1_000],
      ["sdm630", 3, 1_000],
    ],
  );
});

test("tests every configured meter", async () => {
  await withTemporaryDirectory(async (directory) => {
    await writeConfig(directory);
    const units: number[] = [];
    const run = await edso(["meter", "test", "--data", directory, "--json", ...WIRE_ONLY], {
      testLine: async ({ unitId }) => {
        units.push(unitId);
        return reportOf({ kind: "works" }, [ANSWERED]);
      },
    });
    assert.equal(units, [1, 2]);
    const [first] = run.out.trim().split("\n");
    const told = JSON.parse(first ?? "");
    assert.equal([told.schema, told.unitId, told.verdict], ["edso.meter-test/1", 1, { kind: "works" }]);
    assert.equal(told.tries[0].wire[0], { direction: "sent", hex: "03040000", atMs: 1 });
  });
});

test("shows what came unasked, and an echo", async () => {
  const unasked = [{ direction: "received", bytes: Uint8Array.of(0xff), atMs: 3 } as const];
  const report = { ...reportOf({ kind: "works" }, [ANSWERED]), unasked, hasEcho: true };
  const run = await edso(ON_PORT, { testLine: async () => report });
  assert.match(run.out, "came unasked:\n  < ff\n");
  assert.match(run.out, "hears what it sends itself");
});

test("a meter that counts the way its role needs is told so", async () => {
  const run = await watch({ 1: [-900, 0, 1], 2: [700, 1, 0] });
  assert.is(run.exit, 0, run.error);
  assert.match(
    run.out,
    "generation: sdm120, unit 1: power -900 W; power and counter agree on export, as a generation",
  );
  assert.match(run.out, "consumption: sdm630, unit 2: power 700 W; power and counter agree on import, as a");
});

test("a meter that is turned round ends the command with what to set", async () => {
  const run = await watch({ 1: [-900, 0, 1], 2: [-700, 0, 1] });
  assert.is(run.exit, 78);
  assert.match(run.error, "code: METER_REVERSED");
  assert.match(run.error, "set `invert: true` for unit 2 in the configuration");
  assert.match(run.out, "a consumption meter must show import");
});

test("one that is set to be turned round, and should not, is told the opposite", async () => {
  const config = SOUND_CONFIG.replace("unitId: 2,", "unitId: 2, invert: true,");
  const run = await watch({ 1: [-900, 0, 1], 2: [-700, 0, 1] }, [], config);
  assert.match(run.error, "set `invert: false` for unit 2");
});

test("power against counter is not mended by turning both", async () => {
  const run = await watch({ 1: [-900, 0, 1], 2: [-700, 1, 0] });
  assert.is(run.exit, 65);
  assert.match(run.error, "code: METER_SIGN_CONTRADICTS");
  assert.match(run.error, "power says export, but the import counter advances");
  assert.match(run.error, "`invert` would not mend it");
});

test("where nothing flows it says that it cannot tell, which is no failure", async () => {
  const run = await watch({ 1: [0, 0, 0], 2: [0, 0, 0] });
  assert.is(run.exit, 0, run.error);
  assert.match(run.out, "too little flows, which way it counts cannot be told");
});

test("at the grid the installer is asked", async () => {
  const run = await watch({ 1: [-900, 0, 1], 2: [700, 1, 0] }, ["--json"], GRID_CONFIG);
  const grid = run.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .find(({ role }) => role === "grid");
  assert.equal(
    [grid.schema, grid.finding, grid.code],
    ["edso.meter-sign/1", { kind: "ask", direction: "import" }, null],
  );
  assert.match(grid.hint, "Is that so at this moment?");
});

test("a meter that does not answer is not watched", async () => {
  await withTemporaryDirectory(async (directory) => {
    await writeConfig(directory);
    const run = await edso(["meter", "test", "--data", directory], {
      testLine: async () => reportOf({ kind: "silent" }, [SILENT]),
    });
    assert.match(run.error, "code: METER_UNREADABLE");
  });
});

test.run();

/** By unit: power, and by how much import and export advance from look to look. */
type Flows = Readonly<Record<number, readonly [powerW: number, importWh: number, exportWh: number]>>;

function watch(flows: Flows, options: readonly string[] = [], config = SOUND_CONFIG) {
  return withTemporaryDirectory(async (directory) => {
    await writeConfig(directory, config);
    let look = 0;
    const openLine = linesThatRead(async ({ unitId }) => {
      const [powerW = 0, importWh = 0, exportWh = 0] = flows[unitId] ?? [];
      look += 1;
      return readOutOf(powerW, 1_000 + importWh * look, 500 + exportWh * look);
    });
    const testLine = async () => reportOf({ kind: "works" }, [ANSWERED]);
    return edso(["meter", "test", "--data", directory, "--sign-seconds", "1", ...options], {
      testLine,
      openLine,
    });
  });
}

function readOutOf(powerW: number, importWh: number, exportWh: number): MeterReadOut {
  const valueOfQuantity = (quantity: string, value: number, unit: string) => ({
    quantity,
    value,
    unit,
    obis: null,
  });
  return {
    takenAtMs: unixMs(0),
    values: [
      valueOfQuantity("activePower", powerW, "W"),
      valueOfQuantity("activeEnergyImport", importWh, "Wh"),
      valueOfQuantity("activeEnergyExport", exportWh, "Wh"),
    ],
    meterSerial: null,
    frames: [],
  };
}

function reportOf(verdict: LineVerdict, tries: readonly WireTry[]): LineTestReport {
  return { verdict, tries, unasked: [], hasEcho: false };
}
