/** An actuator in memory: what it was told, when, and a failure where a test wants one. */

import { unixMs } from "../../agent/core/units.ts";
import type { Actuator, ActuatorHold } from "../../agent/ports/actuator.ts";
import { DriverError } from "../../drivers/driverError.ts";
import type { FakeClock } from "./fakeClock.ts";

/** What it was told. */
export type Told = { readonly atMs: number; readonly what: "limit" | "restore"; readonly permille?: number };

/** An actuator that a test looks into. */
export type FakeActuator = Actuator & {
  readonly told: Told[];
  /** Thousandths that are in force; 1000 is no limit. */
  limitPermille: number;
  /** Longest hold of any command, in s. */
  longestHoldS: number;
  isSilent: boolean;
};

/** @param clock of the test @param held before a restart @returns the actuator */
export function fakeActuator(clock: FakeClock, held: ActuatorHold | null = null): FakeActuator {
  let hold = held;
  const answer = async () => {
    if (actuator.isSilent) throw new DriverError("DRIVER_TIMEOUT", { unitId: 3 });
    return { limitPermille: actuator.limitPermille, liftAtMs: hold?.endsAtMs ?? null };
  };
  const restore = async () => {
    await answer();
    actuator.told.push({ atMs: clock.nowMs(), what: "restore" });
    actuator.limitPermille = 1000;
    hold = null;
    return answer();
  };
  const actuator: FakeActuator = {
    told: [],
    limitPermille: held === null ? 1000 : 0,
    longestHoldS: 0,
    isSilent: false,
    stepPermille: 1,
    hold: () => hold,
    read: answer,
    limit: async ({ limitPermille, holdS }) => {
      await answer();
      actuator.told.push({ atMs: clock.nowMs(), what: "limit", permille: limitPermille });
      actuator.limitPermille = limitPermille;
      actuator.longestHoldS = Math.max(actuator.longestHoldS, holdS);
      hold = { before: [1000], endsAtMs: unixMs(clock.nowMs() + holdS * 1000), liftsItself: false };
      return answer();
    },
    restore,
    liftWhenDue: async (nowMs) => {
      if (hold !== null && nowMs >= hold.endsAtMs) await restore();
    },
  };
  return actuator;
}
