/**
 * Lets in whom the ledger admits and hangs up on whom it revokes, and warns when a change of the voters costs the
 * street a liar that it survived before. A newcomer is let in as soon as its admission is on the ledger.
 */
import { maxFaulty } from "../../core/consensus/quorum.ts";
import { isAgentError } from "../../core/errors.ts";
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import type { MemberId } from "../../core/membership/address.ts";
import { height } from "../../core/units.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Transport } from "../../ports/transport.ts";
import type { LedgerService } from "../ledger/ledger.ts";

/** What the links follow. */
export type RosterLinksModules = {
  readonly self: MemberId;
  readonly ledger: LedgerService;
  readonly transport: Pick<Transport, "setRoster">;
  readonly logger: Logger;
};

/** Heights ahead of the head whose roster is known. */
const KNOWN_AHEAD = 2;

/** Follows the roster of the ledger. */
export class RosterLinks {
  readonly #modules: RosterLinksModules;
  /** The rosters of the next height and of the last known one, as of the last look. */
  #seen: readonly [next: LedgerContext, known: LedgerContext] | null = null;
  #stopListening: () => void = () => {};

  constructor(modules: RosterLinksModules) {
    this.#modules = modules;
  }

  /** Tells the transport whom the opened ledger knows, and follows from then on. */
  start(): void {
    this.#follow();
    this.#stopListening = this.#modules.ledger.onCommit(() => this.#follow());
  }

  stop(): void {
    this.#stopListening();
  }

  #follow(): void {
    const { self, ledger, transport, logger } = this.#modules;
    const { next } = ledger;
    const known = ledger.contextAt(height(ledger.state.height + KNOWN_AHEAD));
    const seen = this.#seen;
    if (seen?.[0] === next && seen[1] === known) return;
    this.#seen = [next, known];
    // Who is on its way out still votes at the next height.
    const members = new Map([...next.roster.byId, ...known.roster.byId]);
    members.delete(self);
    try {
      transport.setRoster([...members.values()].map(({ peerId, addresses }) => ({ peerId, addresses })));
    } catch (error) {
      // An enrolment with an address that is none must not end the gateways of everybody else.
      if (!isAgentError(error)) throw error;
      logger.error("roster.not-followed", error);
    }
    if (seen !== null && seen[1] !== known) this.#tell(seen[1], known);
  }

  #tell(before: LedgerContext, after: LedgerContext): void {
    const [from, to] = [before.voters.voters.length, after.voters.voters.length];
    const { logger } = this.#modules;
    logger.info("roster.changed", { members: after.roster.members.length, voters: to, votersBefore: from });
    if (maxFaulty(to) < maxFaulty(from))
      logger.warn("roster.survives-fewer-liars", { liars: maxFaulty(to), liarsBefore: maxFaulty(from) });
  }
}
