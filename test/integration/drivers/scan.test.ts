// time limit: 300 s
/** Scanning and testing a line: meters of unknown speed and unit are found and named, and a silent line gives itself away. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type {
  CharacterSettings,
  FoundDevice,
  LineTestOptions,
  ScanOptions,
  ScanProgress,
} from "../../../agent/ports/commissioning.ts";
import { testLine } from "../../../drivers/lineTest.ts";
import { scanLine, scanSteps } from "../../../drivers/scan.ts";
import { constantCurve } from "../../../drivers/simulator/curve.ts";
import { type SimulatedLine, startSimulatedLine } from "../../../drivers/simulator/simulatedLine.ts";
import { THREE_MAKES } from "../../bench/threeMakes.ts";
import { failsWith } from "../../support/failure.ts";
import { SETTINGS, startThreeMeters, systemNowMs } from "../../support/simulatedLine.ts";

type Context = { device: SimulatedLine };

const AT_9600: CharacterSettings = { baudRate: 9600, parity: "none", stopBits: 1 };
const AT_2400: CharacterSettings = { baudRate: 2400, parity: "none", stopBits: 1 };
const AT_19200: CharacterSettings = { baudRate: 19_200, parity: "none", stopBits: 1 };
/** A machine that is busy with other tests answers late. */
const PATIENT_MS = 400;

const scanning = suite<Context>("drivers/scan");

scanning.before(async (context) => {
  const [first, second, third] = THREE_MAKES;
  assert.ok(first && second && third);
  context.device = await startMixedLine([
    { definition: first, unitId: 5, serial: 11_111_111, heedsBaudRate: 9600 },
    { definition: second, unitId: 2, serial: 22_222_222, heedsBaudRate: 2400 },
    { definition: third, unitId: 11, serial: 33_333_333, heedsBaudRate: 9600 },
  ]);
});

scanning.after(async ({ device }) => {
  await device.stop();
});

scanning("finds three meters of unknown speed and unit, and names them", async ({ device }) => {
  const found: FoundDevice[] = [];
  const progress: ScanProgress[] = [];
  const report = await scan(device, {
    settings: [AT_9600, AT_19200, AT_2400],
    unitIds: [1, 2, 5, 11],
    onFound: (each) => found.push(each),
    onProgress: (each) => progress.push(each),
  });
  const told = [...report.devices]
    .sort((left, right) => left.unitId - right.unitId)
    .map(({ settings, unitId, definitions, meterSerial }) => [
      settings.baudRate,
      unitId,
      definitions[0],
      meterSerial,
    ]);
  const [first, second, third] = THREE_MAKES;
  assert.equal(told, [
    [2400, 2, second?.id, "22222222"],
    [9600, 5, first?.id, "11111111"],
    [9600, 11, third?.id, "33333333"],
  ]);
  assert.equal(report.devices, found);
  assert.equal([report.asked, report.toAsk, report.garbled], [12, 12, []]);
  assert.equal(progress.at(-1)?.asked, 12);
});

scanning("tells a unit from which bytes come that are no frame", async ({ device }) => {
  device.setFault(5, { kind: "bad-crc" });
  const report = await scan(device, { settings: [AT_9600], unitIds: [5] });
  device.setFault(5, { kind: "none" });
  assert.equal(report.garbled, [{ settings: AT_9600, unitId: 5 }]);
  assert.equal(report.devices, []);
});

scanning("gives a meter time that answered while the next unit was asked", async ({ device }) => {
  device.setFault(5, { kind: "late", byMs: PATIENT_MS + 60 }, 1);
  const report = await scan(device, { settings: [AT_9600], unitIds: [5, 6, 7] });
  assert.equal(
    report.devices.map(({ unitId }) => unitId),
    [5],
  );
});

scanning("ends when told to and says how far it came", async ({ device }) => {
  const stop = new AbortController();
  const report = await scan(device, {
    settings: [AT_19200],
    unitIds: [1, 2, 3, 4],
    signal: stop.signal,
    onProgress: ({ asked }) => {
      if (asked === 2) stop.abort();
    },
  });
  assert.equal([report.asked, report.toAsk], [2, 4]);
});

scanning("a port that is not there ends it", async () => {
  const wanted = { settings: [AT_9600], unitIds: [1] };
  await failsWith(() => scan({ path: "/nonexistent/tty" }, wanted), "DRIVER_PORT_OPEN");
});

scanning("asks what factories set first, and nothing twice", () => {
  const settings: readonly CharacterSettings[] = [
    { baudRate: 1200, parity: "odd", stopBits: 1 },
    AT_9600,
    { baudRate: 38_400, parity: "even", stopBits: 2 },
  ];
  const steps = scanSteps({ settings, unitIds: [1, 8, 9, 247] });
  assert.equal(
    steps.map(({ settings: { baudRate }, unitIds }) => [baudRate, unitIds.length]),
    [
      [9600, 2],
      [1200, 2],
      [38_400, 2],
      [9600, 2],
      [1200, 2],
      [38_400, 2],
    ],
  );
  assert.equal(
    new Set(steps.flatMap(({ settings: s, unitIds }) => unitIds.map((u) => `${s.baudRate} ${u}`))).size,
    12,
  );
});

scanning.run();

const testing = suite<Context>("drivers/lineTest");

testing.before.each(async (context) => {
  context.device = await startThreeMeters();
});

testing.after.each(async ({ device }) => {
  await device.stop();
});

testing("a meter in order works, and the bytes of each request are shown", async ({ device }) => {
  const { verdict, tries, unasked, hasEcho } = await test(device, { definition: "eastron-sdm630" });
  assert.equal(verdict, { kind: "works" });
  assert.equal([tries.length, unasked.length, hasEcho], [8, 0, false]);
  assert.equal(
    tries[0]?.wire.map(({ direction }) => direction),
    ["sent", "received"],
  );
});

testing("a meter that refuses the register is there", async ({ device }) => {
  const { verdict, tries } = await test(device, { definition: null });
  assert.equal(verdict, { kind: "works" });
  assert.equal([tries[0]?.outcome, tries[0]?.exceptionCode], ["refused", 2]);
});

testing("answers that come now and then work sometimes", async ({ device }) => {
  device.setFault(1, { kind: "silent" }, 3);
  const { verdict } = await test(device, { answerTimeoutMs: 100 });
  assert.equal(verdict, { kind: "works-sometimes" });
});

testing("a wrong unit is told with those that answer", async ({ device }) => {
  const { verdict } = await test(device, { unitId: 9, answerTimeoutMs: 100 });
  assert.equal(verdict, { kind: "other-unit", unitIds: [1, 2, 3] });
});

testing("an adapter that hears itself is told", async ({ device }) => {
  device.setEcho(true);
  assert.ok((await test(device, {})).hasEcho);
});

testing.run();

const silent = suite<Context>("drivers/lineTest on a line that does not answer");

silent.before.each(async (context) => {
  const [first] = THREE_MAKES;
  assert.ok(first);
  context.device = await startMixedLine([{ definition: first, unitId: 1, serial: 1, heedsBaudRate: 4800 }]);
});

silent.after.each(async ({ device }) => {
  await device.stop();
});

silent("another speed is found by trying", async ({ device }) => {
  const { verdict } = await test(device, { answerTimeoutMs: 50 });
  assert.is(verdict.kind, "other-settings");
  assert.is(verdict.kind === "other-settings" && verdict.settings.baudRate, 4800);
});

silent("the wanted unit at another speed says more than a neighbour at this one", async ({ device }) => {
  await device.stop();
  const [first, second] = THREE_MAKES;
  assert.ok(first && second);
  const mixed = await startMixedLine([
    { definition: first, unitId: 1, serial: 1, heedsBaudRate: 4800 },
    { definition: second, unitId: 2, serial: 2, heedsBaudRate: 9600 },
  ]);
  const { verdict } = await test(mixed, { answerTimeoutMs: 50 });
  assert.is(verdict.kind, "other-settings");
  await mixed.stop();
});

silent("swapped wires are silent at every speed and unit", async ({ device }) => {
  device.setFault(1, { kind: "silent" });
  const { verdict, tries } = await test(device, { answerTimeoutMs: 50 });
  assert.equal(verdict, { kind: "silent" });
  assert.ok(tries.every(({ outcome }) => outcome === "silent"));
});

silent("only an echo is told apart from silence", async ({ device }) => {
  device.setFault(1, { kind: "silent" });
  device.setEcho(true);
  const { verdict } = await test(device, { answerTimeoutMs: 50 });
  assert.equal(verdict, { kind: "echo-only" });
});

silent("bytes that are no frame at any speed are garbled", async ({ device }) => {
  await device.stop();
  const [first] = THREE_MAKES;
  assert.ok(first);
  // A meter whose answers collide with another's is garbled whatever it is asked at.
  const colliding = await startMixedLine([{ definition: first, unitId: 1, serial: 1 }]);
  colliding.setFault(1, { kind: "bad-crc" });
  const { verdict } = await test(colliding, { answerTimeoutMs: 50 });
  assert.equal(verdict, { kind: "garbled" });
  await colliding.stop();
});

silent.run();

type MixedMeter = Pick<
  Parameters<typeof startSimulatedLine>[0]["meters"][number],
  "definition" | "unitId" | "serial"
> & { readonly heedsBaudRate?: number };

function startMixedLine(meters: readonly MixedMeter[]): Promise<SimulatedLine> {
  return startSimulatedLine({
    settings: SETTINGS,
    nowMs: systemNowMs,
    startedAtMs: systemNowMs(),
    startMinute: 0,
    timeLapse: 1,
    thinkTimeMs: 0,
    hasWireTime: false,
    meters: meters.map((meter) => ({
      ...meter,
      curve: constantCurve(500),
      initial: { importWh: 1_000n, exportWh: 0n },
    })),
  });
}

function scan(
  device: Pick<SimulatedLine, "path">,
  options: Pick<ScanOptions, "settings" | "unitIds"> & Partial<ScanOptions>,
): ReturnType<typeof scanLine> {
  return scanLine({
    port: device.path,
    rs485: "adapter",
    answerTimeoutMs: PATIENT_MS,
    signal: new AbortController().signal,
    onProgress: () => {},
    onFound: () => {},
    ...options,
  });
}

function test(device: SimulatedLine, options: Partial<LineTestOptions>): ReturnType<typeof testLine> {
  return testLine({
    port: device.path,
    rs485: "adapter",
    settings: AT_9600,
    unitId: 1,
    definition: null,
    answerTimeoutMs: PATIENT_MS,
    signal: new AbortController().signal,
    onStep: () => {},
    ...options,
  });
}
