/** Whether this gateway votes. What hinders it comes and goes; it votes while nothing does. */
import type { UnixMs } from "../../core/units.ts";
import type { Clock } from "../../ports/clock.ts";

/**
 * Where a hindrance comes from, worst first: doubt whether all own votes are known, which no waiting ends; a disk that
 * cannot keep votes; a ledger that ends below what was voted on.
 */
export type HindranceCause = "doubt" | "disk" | "ledger";

/** What keeps this gateway from voting. */
export type Hindrance = {
  /** Stable. */
  readonly code: string;
  /** For people, as it is at the moment of asking. */
  readonly because: () => string;
  /** What to do, for people. */
  readonly next: string;
};

/** A hindrance and since when it is there. */
export type StandingHindrance = Hindrance & { readonly sinceMs: UnixMs };

/** What hinders a gateway from voting. */
export type VotingHindrances = {
  /** Adds a hindrance in place of one of the same cause; the first doubt stays. @returns false when it did not change */
  readonly hinder: (cause: HindranceCause, hindrance: Hindrance) => boolean;
  /** Takes a hindrance away; doubt only by a return on the ledger. */
  readonly lift: (cause: HindranceCause) => void;
  readonly isVoter: () => boolean;
  /** @returns what hinders it, worst first */
  readonly hindrances: () => readonly StandingHindrance[];
};

const WORST_FIRST = ["doubt", "disk", "ledger"] as const satisfies readonly HindranceCause[];

/** @param clock says since when @param onChange hears whether this gateway votes, when that changes @returns a voter */
export function votingHindrances(
  clock: Pick<Clock, "nowMs">,
  onChange: (isVoter: boolean) => void,
): VotingHindrances {
  const standing = new Map<HindranceCause, StandingHindrance>();
  return {
    hinder: (cause, hindrance) => {
      const before = standing.get(cause);
      if (before !== undefined && cause === "doubt") return false;
      const isSame = before?.code === hindrance.code;
      const wasVoter = standing.size === 0;
      standing.set(cause, { ...hindrance, sinceMs: isSame ? before.sinceMs : clock.nowMs() });
      if (wasVoter) onChange(false);
      return !isSame;
    },
    lift: (cause) => {
      if (standing.delete(cause) && standing.size === 0) onChange(true);
    },
    isVoter: () => standing.size === 0,
    hindrances: () => WORST_FIRST.flatMap((cause) => standing.get(cause) ?? []),
  };
}
