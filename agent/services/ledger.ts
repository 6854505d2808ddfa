/** The committed chain of this gateway: its state in memory, its blocks in the store, and who hears of a commit. */

import { equalBytes } from "../core/bytes.ts";
import { encodeCommitCertificate } from "../core/consensus/certificateCodec.ts";
import type { CommitCertificate } from "../core/consensus/message.ts";
import type { Hash } from "../core/hash.ts";
import { type BlockBody, encodeBlock, readBlock } from "../core/ledger/block.ts";
import { verifyNext } from "../core/ledger/chain.ts";
import {
  contextAt,
  contextOfNext,
  genesisState,
  type LedgerContext,
  newestEpoch,
  opensEpoch,
} from "../core/ledger/context.ts";
import type { JudgedBlock } from "../core/ledger/judgeBlock.ts";
import { encodeState, type LedgerState } from "../core/ledger/state.ts";
import type { Roster } from "../core/membership/roster.ts";
import { type Height, height as heightOf } from "../core/units.ts";
import type { LedgerStore, StoredBlock } from "../ports/ledgerStore.ts";
import type { Logger } from "../ports/logger.ts";
import type { Outbox } from "../ports/outbox.ts";
import { ServiceError } from "./serviceError.ts";

/** What the ledger service is made of. */
export type LedgerModules = {
  readonly context: LedgerContext;
  readonly store: LedgerStore;
  readonly outbox: Outbox;
  readonly logger: Logger;
  /** This gateway's member id: its own readings leave the outbox with the block that takes them. */
  readonly self: string;
};

/** A committed block, as listeners hear of it. */
export type CommittedBlock = JudgedBlock & { readonly certificate: CommitCertificate };

/** The ledger of a running gateway. */
export class LedgerService {
  readonly #modules: LedgerModules;
  readonly #listeners = new Set<(block: CommittedBlock) => void>();
  #state: LedgerState;
  #headCertificate: Uint8Array | null = null;

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

  /**
   * Verifies the stored chain from the genesis: nothing is built on what does not recompute.
   *
   * @throws ServiceError `LEDGER_DAMAGED` with height and reason, `LEDGER_BEHIND_OUTBOX`
   */
  async start(): Promise<void> {
    const head = await this.#modules.store.head();
    for (let at = 1; head !== null && at <= head.height; at += 1) await this.#verifyStored(heightOf(at));
    if (head !== null && !equalBytes(encodeState(this.#state), head.state)) {
      throw new ServiceError("LEDGER_DAMAGED", { height: head.height, reason: "STATE_DIFFERS" });
    }
    const released = this.#modules.outbox.lastRelease();
    if (released !== null && released.height > this.#state.height) {
      throw new ServiceError("LEDGER_BEHIND_OUTBOX", {
        height: this.#state.height,
        released: released.height,
      });
    }
    this.#modules.logger.info("ledger.opened", { height: this.#state.height, head: this.#state.head });
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
    await store.commit(
      {
        height: header.height,
        blockHash: judged.blockHash,
        block: encodeBlock(judged.block),
        certificate: encodedCertificate,
      },
      encodeState(judged.state),
    );
    this.#state = judged.state;
    this.#headCertificate = encodedCertificate;
    await this.#releaseOwn(body, header.height, judged.blockHash);
    logger.info("block.committed", {
      height: header.height,
      head: judged.blockHash,
      dso: header.dso,
      term: header.term,
      round: certificate.round,
      intervals: body.intervals.length,
      missing: body.intervals.reduce((sum, { outcome }) => sum + outcome.missing.length, 0),
    });
    for (const listener of this.#listeners) listener({ ...judged, certificate });
  }

  /** @param listener called after each commit @returns stops the calls */
  onCommit(listener: (block: CommittedBlock) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #verifyStored(at: Height): Promise<void> {
    const stored = await this.#modules.store.block(at);
    if (stored === null) throw new ServiceError("LEDGER_DAMAGED", { height: at, reason: "BLOCK_MISSING" });
    const verified = verifyNext(this.#modules.context, this.#state, stored);
    if (verified.kind !== "accept") {
      throw new ServiceError("LEDGER_DAMAGED", {
        height: at,
        reason: verified.code,
        detail: verified.detail ?? "",
      });
    }
    this.#state = verified.value.state;
    this.#headCertificate = stored.certificate;
    await this.#agreeWithOutbox(stored);
  }

  /** A stop between the two leaves a reading in the outbox that the chain holds; another block in its place is damage. */
  async #agreeWithOutbox({ height, blockHash, block }: StoredBlock): Promise<void> {
    const released = this.#modules.outbox.lastRelease();
    if (released?.height === height && released.blockHash !== blockHash)
      throw new ServiceError("LEDGER_DAMAGED", { height, reason: "OUTBOX_NAMES_ANOTHER" });
    const read = readBlock(block);
    if (read.kind === "accept") await this.#releaseOwn(read.value.body, height, blockHash);
  }

  async #releaseOwn({ intervals }: BlockBody, height: Height, blockHash: Hash): Promise<void> {
    const pending = new Set(this.#modules.outbox.pending().map((entry) => entry.sequence));
    for (const { readings } of intervals) {
      const own = readings.find((signed) => signed.reading.member === this.#modules.self);
      if (own === undefined || !pending.has(own.reading.sequence)) continue;
      await this.#modules.outbox.release({ sequence: own.reading.sequence, height, blockHash });
    }
  }
}
