/** Votes for the height after the one in progress, kept until that height begins. */
import type { VoterId } from "../../core/consensus/candidates.ts";
import {
  type EarlyMessages,
  earlyMessages,
  keepEarly,
  noEarlyMessages,
} from "../../core/consensus/earlyMessages.ts";
import type { Message } from "../../core/consensus/message.ts";
import { type Height, height as heightOf } from "../../core/units.ts";
import type { Refusals } from "../base/refusals.ts";

/** Keeps what came early. */
export type EarlyVotes = {
  /** @param message verified, of the height after the one in progress */
  readonly keep: (message: Message) => void;
  /** @param height that begins @param voters of the one after it @returns what was kept for `height`, in order; the one after it is kept for from now on */
  readonly begin: (height: Height, voters: readonly VoterId[]) => readonly Message[];
};

/** @param height in progress @param voters of the height after it @param refusals counts what is not kept */
export function earlyVotes(height: Height, voters: readonly VoterId[], refusals: Refusals): EarlyVotes {
  const emptyAbove = (at: Height, of: readonly VoterId[]) => noEarlyMessages(heightOf(at + 1), of);
  let early: EarlyMessages = emptyAbove(height, voters);
  return {
    keep: (message) => {
      const kept = keepEarly(early, message);
      early = kept.early;
      if (kept.outcome.kind === "refused") refusals.note(kept.outcome.code, "vote");
      if (kept.outcome.kind === "equivocation") refusals.note("EQUIVOCATION", "vote");
    },
    begin: (at, of) => {
      const waiting = early.keeper.height === at ? earlyMessages(early) : [];
      early = emptyAbove(at, of);
      return waiting;
    },
  };
}
