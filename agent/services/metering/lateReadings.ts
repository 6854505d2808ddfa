/**
 * Looks after what this gateway has still to settle of closed intervals: after each block the pool learns what is late,
 * own readings that the block lacks are offered again, and gaps that no own reading fills are spanned.
 *
 * @source docs/market.md, "Corrections"
 */
import { isAgentError } from "../../core/errors.ts";
import { beginBlock, type LedgerContext } from "../../core/ledger/state/context.ts";
import type { RosterMember } from "../../core/membership/roster.ts";
import type { SignedReading } from "../../core/metering/reading.ts";
import { unspanned } from "../../core/metering/unspanned.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type { LedgerService } from "../ledger/ledger.ts";
import { awaited, poolPending } from "../pools/pendingReadings.ts";
import type { ReadingPool } from "../pools/readingPool.ts";
import type { OwnReadings } from "./ownReadings.ts";

/** What it works with. */
export type LateReadingsModules = {
  readonly context: LedgerContext;
  readonly self: RosterMember;
  readonly ledger: LedgerService;
  readonly pool: ReadingPool;
  readonly readings: OwnReadings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes a reading that is durable. */
  readonly onReading: (signed: SignedReading) => void;
  readonly onFault: (error: unknown) => void;
};

/** Own late readings, from one block to the next. */
export class LateReadings {
  readonly #modules: LateReadingsModules;
  #stopListening: () => void = () => {};
  #isStopped = false;
  #isSpanning = false;

  constructor(modules: LateReadingsModules) {
    this.#modules = modules;
  }

  /** Goes on where an earlier life ended, and does its work after each block. */
  start(): void {
    this.#stopListening = this.#modules.ledger.onHeight(() => this.#afterCommit());
    this.#afterCommit();
  }

  /** Nothing more is offered or spanned. */
  stop(): void {
    this.#isStopped = true;
    this.#stopListening();
  }

  #afterCommit(): void {
    const { context, ledger, pool, readings, onFault } = this.#modules;
    poolPending(context, ledger.state, pool, readings.pending());
    if (this.#isSpanning) return;
    this.#isSpanning = true;
    this.#spanGaps()
      .catch((error: unknown) => {
        if (!this.#isStopped) onFault(error);
      })
      .finally(() => {
        this.#isSpanning = false;
      });
  }

  /** The ledger names both ends of a gap; a span adds the gateway's word that nothing was reset between them. */
  async #spanGaps(): Promise<void> {
    const { context, self, ledger, pool, readings, clock, logger, onReading } = this.#modules;
    const time = clock.trust();
    if (time === "unsynchronised") return;
    const { state } = beginBlock(context, ledger.state);
    const coverage = state.members.get(self.id)?.coverage;
    const member = ledger.next.roster.byId.get(self.id);
    if (coverage === undefined || member === undefined) return;
    const own = readings.pending().filter(({ reading }) => reading.member === self.id);
    const spans = unspanned(member, coverage, awaited(context, ledger.state, pool, own));
    for (const { interval, content } of spans) {
      const signed = await readings.state({ interval, time, content }).catch((error: unknown) => {
        // A full outbox has room again when blocks take from it; the gap stays open until then.
        if (!isAgentError(error) || error.code !== "JOURNAL_FULL") throw error;
        return null;
      });
      if (signed === null || this.#isStopped) return;
      logger.info("reading.spanning", { from: content.from, interval });
      onReading(signed);
    }
  }
}
