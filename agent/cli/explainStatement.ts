/** The failures of statements and of explaining their lines. */
import type { Known } from "./explainRecovery.ts";

/** By code. @source sysexits(3) */
export const STATEMENT_KNOWN: Readonly<Record<string, Known>> = {
  MEMBER_UNKNOWN: {
    exit: 66,
    what: "no household of that name ever took part",
    next: "name one of those that are listed, or its member id",
  },
  LEDGER_NO_INTERVAL: {
    exit: 66,
    what: "no block settled this interval",
    next: "`edso trades` shows the newest ones; an interval is settled shortly after its end",
  },
  LINE_UNKNOWN: {
    exit: 66,
    what: "the block has no such line",
    next: "take the reference from `edso statement`",
  },
};
