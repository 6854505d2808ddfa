/**
 * Own readings that come back from others and that the outbox does not know: this gateway said them before it lost its
 * disk. Stating their intervals again would be two statements of one member, the more easily the further back its clock
 * was set. One that starts on an outbox that never gave a number also asks the others before it states anything.
 */
import type { LedgerState } from "../../core/ledger/state/state.ts";
import type { Reading, SignedReading } from "../../core/metering/reading.ts";
import { isSpanning } from "../../core/metering/validate.ts";
import type { IntervalIndex } from "../../core/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { Transport } from "../../ports/transport.ts";
import { MOST_FORGOTTEN } from "../ledger/forgottenReadings.ts";
import { firstUnstated } from "./firstUnstated.ts";

/** What echoes are told by. */
export type OwnEchoesModules = {
  readonly outbox: Pick<Outbox, "pending" | "nextSequence">;
  /** @returns what the ledger holds, and with it every reading that has left the outbox */
  readonly state: () => Pick<LedgerState, "nextInterval">;
  /** @returns true while another gateway can be asked, or claims to be further on */
  readonly hasOthers: () => boolean;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly logger: Logger;
};

/** Others that are in reach and give no answer are waited for no longer; after it a new street's first gateways go on. */
const MAX_ASKING_MS = 60_000;

/** What this gateway said and no longer knows of itself. */
export class OwnEchoes {
  readonly #modules: OwnEchoesModules;
  readonly #bornAtMs: number;
  #isAsking: boolean;
  #isTold = false;
  #lastInterval: IntervalIndex | null = null;
  #firstFree = 1;

  /** @param modules of this gateway, its outbox as it was opened */
  constructor(modules: OwnEchoesModules) {
    this.#modules = modules;
    this.#bornAtMs = modules.clock.monotonicMs();
    this.#isAsking = modules.outbox.nextSequence() === 1;
  }

  /** The newest interval that others know a forgotten statement of; null when they know none. */
  get lastInterval(): IntervalIndex | null {
    return this.#lastInterval;
  }

  /** The lowest number that no forgotten reading can have, as far as was heard. */
  get firstFree(): number {
    return this.#firstFree;
  }

  /**
   * Hears an own reading from another gateway.
   *
   * @param signed by the own key, as it seems
   * @param isAuthentic judges it by itself, and in this epoch; asked only for one that the outbox does not know
   */
  hear(signed: SignedReading, isAuthentic: () => boolean): void {
    const { interval, sequence } = signed.reading;
    const isNewInterval = !isSpanning(signed) && interval >= this.#firstUnstated();
    const isNewSequence = sequence >= Math.max(this.#firstFree, this.#modules.outbox.nextSequence());
    if (!(isNewInterval || isNewSequence) || !isAuthentic()) return;
    if (isNewInterval) this.#lastInterval = interval;
    if (isNewSequence) this.#firstFree = sequence + MOST_FORGOTTEN + 1;
    this.#modules.logger.warn("outbox.own-reading-from-others", { interval, sequence });
  }

  /** Another gateway that is no further on has given the readings it holds: whatever it knew was heard. */
  noteLevel(): void {
    this.#isAsking = false;
  }

  /**
   * @param statement that is about to be signed
   * @returns true when this gateway may have stated the same before, so that it must not be
   */
  withholds({ interval, content }: Pick<Reading, "interval" | "content">): boolean {
    const { logger } = this.#modules;
    if (this.#mustAsk()) {
      if (!this.#isTold) logger.warn("reading.waits-for-others", { interval });
      this.#isTold = true;
      return true;
    }
    const heard = this.#lastInterval;
    const isStated = content.kind !== "spanning" && heard !== null && interval <= heard;
    if (isStated) logger.warn("reading.stated-before", { interval });
    return isStated;
  }

  #mustAsk(): boolean {
    const { clock, hasOthers } = this.#modules;
    if (!this.#isAsking) return false;
    const isOver = clock.monotonicMs() - this.#bornAtMs >= MAX_ASKING_MS;
    if (isOver || !hasOthers()) this.#isAsking = false;
    return this.#isAsking;
  }

  #firstUnstated(): IntervalIndex {
    const { outbox, state } = this.#modules;
    return firstUnstated(outbox, state(), this.#lastInterval);
  }
}

/** @param modules of the agent @param ledger it builds on @returns its echoes */
export function echoesOf(
  modules: Omit<OwnEchoesModules, "state" | "hasOthers"> & { readonly transport: Pick<Transport, "peers"> },
  ledger: { readonly state: Pick<LedgerState, "nextInterval"> },
): OwnEchoes {
  return new OwnEchoes({
    ...modules,
    state: () => ledger.state,
    hasOthers: () => modules.transport.peers().some(({ connected }) => connected),
  });
}
