/**
 * Keeps the list of voters true without anybody's doing: this gateway says that it is there when certificates pass
 * over it, asks for its vote back when it was suspended, and as DSO suspends who has been away for a day of blocks.
 *
 * @source docs/protocol.md, "Members and voters"
 */

import type { LedgerState } from "../../core/ledger/state/state.ts";
import type { SignedTransaction, TransactionContent } from "../../core/ledger/state/transaction.ts";
import { ABSENT_CERTIFICATES } from "../../core/ledger/transactions/absences.ts";
import type { MemberId } from "../../core/membership/address.ts";
import { FEWEST_AFTER_SUSPENSION } from "../../core/membership/judgeRosterChange.ts";
import type { Roster } from "../../core/membership/roster.ts";
import type { Logger } from "../../ports/logger.ts";
import type { LedgerService } from "../ledger/ledger.ts";

/** What presence is made of. */
export type PresenceModules = {
  readonly self: MemberId;
  readonly ledger: LedgerService;
  /** @returns true while others claim to be further on */
  readonly isBehind: () => boolean;
  readonly submit: (content: TransactionContent) => Promise<SignedTransaction>;
  /** @returns own transactions that no block contains */
  readonly waiting: () => readonly SignedTransaction[];
  readonly logger: Logger;
};

/** Certificates without this gateway after which it says that it is there: half of what it may be suspended for. */
const SAY_PRESENT_AFTER = ABSENT_CERTIFICATES / 2;

/**
 * @param state after the head
 * @param roster of the next height
 * @param self this gateway
 * @returns what is to be asked for now; null for nothing
 */
export function presenceDue(state: LedgerState, roster: Roster, self: MemberId): TransactionContent | null {
  if (state.roster.suspended.includes(self) && state.pendingChange === null)
    return { kind: "roster", change: { kind: "reinstate", member: self } };
  if ((state.absences.get(self) ?? 0) >= SAY_PRESENT_AFTER) return { kind: "present" };
  const voters = roster.members.filter(({ isVoter }) => isVoter);
  if (state.office?.dso !== self || state.pendingChange !== null) return null;
  if (voters.length <= FEWEST_AFTER_SUSPENSION) return null;
  const away = voters.find(({ id }) => (state.absences.get(id) ?? 0) >= ABSENT_CERTIFICATES);
  return away === undefined ? null : { kind: "roster", change: { kind: "suspend", member: away.id } };
}

/** Looks after every block. */
export class Presence {
  readonly #modules: PresenceModules;
  #isSubmitting = false;
  #stopListening: () => void = () => {};

  constructor(modules: PresenceModules) {
    this.#modules = modules;
  }

  start(): void {
    this.#stopListening = this.#modules.ledger.onCommit(() => this.#look());
  }

  stop(): void {
    this.#stopListening();
  }

  #look(): void {
    const { self, ledger, isBehind, submit, waiting, logger } = this.#modules;
    if (isBehind() || this.#isSubmitting) return;
    const due = presenceDue(ledger.state, ledger.next.roster, self);
    if (due === null || waiting().some(({ transaction }) => transaction.content.kind === due.kind)) return;
    this.#isSubmitting = true;
    submit(due)
      .catch((error: unknown) => logger.error("presence.not-told", error))
      .finally(() => {
        this.#isSubmitting = false;
      });
  }
}
