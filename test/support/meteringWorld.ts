/** A metering service on a clock that a test moves, with meters whose registers, failures and slowness it sets. */
import { decode } from "../../agent/core/codec.ts";
import type { LedgerContext } from "../../agent/core/ledger/state/context.ts";
import type { MeterRole } from "../../agent/core/membership/enrolment.ts";
import { intervalAt } from "../../agent/core/metering/interval.ts";
import {
  MAX_READING_BYTES,
  type Reading,
  type SignedReading,
  signedReading,
} from "../../agent/core/metering/reading.ts";
import { publicKeyOf, signMessage } from "../../agent/core/signature.ts";
import { type IntervalIndex, intervalIndex, type UnixMs, unixMs, wh } from "../../agent/core/units.ts";
import type { Meter, MeterSample, RawFrame } from "../../agent/ports/meter.ts";
import type { Outbox } from "../../agent/ports/outbox.ts";
import type { Signer } from "../../agent/ports/signer.ts";
import { firstUnstated } from "../../agent/services/metering/firstUnstated.ts";
import { MeteringService } from "../../agent/services/metering/metering.ts";
import { ownReadings } from "../../agent/services/metering/ownReadings.ts";
import { memberNamed, testContext } from "./chainBuilder.ts";
import { eventLog } from "./eventLog.ts";
import { FakeClock } from "./fakeClock.ts";
import { memoryFrames } from "./memoryFrames.ts";
import { emptyOutboxDisk, memoryOutbox, type OutboxDisk } from "./memoryOutbox.ts";
import { secretKeyOf } from "./memoryStreet.ts";
import { noEchoes } from "./noEchoes.ts";

/** Length of an interval in these tests. */
export const INTERVAL_MS = 5_000;

/** A meter under a test's hand. */
export type ScriptedMeter = Meter & {
  registerWh: bigint;
  /** The export register of a grid meter, whose import is `registerWh`. */
  exportWh: bigint;
  /** What sampling throws; null when it works. */
  failure: Error | null;
  /** How long sampling takes on the fake clock. */
  delayMs: number;
  /** False for a meter without the register of its role. */
  hasRegister: boolean;
  /** What it says of itself: its serial number, nothing, or why it does not answer. */
  serial: string | null | Error;
  /** How often it was asked who it is. */
  serialReads: number;
  /** Requests that it did not answer, whoever asked. */
  timeouts: number;
  /** When each sampling began, on the wall clock. */
  readonly sampledAtMs: number[];
};

export type MeteringOverrides = {
  readonly wrapOutbox?: (outbox: Outbox) => Outbox;
  readonly firstInterval?: IntervalIndex;
  readonly sampleDurationMs?: number;
  /** What an earlier life left in the outbox. */
  readonly disk?: OutboxDisk;
  /** A clock that an earlier life has run on. */
  readonly clock?: FakeClock;
  /** Role of the second meter. */
  readonly secondRole?: "consumption" | "grid";
};

/** One gateway's metering, and everything it touches. */
export class MeteringWorld {
  readonly clock: FakeClock;
  readonly log = eventLog();
  readonly frames = memoryFrames();
  readonly disk: OutboxDisk;
  readonly context: LedgerContext;
  readonly generation: ScriptedMeter;
  readonly consumption: ScriptedMeter;
  readonly service: MeteringService;
  readonly delivered: {
    readonly signed: SignedReading;
    readonly atMs: number;
    readonly inOutbox: boolean;
  }[] = [];
  readonly faults: unknown[] = [];
  /** The interval that was running when the world began. */
  readonly firstIndex: IntervalIndex;

  constructor(overrides: MeteringOverrides = {}) {
    this.clock = overrides.clock ?? new FakeClock();
    this.disk = overrides.disk ?? emptyOutboxDisk();
    const { clock, disk, log, faults } = this;
    this.firstIndex = intervalAt(clock.nowMs(), INTERVAL_MS);
    this.context = testContext(1, {
      intervalMs: INTERVAL_MS,
      timeLapse: 180,
      firstInterval: overrides.firstInterval ?? intervalIndex(0),
    });
    this.generation = scriptedMeter(clock, "generation", overrides.sampleDurationMs ?? 100);
    const secondRole = overrides.secondRole ?? "consumption";
    this.consumption = scriptedMeter(clock, secondRole, overrides.sampleDurationMs ?? 100);
    const outbox = memoryOutbox(disk);
    const wrapped = overrides.wrapOutbox?.(outbox) ?? outbox;
    const self = memberNamed(this.context, "dep1").id;
    const secretKey = secretKeyOf("dep1");
    const signer: Signer = {
      publicKey: publicKeyOf(secretKey),
      sign: async (message) => signMessage(secretKey, message),
    };
    this.service = new MeteringService(
      {
        connectionRatingW: 11_000,
        genesis: this.context.genesis,
        firstUnstated: firstUnstated(outbox, { nextInterval: intervalIndex(0) }, null),
        enrolledSerial: (place) => ["dep1-1", "dep1-2"][place] ?? null,
      },
      {
        meters: [
          { role: "generation", definition: "scripted", unitId: 1, meter: this.generation },
          { role: secondRole, definition: "scripted", unitId: 2, meter: this.consumption },
        ],
        clock,
        readings: ownReadings({ context: this.context, self, signer, outbox: wrapped, echoes: noEchoes() }),
        frames: this.frames,
        onReading: (signed) => {
          const inOutbox = disk.pending.has(signed.reading.sequence);
          this.delivered.push({ signed, atMs: clock.nowMs(), inOutbox });
        },
        logger: log,
        onFault: (error) => faults.push(error),
      },
    );
  }

  /** Lets whole intervals pass; in each the meters count this much. */
  async pass(intervals: number, generatedWh = 0, consumedWh = 0): Promise<void> {
    for (let count = 0; count < intervals; count += 1) {
      await this.clock.advance(INTERVAL_MS / 2);
      this.generation.registerWh += BigInt(generatedWh);
      this.consumption.registerWh += BigInt(consumedWh);
      await this.clock.advance(INTERVAL_MS / 2);
    }
  }

  /** @returns what the outbox holds, decoded, oldest first */
  kept(): readonly SignedReading[] {
    return [...this.disk.pending.values()].map(({ bytes }) => {
      const decoded = decode(bytes, signedReading, MAX_READING_BYTES);
      if (decoded.kind !== "accept") throw new Error(decoded.code);
      return decoded.value;
    });
  }

  /** @returns what was stated, as short words: `500/300` in Wh, or why it is missing */
  stated(): readonly string[] {
    return this.kept().map(({ reading: { content } }) => wordOf(content));
  }

  /** @returns intervals that were stated, counted from the one in which the world began */
  intervals(): readonly number[] {
    return this.kept().map(({ reading }) => reading.interval - this.firstIndex);
  }
}

function wordOf(content: Reading["content"]): string {
  if (content.kind === "spanning") return `spans from ${content.from}`;
  return content.kind === "missing" ? content.reason : `${content.generated}/${content.consumed}`;
}

function scriptedMeter(clock: FakeClock, role: MeterRole, sampleDurationMs: number): ScriptedMeter {
  const meter: ScriptedMeter = {
    registerWh: 1_000_000n,
    exportWh: 1_000_000n,
    failure: null,
    delayMs: 0,
    hasRegister: true,
    sampledAtMs: [],
    serial: null,
    serialReads: 0,
    timeouts: 0,
    sampleDurationMs,
    sample: async (): Promise<MeterSample> => {
      meter.sampledAtMs.push(clock.nowMs());
      if (meter.delayMs > 0) await new Promise<void>((resolve) => clock.after(meter.delayMs, resolve));
      if (meter.failure !== null) throw meter.failure;
      const register = meter.hasRegister ? wh(meter.registerWh) : null;
      const exported = { generation: register, consumption: null, grid: wh(meter.exportWh) }[role];
      return {
        takenAtMs: unixMs(clock.nowMs()),
        activeEnergyImport: role === "generation" ? null : register,
        activeEnergyExport: exported,
        activePower: null,
        resolutionMilliWh: 63,
        frames: [frameOf(role, meter.registerWh, unixMs(clock.nowMs()))],
      };
    },
    readOut: () => Promise.reject(new Error("not needed here")),
    meterSerial: async () => {
      meter.serialReads++;
      if (meter.serial instanceof Error) throw meter.serial;
      return meter.serial;
    },
    counters: () => ({
      ok: 0,
      timeout: meter.timeouts,
      crc: 0,
      wrongUnit: 0,
      exception: 0,
      late: 0,
      echo: 0,
    }),
  };
  return meter;
}

/** As on the wire, but without the check; the unit tells the meters apart. */
function frameOf(role: MeterRole, registerWh: bigint, receivedAtMs: UnixMs): RawFrame {
  const unitId = role === "generation" ? 1 : 2;
  const response = new Uint8Array(11);
  response.set([unitId, 4, 8]);
  new DataView(response.buffer).setBigUint64(3, registerWh);
  return { request: Uint8Array.of(unitId, 4, 0, 52, 0, 4), response, receivedAtMs };
}
