/** The failures of what the GridAdmin and the Regulator sign. */
import type { Known } from "./explainRecovery.ts";

/** By code. @source sysexits(3) */
export const POLICY_KNOWN: Readonly<Record<string, Known>> = {
  POLICY_FILE: { exit: 65, what: "the policy file cannot be used", next: "mend each line that is named" },
  POLICY_FILE_MISSING: { exit: 66, what: "there is no such policy file", next: "check the path" },
  POLICY_FILE_UNREADABLE: {
    exit: 66,
    what: "the policy file cannot be read",
    next: "check its permissions",
  },
  POLICY_FILE_TOO_LARGE: {
    exit: 65,
    what: "the policy file is longer than 256 KiB",
    next: "check that it is the right file",
  },
  POLICY_REFUSED: {
    exit: 65,
    what: "the policy is refused",
    next: 'mend what is named; docs/market.md, "Policy", says what a policy must hold',
  },
  TRANSACTION_REFUSED: {
    exit: 65,
    what: "this is no transaction",
    next: "give the file that `edso admin` wrote",
  },
  ADMIN_KEYS_OTHER: {
    exit: 77,
    what: "these are not the keys of this street's GridAdmin",
    next: "name the keys that signed the genesis",
  },
};
