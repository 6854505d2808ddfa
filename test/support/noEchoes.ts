/** Echoes of a gateway that has forgotten nothing. */
import { intervalIndex } from "../../agent/core/units.ts";
import { OwnEchoes } from "../../agent/services/metering/ownEchoes.ts";
import { eventLog } from "./eventLog.ts";

/** @returns echoes of a gateway that has given a number before and is alone */
export function noEchoes(): OwnEchoes {
  return new OwnEchoes({
    outbox: { pending: () => [], nextSequence: () => 2 },
    state: () => ({ nextInterval: intervalIndex(0) }),
    hasOthers: () => false,
    clock: { monotonicMs: () => 0 },
    logger: eventLog(),
  });
}
