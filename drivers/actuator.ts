/**
 * Actuators behind their port: a limit is written, read back, given an end, and what was there before is put back.
 * One command at a time; a device that does not show what it was told is a failure, not a success with a delay.
 */
import type { UnixMs } from "../agent/core/units.ts";
import { unixMs } from "../agent/core/units.ts";
import type {
  Actuator,
  ActuatorHold,
  ActuatorState,
  HoldKeeper,
  LimitCommand,
} from "../agent/ports/actuator.ts";
import { UNLIMITED_PERMILLE } from "./actuatorControl.ts";
import type { ActuatorDefinition } from "./actuatorDefinition.ts";
import { DriverError } from "./driverError.ts";
import type { RegisterAccess } from "./registerAccess.ts";
import { relayControl } from "./relayControl.ts";
import { sunspecControl } from "./sunspecControl.ts";

/** Longest time a 16-bit register of seconds holds; the greatest value means "not implemented". */
const MAX_HOLD_S = 65_534;

/** What an actuator is made of. */
export type ActuatorOptions = {
  readonly definition: ActuatorDefinition;
  readonly access: RegisterAccess;
  readonly nowMs: () => UnixMs;
  /** What was held before a restart, and where the hold is kept for the next one. */
  readonly holds: HoldKeeper;
};

/**
 * @param options definition, access to the device, clock, and what was held before a restart
 * @returns the actuator
 */
export function createActuator({ definition, access, nowMs, holds }: ActuatorOptions): Actuator {
  const control =
    definition.kind === "relay-coil" ? relayControl(definition, access) : sunspecControl(definition, access);
  let hold = holds.held();
  const keep = async (next: ActuatorHold | null): Promise<void> => {
    hold = next;
    await holds.keep(next);
  };
  const oneAtATime = queue();
  const read = async (): Promise<ActuatorState> => {
    const { limitPermille } = await control.read();
    return { limitPermille, liftAtMs: hold === null || hold.liftsItself ? null : hold.endsAtMs };
  };
  const restore = async (): Promise<ActuatorState> => {
    if (hold !== null) await control.restore(hold.before);
    await keep(null);
    return read();
  };
  return {
    stepPermille: control.stepPermille,
    hold: () => hold,
    read: () => oneAtATime(read),
    limit: (command) =>
      oneAtATime(async () => {
        checkCommand(command);
        const before = hold?.before ?? (await control.read()).raw;
        // Held before it is written: a limit that was half taken must be put back, too, also after a power cut.
        const endsAtMs = unixMs(nowMs() + command.holdS * 1000);
        await keep({ before, endsAtMs, liftsItself: false });
        const { liftsItself } = await control.limit(command, before);
        if (liftsItself) await keep({ before, endsAtMs, liftsItself });
        return read();
      }),
    restore: () => oneAtATime(restore),
    liftWhenDue: (timeMs) =>
      oneAtATime(async () => {
        if (hold === null || timeMs < hold.endsAtMs) return;
        // What the device has lifted may have been set anew by somebody else since.
        if (hold.liftsItself) await keep(null);
        else await restore();
      }),
  };
}

function checkCommand({ limitPermille, holdS }: LimitCommand): void {
  if (!Number.isInteger(limitPermille) || limitPermille < 0 || limitPermille > UNLIMITED_PERMILLE)
    throw new DriverError("DRIVER_OPTION", { option: "limitPermille", value: limitPermille });
  if (!Number.isInteger(holdS) || holdS < 1 || holdS > MAX_HOLD_S)
    throw new DriverError("DRIVER_OPTION", { option: "holdS", value: holdS });
}

/** Each act begins when the one before has ended, however it ended. */
function queue(): <Result>(act: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const mine = last.then(act, act);
    last = mine;
    return mine;
  };
}
