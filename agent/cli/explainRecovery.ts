/** The failures of a recovery, and of a start in another epoch than a gateway is in. */

/** What is told of a code. */
export type Known = { readonly exit: number; readonly what: string; readonly next: string };

/** By code. @source sysexits(3) */
export const RECOVERY_KNOWN: Readonly<Record<string, Known>> = {
  LEDGER_GIVEN_UP: {
    exit: 65,
    what: "the ledger holds blocks that the recovery of the street has given up",
    next: "keep a copy of the ledger directory, move it away, start the agent; tell the GridAdmin what was settled in them",
  },
  EPOCH_LEFT: {
    exit: 78,
    what: "the genesis is of an epoch that this gateway has left",
    next: "use the newest genesis of the GridAdmin",
  },
  EPOCH_OTHER_GENESIS: {
    exit: 78,
    what: "this gateway has entered the epoch under another genesis",
    next: "use that one again; if the GridAdmin has signed two, only a further epoch unites the street",
  },
  RECOVERY: {
    exit: 65,
    what: "the next epoch is not signed",
    next: "mend what is named and try again; nothing was written",
  },
  RECOVERY_TOO_FEW: {
    exit: 65,
    what: "too few gateways have reported to prove what was decided",
    next: "get the missing reports, or name a voter that is lost for good with --lost; --force signs all the same, and says so",
  },
  RECOVERY_REPORT_REFUSED: {
    exit: 65,
    what: "a report is refused",
    next: "let that gateway run `edso recover renounce` again, or leave its report out",
  },
  RECOVERY_BLOCKS_SHORT: {
    exit: 65,
    what: "a gateway reports more blocks than are given",
    next: "give that gateway's blocks with --blocks: `edso ledger export --format cbor > FILE`",
  },
  RECOVERY_BLOCKS_DAMAGED: {
    exit: 65,
    what: "the blocks are not a sound chain",
    next: "export them again, or from another gateway",
  },
  RECOVERY_NOT_ADMIN: {
    exit: 77,
    what: "these are not the keys of the GridAdmin",
    next: "name the directory that the genesis was signed with",
  },
};
