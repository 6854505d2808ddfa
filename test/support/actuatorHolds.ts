/** A keeper of an actuator's hold in memory, and everything that it was given. */
import type { ActuatorHold, HoldKeeper } from "../../agent/ports/actuator.ts";

/** @param held before a restart @returns the keeper, with all it was told to keep, oldest first */
export function memoryHolds(held: ActuatorHold | null = null): {
  held: HoldKeeper["held"];
  keep: HoldKeeper["keep"];
  readonly kept: (ActuatorHold | null)[];
} {
  const kept: (ActuatorHold | null)[] = [];
  return { held: () => held, keep: async (hold) => void kept.push(hold), kept };
}
