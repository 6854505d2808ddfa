/** The failures of meters: not configured, not readable, counting the wrong way. */
import type { Known } from "./explainRecovery.ts";

/** By code. @source sysexits(3) */
export const METERS_KNOWN: Readonly<Record<string, Known>> = {
  METER_NOT_CONFIGURED: {
    exit: 78,
    what: "an enrolled meter is not configured",
    next: "add it to lines with its enrolled serial and role",
  },
  METER_OTHER: {
    exit: 65,
    what: "another meter answers where the enrolled one is expected; none of its readings is signed",
    next: "put the cable to the enrolled meter, or tell the swap with `edso meter swap`",
  },
  METER_UNREADABLE: { exit: 69, what: "the meter cannot be read", next: "check wiring and settings" },
  METER_REVERSED: {
    exit: 78,
    what: "the meter counts the other way round than its role needs",
    next: "set `invert` of the meter in the configuration, or turn its wiring round",
  },
  METER_SWAP_REFUSED: {
    exit: 65,
    what: "the swap of the meter was not taken",
    next: "compare roles and serial numbers with `edso status`",
  },
  PROFILE_NOT_KEPT: {
    exit: 66,
    what: "this gateway keeps no profile",
    next: "set `profile.everySeconds` in the configuration and start the agent again",
  },
  METER_SIGN_CONTRADICTS: {
    exit: 65,
    what: "the meter's power and its counters contradict each other",
    next: "check the measuring mode in the meter's own settings",
  },
};
