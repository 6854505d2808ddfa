/** What people are told when a gateway does not vote: why, and what to do. */
import type { Height } from "../../core/units.ts";
import type { Hindrance } from "./votingHindrances.ts";

/** How far a ledger that is fetched again has come. */
export type FollowFacts = {
  /** Newest committed block here. */
  readonly height: Height;
  /** Height that the ledger must have reached before this gateway votes. */
  readonly until: Height;
  /** Members of the street, this gateway included. */
  readonly members: number;
  /** Other gateways in reach. */
  readonly connected: number;
  /** Heights that others claim to be further on. */
  readonly behindBy: number;
};

const REJOIN =
  "votes of an earlier life may be forgotten: keep the data directory as it is and ask the GridAdmin";
const NEXT_OF_DOUBT: ReadonlyMap<string, string> = new Map([
  ["AMNESIA", REJOIN],
  [
    "KEY_CLONED",
    "find out who else runs with this gateway's keys and stop it; then this gateway needs new keys",
  ],
  ["VOTE_REFUSED", "this is a fault of edso: please report it with the log"],
]);

/** @param code stable @param reason for people @returns what keeps this gateway from voting for good */
export function doubt(code: string, reason: string): Hindrance {
  return { code, because: () => reason, next: NEXT_OF_DOUBT.get(code) ?? REJOIN };
}

/** @param facts asked for anew each time @returns what keeps this gateway from voting until its ledger is whole again */
export function ledgerBehind(facts: () => FollowFacts): Hindrance {
  return {
    code: "LEDGER_BEHIND_VOTES",
    because: () => behindText(facts()),
    next:
      facts().members === 1
        ? "no other gateway has these blocks: put a backup of the ledger directory back, or the one that was set aside"
        : "nothing: it votes again by itself. While no gateway has these blocks, put a backup of the ledger back",
  };
}

function behindText({ height, until, members, connected, behindBy }: FollowFacts): string {
  const lost = `the ledger ends at height ${height}, but this gateway knows of blocks up to ${until}`;
  if (members === 1) return `${lost}; a street of one has nobody to fetch them from`;
  if (connected === 0) return `${lost}; no other gateway is in reach to fetch them from`;
  return behindBy === 0 ? `${lost}; no gateway in reach has told of more` : `${lost}; they are being fetched`;
}
