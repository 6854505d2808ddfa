/** What a bus is made of, how it behaves, and what it is asked. */
import type { UnixMs } from "../../agent/core/units.ts";
import type { MeterDefinition } from "../definition.ts";
import type { RegisterRead } from "../plan.ts";
import type { Traffic } from "./linePort.ts";
import type { LineRequest } from "./lineRequest.ts";
import type { LineEvent, ReopenTuning } from "./portKeeper.ts";
import type { Rs485Mode } from "./rs485.ts";
import type { LineSettings } from "./timing.ts";
import type { RestTuning } from "./unitHealth.ts";

/** How a line behaves; see {@link DEFAULT_BUS_TUNING}. */
export type BusTuning = RestTuning &
  ReopenTuning & {
    /** Silence before a request to another unit than the last. */
    readonly unitChangeGapMs: number;
    /** Silence after a request that failed, in case the answer is only slow; doubled before each further repetition. */
    readonly quietAfterFailureMs: number;
    /** Longest time after which an answer may still arrive. */
    readonly lateAnswerMs: number;
    /** Requests for one read, the first included. */
    readonly attempts: number;
    /** Callers that may wait at once. */
    readonly maxQueued: number;
  };

/** What a bus is made of. */
export type BusOptions = {
  /** Serial device, best a stable name such as one under /dev/serial/by-id; or `tcp://…`, `rtu+tcp://…`. */
  readonly path: string;
  readonly settings: LineSettings;
  /** Mode of the kernel's serial driver; null leaves it as it is. */
  readonly rs485?: Rs485Mode | null;
  readonly tuning: BusTuning;
  readonly serialLinks?: string;
  readonly nowMs: () => UnixMs;
  readonly onEvent: (event: LineEvent) => void;
  readonly onTraffic?: (traffic: Traffic) => void;
};

/** Reads and writes of one unit, done one after another without another unit in between. */
export type BusTask = {
  readonly unitId: number;
  readonly definition: Pick<MeterDefinition, "timing" | "maxRegistersPerRead">;
  readonly requests: readonly LineRequest[];
  /** True: refused while the meter rests; false: tried all the same, once. Default false. */
  readonly canWait?: boolean | undefined;
};

/** Reads of registers alone. */
export type BusRequest = Omit<BusTask, "requests"> & { readonly reads: readonly RegisterRead[] };

/** Values that suit meters at the far end of a long line; mixed lines need 200 ms at a change of unit. */
export const DEFAULT_BUS_TUNING: BusTuning = {
  unitChangeGapMs: 200,
  quietAfterFailureMs: 250,
  lateAnswerMs: 5_000,
  attempts: 3,
  maxQueued: 32,
  reopenFirstMs: 500,
  reopenMostMs: 10_000,
  soundAfterMs: 5_000,
  restAfterFailures: 3,
  restFirstMs: 1_000,
  restMostMs: 60_000,
};
