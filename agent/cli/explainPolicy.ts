/** The failures of what the GridAdmin and the Regulator sign. */
import type { Known } from "./explainRecovery.ts";

/** By code. @source sysexits(3) */
export const POLICY_KNOWN: Readonly<Record<string, Known>> = {
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
