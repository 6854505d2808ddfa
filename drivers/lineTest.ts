/** Tests one meter on a line, and where it does not answer finds out what does. */
import type {
  CharacterSettings,
  LineTestOptions,
  LineTestReport,
  LineVerdict,
  WireBytes,
  WireTry,
} from "../agent/ports/commissioning.ts";
import { planReads, type RegisterRead } from "./plan.ts";
import { knownMeter } from "./registry.ts";
import { ANY_REGISTER, hasSameSettings } from "./scan.ts";
import { openProbe, type WireProbe } from "./wireProbe.ts";

/** Requests to the meter itself. */
const TRIES = 8;
/** How long the line is listened to before anything is sent. */
const LISTEN_MS = 500;
/** Units that are asked when the wanted one is silent. */
const OTHER_UNIT_IDS: readonly number[] = Array.from({ length: 16 }, (_, index) => index + 1);
/** Longest wait for an answer while looking for another unit or setting: meters take some tens of ms. */
const LOOK_TIMEOUT_MS = 150;
const BAUD_RATES: readonly number[] = [9600, 19_200, 2400, 4800, 38_400, 57_600, 115_200, 1200];
const PARITIES = ["none", "even", "odd"] as const;

/**
 * Tests one meter.
 *
 * @param options port, settings, unit
 * @returns what was seen, and what it means
 * @throws DriverError `DRIVER_PORT_OPEN`, `DRIVER_PORT_GONE`, `DRIVER_UNKNOWN_METER`
 */
export async function testLine(options: LineTestOptions): Promise<LineTestReport> {
  const read = firstReadOf(options.definition);
  const probe = await openProbe(options, options.settings);
  let seen: Pick<LineTestReport, "tries" | "unasked">;
  let unitIds: readonly number[] = [];
  try {
    options.onStep("listening");
    seen = { unasked: await listen(probe, options.signal), tries: await ask(probe, read, options) };
    if (!seen.tries.some(isPresent)) {
      options.onStep("asking other units");
      unitIds = await otherUnits(probe, seen.tries, options);
    }
  } finally {
    await probe.close();
  }
  const verdict = await judge(seen.tries, unitIds, options);
  return { ...seen, verdict, hasEcho: seen.tries.some(({ hasEcho }) => hasEcho) };
}

async function judge(
  tries: readonly WireTry[],
  unitIds: readonly number[],
  options: LineTestOptions,
): Promise<LineVerdict> {
  if (tries.length > 0 && tries.every(isPresent)) return { kind: "works" };
  if (tries.some(isPresent)) return { kind: "works-sometimes" };
  // The wanted unit itself, at another speed, says more than a neighbour at this one.
  const settings = await otherSettings(options);
  if (settings !== null) return { kind: "other-settings", settings };
  if (unitIds.length > 0) return { kind: "other-unit", unitIds };
  if (tries.some(({ outcome }) => outcome === "garbled")) return { kind: "garbled" };
  return { kind: tries.some(({ outcome }) => outcome === "echo-only") ? "echo-only" : "silent" };
}

async function listen(probe: WireProbe, signal: AbortSignal): Promise<readonly WireBytes[]> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, LISTEN_MS);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
  return probe.seen();
}

async function ask(
  probe: WireProbe,
  read: RegisterRead,
  options: LineTestOptions,
): Promise<readonly WireTry[]> {
  const { unitId, answerTimeoutMs, signal, onStep } = options;
  onStep(`asking unit ${unitId}`);
  const tries: WireTry[] = [];
  while (tries.length < TRIES && !signal.aborted) tries.push(await probe.ask(unitId, read, answerTimeoutMs));
  return tries;
}

async function otherUnits(
  probe: WireProbe,
  tries: readonly WireTry[],
  { unitId, signal }: LineTestOptions,
): Promise<readonly number[]> {
  const found = new Set(tries.flatMap(({ foreignUnitId }) => foreignUnitId ?? []));
  for (const other of OTHER_UNIT_IDS) {
    if (signal.aborted) break;
    if (other !== unitId && isPresent(await probe.ask(other, ANY_REGISTER, LOOK_TIMEOUT_MS)))
      found.add(other);
  }
  return [...found];
}

/** Only a serial line has settings; what a TCP server has set on its own line is out of reach. */
async function otherSettings(options: LineTestOptions): Promise<CharacterSettings | null> {
  if (options.port.includes("://")) return null;
  options.onStep("trying other speeds and parities");
  const others = BAUD_RATES.flatMap((baudRate) =>
    PARITIES.map((parity): CharacterSettings => ({ baudRate, parity, stopBits: 1 })),
  );
  for (const settings of others) {
    if (options.signal.aborted) return null;
    if (hasSameSettings(settings, options.settings)) continue;
    const probe = await openProbe(options, settings);
    try {
      if (isPresent(await probe.ask(options.unitId, ANY_REGISTER, LOOK_TIMEOUT_MS))) return settings;
    } finally {
      await probe.close();
    }
  }
  return null;
}

function isPresent({ outcome }: WireTry): boolean {
  return outcome === "answered" || outcome === "refused";
}

function firstReadOf(id: string | null): RegisterRead {
  if (id === null) return ANY_REGISTER;
  const definition = knownMeter(id);
  // What is found by walking a chain has no address to name beforehand.
  if (definition.kind !== "registers") return ANY_REGISTER;
  return planReads(definition, definition.registers)[0] ?? ANY_REGISTER;
}
