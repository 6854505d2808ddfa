/** Recomputes the older part of a chain beside the running agent, a little at a time, so that nothing waits for it. */
import { equalBytes } from "../../core/bytes.ts";
import { encodeState, type LedgerState } from "../../core/ledger/state/state.ts";
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import { type ChainModules, ledgerDamaged, recomputeNext, type Unaudited } from "./ledgerOpening.ts";

/** What an audit is made of. */
export type AuditModules = ChainModules & {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Hears of the first thing that does not hold. */
  readonly onDamage: (error: unknown) => void;
};

/** Time between two blocks at least, in ms. */
const PAUSE_MS = 25;
/** A pause is so many times as long as the block before it took: a tenth of one core, whatever the size of the street. */
const PAUSE_SHARE = 9;

/** One walk over blocks that were believed at the opening for their hash links alone. */
export class LedgerAudit {
  readonly #modules: AuditModules;
  #state: LedgerState | null;
  readonly #until: number;
  #blocks = 0;
  #lastTookMs = 0;
  #isStopped = false;
  #cancel: Cancel = () => {};

  /** @param modules of this gateway @param unaudited what is left to recompute; null when nothing is */
  constructor(modules: AuditModules, unaudited: Unaudited | null) {
    this.#modules = modules;
    this.#state = unaudited?.from ?? null;
    this.#until = unaudited?.until ?? 0;
  }

  /** True once everything that is stored was recomputed, or was found sound before. */
  get isDone(): boolean {
    return this.#state === null;
  }

  /** Begins, when there is anything to do. */
  start(): void {
    if (this.#state === null || this.#isStopped) return;
    const pauseMs = Math.max(PAUSE_MS, PAUSE_SHARE * this.#lastTookMs);
    this.#cancel = this.#modules.clock.after(pauseMs, () => {
      this.#step().catch((error: unknown) => {
        if (!this.#isStopped) this.#modules.onDamage(error);
      });
    });
  }

  /** Ends it where it is; the next opening begins anew. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  async #step(): Promise<void> {
    if (this.#state === null) return;
    const fromMs = this.#modules.clock.monotonicMs();
    this.#state = await recomputeNext(this.#modules, this.#state);
    this.#lastTookMs = this.#modules.clock.monotonicMs() - fromMs;
    this.#blocks += 1;
    if (this.#state.height >= this.#until) await this.#finish(this.#state);
    this.start();
  }

  /** The snapshot that the opening went on from must be what this walk comes to. */
  async #finish(state: LedgerState): Promise<void> {
    const { store, logger } = this.#modules;
    const snapshot = await store.snapshot(state.height);
    if (snapshot !== null && !equalBytes(snapshot.state, encodeState(state)))
      throw ledgerDamaged(state.height, "STATE_DIFFERS");
    this.#state = null;
    logger.info("ledger.audited", { blocks: this.#blocks, height: state.height });
  }
}
