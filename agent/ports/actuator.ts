/**
 * A way to limit what one generator gives or one load draws, as the curtailment service sees it. A limit always has an
 * end: either the device lifts it by itself, or the driver does when it is told the time.
 */
import type { UnixMs } from "../core/units.ts";

/** A limit to be kept for a while. */
export type LimitCommand = {
  /** Most that may be given or drawn, in thousandths of the rated power; 0 … 1000, whole. */
  readonly limitPermille: number;
  /** How long, in whole seconds from the command; 1 … 65534. Repeating the command begins it anew. */
  readonly holdS: number;
};

/** What a device shows. */
export type ActuatorState = {
  /** Most that is given or drawn, in thousandths of the rated power; 1000 is no limit. */
  readonly limitPermille: number;
  /** When the driver has to lift the limit; null when nothing is held, or the device lifts it by itself. */
  readonly liftAtMs: UnixMs | null;
};

/** What was there before the first limit, and until when that is held: kept durably for a restart. */
export type ActuatorHold = {
  /** Registers as they were; their meaning is the driver's. */
  readonly before: readonly number[];
  readonly endsAtMs: UnixMs;
  /** False: the driver has to lift the limit. */
  readonly liftsItself: boolean;
};

/** The limit of one generator or load. Commands are performed one after another. */
export interface Actuator {
  /** Smallest step of a limit in thousandths; 1000 for a relay, which can only stop it. */
  readonly stepPermille: number;
  /** @returns what is held, or null; changes with every command */
  hold(): ActuatorHold | null;
  /** @returns what the device shows now @throws DriverError */
  read(): Promise<ActuatorState>;
  /**
   * Sets a limit and reads it back. A limit between two steps becomes the lower one, and one above what was set before
   * the first command becomes that: nothing loosens what somebody else has limited.
   *
   * @throws DriverError `DRIVER_OPTION` for a command out of range, `DRIVER_NOT_TAKEN` when the device shows another limit
   */
  limit(command: LimitCommand): Promise<ActuatorState>;
  /** Puts back what was there before the first limit, and reads it back. Without a hold it only reads. @throws DriverError */
  restore(): Promise<ActuatorState>;
  /** Ends a hold whose time is over, restoring where the device does not by itself; to be called every few seconds. @throws DriverError */
  liftWhenDue(nowMs: UnixMs): Promise<void>;
}

/** Keeps what an actuator holds through a restart; a limit is written only once its hold would survive one. */
export interface HoldKeeper {
  /** @returns what was held when this gateway last ran, or null */
  held(): ActuatorHold | null;
  /** @param hold from now on, null for none @returns once it is durable @throws what the disk refuses with */
  keep(hold: ActuatorHold | null): Promise<void>;
}
