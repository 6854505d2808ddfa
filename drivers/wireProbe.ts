/** Single requests to a line under one setting, with everything that was seen on the wire meanwhile. */

import { unixMs } from "../agent/core/units.ts";
import type {
  BareLine,
  CharacterSettings,
  WireBytes,
  WireOutcome,
  WireTry,
} from "../agent/ports/commissioning.ts";
import { DriverError } from "./driverError.ts";
import { Bus, DEFAULT_BUS_TUNING } from "./modbus/bus.ts";
import type { Traffic } from "./modbus/linePort.ts";
import { rs485ModeOf } from "./modbus/rs485.ts";
import type { RegisterRead } from "./plan.ts";

/** One request each; what a slow meter says too late is told apart without long pauses. */
const TUNING = {
  ...DEFAULT_BUS_TUNING,
  attempts: 1,
  unitChangeGapMs: 0,
  quietAfterFailureMs: 0,
  lateAnswerMs: 1_000,
  restAfterFailures: Number.MAX_SAFE_INTEGER,
};
/** Bytes kept of what is seen during one request. */
const MAX_SEEN_BYTES = 4_096;
const MOST_REGISTERS = 125;

/** An open line for single requests. */
export interface WireProbe {
  /** @param unitId to ask @param read what @param answerTimeoutMs longest wait @returns what came @throws DriverError when the port fails */
  ask(unitId: number, read: RegisterRead, answerTimeoutMs: number): Promise<WireTry>;
  /** @param unitId to ask @param read what @param answerTimeoutMs longest wait @returns the words, or null for anything but an answer */
  words(unitId: number, read: RegisterRead, answerTimeoutMs: number): Promise<readonly number[] | null>;
  /** @returns what passed since it was last asked for, and forgets it */
  seen(): readonly WireBytes[];
  /** @returns units that answered when nobody waited for them any more */
  lateUnits(): readonly number[];
  close(): Promise<void>;
}

/**
 * Opens a line for single requests.
 *
 * @param line port and mode
 * @param settings of its characters
 * @returns the line, open
 * @throws DriverError `DRIVER_PORT_OPEN`
 */
export async function openProbe(line: BareLine, settings: CharacterSettings): Promise<WireProbe> {
  const recorder = startRecorder();
  const asked = new Set<number>();
  const bus = new Bus({
    path: line.port,
    rs485: rs485ModeOf(line.rs485),
    settings: { ...settings, dataBits: 8 },
    tuning: TUNING,
    nowMs: () => unixMs(0),
    onEvent: () => {},
    onTraffic: recorder.record,
  });
  await bus.open(false);
  const read = async (unitId: number, wanted: RegisterRead, answerTimeoutMs: number) => {
    const timing = { thinkTimeMs: 0, answerTimeoutMs, gapMs: 0, source: "probe" };
    const definition = { timing, maxRegistersPerRead: MOST_REGISTERS };
    const [answer] = await bus.read({ unitId, definition, reads: [wanted] });
    return answer?.words ?? null;
  };
  return {
    ask: async (unitId, wanted, answerTimeoutMs) => {
      recorder.take();
      asked.add(unitId);
      const startMs = performance.now();
      const echoes = bus.counters(unitId).echo;
      const failure = await failureOf(() => read(unitId, wanted, answerTimeoutMs));
      const hasEcho = bus.counters(unitId).echo > echoes;
      const durationMs = Math.round(performance.now() - startMs);
      return { settings, unitId, wire: recorder.take(), durationMs, hasEcho, ...judged(failure, hasEcho) };
    },
    words: (unitId, wanted, answerTimeoutMs) =>
      read(unitId, wanted, answerTimeoutMs).catch((error: unknown) => {
        if (isAboutDevice(error)) return null;
        throw error;
      }),
    seen: recorder.take,
    lateUnits: () => [...asked].filter((unitId) => bus.counters(unitId).late > 0),
    close: () => bus.close(),
  };
}

/** Keeps what passed since it was last taken. */
function startRecorder(): { record(traffic: Traffic): void; take(): readonly WireBytes[] } {
  const startedAtMs = performance.now();
  let seen: WireBytes[] = [];
  let seenBytes = 0;
  return {
    record: (traffic) => {
      seenBytes += traffic.bytes.length;
      if (seenBytes <= MAX_SEEN_BYTES) seen.push({ ...traffic, atMs: performance.now() - startedAtMs });
    },
    take: () => {
      const taken = seen;
      seen = [];
      seenBytes = 0;
      return taken;
    },
  };
}

async function failureOf(act: () => Promise<unknown>): Promise<DriverError | null> {
  try {
    await act();
    return null;
  } catch (error) {
    if (isAboutDevice(error)) return error;
    throw error;
  }
}

/** A line that fails as such ends the test; what a device does or does not is its result. */
function isAboutDevice(error: unknown): error is DriverError {
  return error instanceof DriverError && outcomeOf(error, false) !== null;
}

function judged(failure: DriverError | null, hasEcho: boolean) {
  const { foreignUnitId, exceptionCode } = failure?.detail ?? {};
  const outcome: WireOutcome = failure === null ? "answered" : (outcomeOf(failure, hasEcho) ?? "silent");
  return {
    outcome,
    foreignUnitId: typeof foreignUnitId === "number" ? foreignUnitId : null,
    exceptionCode: typeof exceptionCode === "number" ? exceptionCode : null,
  };
}

function outcomeOf({ code }: DriverError, hasEcho: boolean): WireOutcome | null {
  switch (code) {
    case "DRIVER_EXCEPTION":
      return "refused";
    case "DRIVER_TIMEOUT":
      return hasEcho ? "echo-only" : "silent";
    case "DRIVER_CRC":
    case "DRIVER_BAD_ANSWER":
      return "garbled";
    case "DRIVER_WRONG_UNIT":
      return "other-unit";
    default:
      return null;
  }
}
