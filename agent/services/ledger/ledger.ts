/** The committed chain of this gateway: its state in memory, its blocks in the store, and who hears of a commit. */

import { decode } from "../../core/codec.ts";
import { encodeCommitCertificate } from "../../core/consensus/certificateCodec.ts";
import type { CommitCertificate } from "../../core/consensus/message.ts";
import type { Hash } from "../../core/hash.ts";
import { encodeBlock } from "../../core/ledger/blocks/block.ts";
import type { JudgedBlock } from "../../core/ledger/blocks/judgeBlock.ts";
import { MAX_TRAIL, trailEntry } from "../../core/ledger/chain/trailEntry.ts";
import { isOver } from "../../core/ledger/settlement/judgeForSettlement.ts";
import {
  contextAt,
  contextOfNext,
  genesisState,
  type LedgerContext,
  newestEpoch,
  opensEpoch,
} from "../../core/ledger/state/context.ts";
import { encodeState, type LedgerState } from "../../core/ledger/state/state.ts";
import type { MemberId } from "../../core/membership/address.ts";
import type { Roster } from "../../core/membership/roster.ts";
import { MAX_READING_BYTES, signedReading } from "../../core/metering/reading.ts";
import { type Height, height as heightOf } from "../../core/units.ts";
import type { LedgerStore, StoredBlock, StoredChange } from "../../ports/ledgerStore.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Outbox } from "../../ports/outbox.ts";
import { ServiceError } from "../base/serviceError.ts";
import { skipForgotten } from "./forgottenReadings.ts";
import { ledgerDamaged, openChain, type Unaudited } from "./ledgerOpening.ts";

/** What the ledger service is made of. */
export type LedgerModules = {
  readonly context: LedgerContext;
  readonly store: LedgerStore;
  readonly outbox: Outbox;
  readonly logger: Logger;
  /** This gateway's member id: its own readings leave the outbox with the block that takes them. */
  readonly self: MemberId;
};

/** A committed block, as listeners hear of it. */
export type CommittedBlock = JudgedBlock & { readonly certificate: CommitCertificate };

/** The ledger of a running gateway. */
export class LedgerService {
  readonly #modules: LedgerModules;
  readonly #listeners = new Set<(block: CommittedBlock) => void>();
  readonly #heightListeners = new Set<(height: Height) => void>();
  #state: LedgerState;
  #headCertificate: Uint8Array | null = null;
  #unaudited: Unaudited | null = null;

  constructor(modules: LedgerModules) {
    this.#modules = modules;
    this.#state = genesisState(modules.context);
  }

  get state(): LedgerState {
    return this.#state;
  }

  /**
   * @param at a height; known are those of the head and of the next two
   * @returns the facts of the epoch with the roster of that height
   */
  contextAt(at: Height): LedgerContext {
    return contextAt(this.#modules.context, this.#state, at);
  }

  /** The facts that the next block is computed with. */
  get next(): LedgerContext {
    return contextOfNext(this.#modules.context, this.#state);
  }

  /** The roster of the next height, as the others of the newest epoch are spoken to. */
  get spokenRoster(): Roster {
    const { chainId, number: epoch } = newestEpoch(this.#modules.context);
    return { ...this.next.roster, chainId, epoch };
  }

  /** Encoded commit certificate of the head, which the next block embeds; null where an epoch begins. */
  get headCertificate(): Uint8Array | null {
    return opensEpoch(this.#modules.context, heightOf(this.#state.height + 1)) ? null : this.#headCertificate;
  }

  /** What the opening believed for its hash links alone; null when nothing. */
  get unaudited(): Unaudited | null {
    return this.#unaudited;
  }

  /**
   * Opens the stored chain: nothing is built on what does not hold.
   *
   * @throws ServiceError `LEDGER_DAMAGED` with height and reason; StoreError
   */
  async start(): Promise<void> {
    const { logger, store } = this.#modules;
    const opened = await openChain(this.#modules);
    this.#state = opened.state;
    this.#headCertificate = opened.headCertificate;
    this.#unaudited = opened.unaudited;
    await this.#agreeWithOutbox();
    await this.#skipForgotten();
    const { height, head } = this.#state;
    const unaudited = opened.unaudited === null ? 0 : opened.unaudited.until - opened.unaudited.from.height;
    logger.info("ledger.opened", {
      height,
      head,
      base: store.base,
      recomputed: opened.recomputed,
      unaudited,
    });
  }

  /**
   * Makes a decided block the head: durable first, then visible.
   *
   * @param judged the block, recomputed on the present head
   * @param certificate that decided it
   * @throws StoreError when it cannot be made durable; nothing has changed then
   */
  async commit(judged: JudgedBlock, certificate: CommitCertificate): Promise<void> {
    const { store, logger } = this.#modules;
    const { header, body } = judged.block;
    const { voters } = this.contextAt(header.height).voters;
    const encodedCertificate = encodeCommitCertificate(certificate, voters);
    this.#checkRelease(header.height, judged.blockHash);
    const block = encodeBlock(judged.block);
    await store.commit(
      { height: header.height, blockHash: judged.blockHash, block, certificate: encodedCertificate },
      encodeState(judged.state),
      trailEntry(block, encodedCertificate, judged.state),
    );
    this.#state = judged.state;
    this.#headCertificate = encodedCertificate;
    await this.#releaseOver();
    await this.#skipForgotten();
    logger.info("block.committed", {
      height: header.height,
      head: judged.blockHash,
      dso: header.dso,
      term: header.term,
      round: certificate.round,
      intervals: body.intervals.length,
      late: body.late.length,
      missing: body.intervals.reduce((sum, { outcome }) => sum + outcome.missing.length, 0),
    });
    this.#noteTrail();
    for (const listener of this.#listeners) listener({ ...judged, certificate });
    for (const listener of this.#heightListeners) listener(header.height);
  }

  /**
   * Goes on from a block whose parent is not here.
   *
   * @param block above the head, with its certificate
   * @param state the state after it, proven by both
   * @param changes of the roster between the head and that block, followed
   * @throws StoreError as {@link commit}; ServiceError `LEDGER_CONTRADICTS_OUTBOX`
   */
  async adopt(block: StoredBlock, state: LedgerState, changes: readonly StoredChange[]): Promise<void> {
    const { store, logger } = this.#modules;
    const { height, blockHash } = block;
    this.#checkRelease(height, blockHash);
    await store.adopt(block, encodeState(state), changes);
    this.#state = state;
    this.#headCertificate = block.certificate;
    this.#unaudited = null;
    await this.#releaseOver();
    await this.#skipForgotten();
    logger.info("ledger.adopted", { height, head: blockHash });
    for (const listener of this.#heightListeners) listener(height);
  }

  /** @param listener called after each commit @returns stops the calls */
  onCommit(listener: (block: CommittedBlock) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param listener called after each new head with its height @returns stops the calls */
  onHeight(listener: (height: Height) => void): () => void {
    this.#heightListeners.add(listener);
    return () => this.#heightListeners.delete(listener);
  }

  /**
   * A stop between the two leaves readings in the outbox that the chain holds; another block in the place of one that
   * took a reading is damage. A chain that ends below it has lost blocks, which are fetched again.
   */
  async #agreeWithOutbox(): Promise<void> {
    const { outbox, store, logger } = this.#modules;
    const released = outbox.lastRelease();
    const { height } = this.#state;
    if (released !== null && released.height > height)
      logger.warn("ledger.behind", { height, released: released.height });
    if (height === 0) return;
    if (released !== null && released.height >= store.base && released.height <= height) {
      const stored = await store.block(released.height);
      if (stored === null) throw ledgerDamaged(released.height, "BLOCK_MISSING");
      if (released.blockHash !== stored.blockHash)
        throw ledgerDamaged(released.height, "OUTBOX_NAMES_ANOTHER");
    }
    await this.#releaseOver();
  }

  /** Others that are far behind get blocks then, and no snapshot. */
  #noteTrail(): void {
    const { height, rosterChanges, pendingChange } = this.#state;
    if (rosterChanges > MAX_TRAIL && pendingChange !== null)
      this.#modules.logger.warn("ledger.trail-full", { height, rosterChanges, maxChanges: MAX_TRAIL });
  }

  /** A ledger that is fetched again must come to the block that this gateway has seen committed before. */
  #checkRelease(height: Height, blockHash: Hash): void {
    const released = this.#modules.outbox.lastRelease();
    if (released?.height === height && released.blockHash !== blockHash)
      throw new ServiceError("LEDGER_CONTRADICTS_OUTBOX", { height, blockHash, before: released.blockHash });
  }

  #skipForgotten(): Promise<void> {
    const { self, outbox, logger } = this.#modules;
    return skipForgotten(self, outbox, this.#state, logger);
  }

  /** Own readings leave the outbox once their intervals are settled, by whichever reading; the others stay to be settled. */
  async #releaseOver(): Promise<void> {
    const { context, outbox } = this.#modules;
    const { height, head: blockHash } = this.#state;
    for (const { sequence, bytes } of outbox.pending()) {
      const read = decode(bytes, signedReading, MAX_READING_BYTES);
      const isDone = read.kind === "accept" && isOver(context, this.#state, read.value);
      if (isDone) await outbox.release({ sequence, height, blockHash });
    }
  }
}
