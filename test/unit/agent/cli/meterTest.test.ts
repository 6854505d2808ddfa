/** `edso meter test`: what was seen on the wire, and what each finding means for the installer. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type {
  LineTestOptions,
  LineTestReport,
  LineVerdict,
  WireTry,
} from "../../../../agent/ports/commissioning.ts";
import { edso, writeConfig } from "../../../support/cliWorld.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const ON_PORT = ["meter", "test", "--port", "/dev/ttyUSB0", "--unit", "3"];
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
  await edso([...ON_PORT, "--definition", "sdm630"], { testLine });
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
    const run = await edso(["meter", "test", "--data", directory, "--json"], {
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

test.run();

function reportOf(verdict: LineVerdict, tries: readonly WireTry[]): LineTestReport {
  return { verdict, tries, unasked: [], hasEcho: false };
}
