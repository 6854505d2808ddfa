/** Looks for meters of unknown speed, parity and unit on a line, and names them. */
import type {
  CharacterSettings,
  FoundDevice,
  GarbledPlace,
  ScanOptions,
  ScanReport,
  WireTry,
} from "../agent/ports/commissioning.ts";
import { type Identification, identifyMeter } from "./identify.ts";
import type { RegisterRead } from "./plan.ts";
import { KNOWN_METERS } from "./registry.ts";
import { openProbe, type WireProbe } from "./wireProbe.ts";

/** Whoever has no such register refuses it, and so is found, too. */
export const ANY_REGISTER: RegisterRead = { table: "holding", address: 0, count: 2 };
/** A meter that is there may take this long for an answer. */
const PATIENT_TIMEOUT_MS = 1_000;
/** Units that factories set, and installers who count from one. */
const LIKELY_UNIT_IDS = 8;

/** Units to ask under one setting. */
type Step = { readonly settings: CharacterSettings; readonly unitIds: readonly number[] };

/** What a scan has come to so far. */
type Progress = {
  readonly options: ScanOptions;
  readonly startedAtMs: number;
  readonly toAsk: number;
  asked: number;
  hasEcho: boolean;
  readonly devices: FoundDevice[];
  readonly garbled: GarbledPlace[];
};

/**
 * Asks every unit under every setting, the likeliest first; ends early when told to.
 *
 * @param options port, settings, units, and whom to tell
 * @returns what was found
 * @throws DriverError `DRIVER_PORT_OPEN`, `DRIVER_PORT_GONE`
 */
export async function scanLine(options: ScanOptions): Promise<ScanReport> {
  const steps = scanSteps(options);
  const toAsk = steps.reduce((sum, { unitIds }) => sum + unitIds.length, 0);
  const startedAtMs = performance.now();
  const progress: Progress = {
    options,
    startedAtMs,
    toAsk,
    asked: 0,
    hasEcho: false,
    devices: [],
    garbled: [],
  };
  for (const step of steps) {
    if (options.signal.aborted) break;
    await scanStep(step, progress);
  }
  const { devices, garbled, asked, hasEcho } = progress;
  return { devices, garbled, asked, toAsk, hasEcho, elapsedMs: elapsedMs(progress) };
}

/**
 * Orders a scan: settings and units that factories use come first, and nothing is asked twice.
 *
 * @param options settings and units
 * @returns steps, one opening of the line each
 */
export function scanSteps(options: Pick<ScanOptions, "settings" | "unitIds">): readonly Step[] {
  const { settings, unitIds } = options;
  const factory = KNOWN_METERS.flatMap(({ serial }) => serial ?? []);
  const isFactory = (candidate: CharacterSettings): boolean =>
    factory.some((serial) => hasSameSettings(serial, candidate));
  const likelyUnits = new Set<number | undefined>(factory.map(({ unitId }) => unitId));
  const isLikely = (unitId: number): boolean => unitId <= LIKELY_UNIT_IDS || likelyUnits.has(unitId);
  const inOrder = [...settings.filter(isFactory), ...settings.filter((each) => !isFactory(each))];
  const likely = unitIds.filter(isLikely);
  const others = unitIds.filter((unitId) => !isLikely(unitId));
  return [likely, others].flatMap((units) =>
    units.length === 0 ? [] : inOrder.map((each) => ({ settings: each, unitIds: units })),
  );
}

/** @param left settings @param right others @returns true when both are the same on the wire */
export function hasSameSettings(left: CharacterSettings, right: CharacterSettings): boolean {
  return left.baudRate === right.baudRate && left.parity === right.parity && left.stopBits === right.stopBits;
}

async function scanStep({ settings, unitIds }: Step, progress: Progress): Promise<void> {
  const { options } = progress;
  const probe = await openProbe(options, settings);
  try {
    for (const unitId of unitIds) {
      if (options.signal.aborted) return;
      const tried = await probe.ask(unitId, ANY_REGISTER, options.answerTimeoutMs);
      progress.asked++;
      await note(probe, tried, progress);
      const { asked, toAsk } = progress;
      options.onProgress({ settings, unitId, asked, toAsk, elapsedMs: elapsedMs(progress) });
    }
    // A slow meter spoke up while the next unit was asked: now it gets its time.
    for (const unitId of probe.lateUnits())
      if (!isFound(progress, settings, unitId))
        await note(probe, await probe.ask(unitId, ANY_REGISTER, PATIENT_TIMEOUT_MS), progress);
  } finally {
    await probe.close();
  }
}

async function note(probe: WireProbe, tried: WireTry, progress: Progress): Promise<void> {
  const { settings, unitId, outcome } = tried;
  progress.hasEcho ||= tried.hasEcho;
  if (outcome === "garbled") progress.garbled.push({ settings, unitId });
  if (outcome !== "answered" && outcome !== "refused") return;
  const found = await identified(probe, settings, unitId);
  progress.devices.push(found);
  progress.options.onFound(found);
}

async function identified(
  probe: WireProbe,
  settings: CharacterSettings,
  unitId: number,
): Promise<FoundDevice> {
  const identification = await identifyMeter(KNOWN_METERS, (read) =>
    probe.words(unitId, read, PATIENT_TIMEOUT_MS),
  );
  return { settings, unitId, ...namesOf(identification) };
}

function namesOf(
  identification: Identification,
): Pick<FoundDevice, "definitions" | "model" | "meterSerial" | "by"> {
  switch (identification.kind) {
    case "named": {
      const { meters, by } = identification;
      const [first] = meters;
      const definitions = meters.map(({ definitionId }) => definitionId);
      return { definitions, model: first?.model ?? null, meterSerial: first?.meterSerial ?? null, by };
    }
    case "likely": {
      const { definitionIds, meterSerial } = identification;
      const model = definitionIds.length === 1 ? nameOf(definitionIds[0]) : null;
      return { definitions: definitionIds, model, meterSerial, by: "values" };
    }
    case "unknown":
      return { definitions: [], model: null, meterSerial: null, by: null };
    default:
      return identification satisfies never;
  }
}

function nameOf(id: string | undefined): string | null {
  return KNOWN_METERS.find((definition) => definition.id === id)?.name ?? null;
}

function isFound({ devices }: Progress, settings: CharacterSettings, unitId: number): boolean {
  return devices.some((device) => device.unitId === unitId && hasSameSettings(device.settings, settings));
}

function elapsedMs({ startedAtMs }: Progress): number {
  return Math.round(performance.now() - startedAtMs);
}
