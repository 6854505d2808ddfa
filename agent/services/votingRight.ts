/**
 * Whether this gateway may vote, and why not: it may have forgotten a vote, somebody else has its key, or a vote could
 * not be made durable. What was forgotten is made good by a return on the ledger; nothing else comes back in this life.
 *
 * @source docs/protocol.md, "Amnesia"
 */
import type { Message } from "../core/consensus/message.ts";
import type { Epoch } from "../core/membership/epoch.ts";
import type { Height } from "../core/units.ts";
import type { Logger } from "../ports/logger.ts";
import type { Abstention, VoteJournal } from "../ports/voteJournal.ts";
import { abstentionAtStart } from "./amnesia.ts";
import { enterEpoch } from "./epochEntry.ts";
import { ServiceError } from "./serviceError.ts";

/** Why a gateway does not vote; only some reasons outlast a start. */
export type Silence = { readonly code: string; readonly reason: string };

/** What the right to vote is judged by. */
export type VotingRightModules = {
  readonly voteJournal: VoteJournal;
  /** The newest of the genesis file. */
  readonly epoch: Epoch;
  /** Starts that the outbox has counted. */
  readonly outboxBoot: number;
  readonly logger: Logger;
  /** Told at once when the right is lost in this life. */
  readonly onLost: () => void;
  /** Told when it is back. */
  readonly onRegained: () => void;
};

/** The right to vote of one gateway, for one life. */
export class VotingRight {
  readonly #modules: VotingRightModules;
  #silence: Silence | null = null;

  constructor(modules: VotingRightModules) {
    this.#modules = modules;
  }

  /** Why this gateway does not vote; null when it does. */
  get silence(): Silence | null {
    return this.#silence;
  }

  /**
   * Asks journal, outbox and ledger what earlier lives voted for; doubt is recorded, so that it outlasts them.
   *
   * @param ledgerHeight of the opened ledger
   * @throws ServiceError as {@link enterEpoch}
   */
  async recall(ledgerHeight: number): Promise<void> {
    const { voteJournal, outboxBoot, epoch, logger } = this.#modules;
    await enterEpoch(voteJournal, outboxBoot, epoch);
    const abstention = abstentionAtStart({ journal: voteJournal, outboxBoot, ledgerHeight });
    this.#silence = renunciation(voteJournal) ?? abstention;
    if (this.#silence !== null) logger.warn("voting.abstained", { ...this.#silence });
    if (abstention !== null) await this.#record(abstention);
  }

  /** Clone guard: whoever else has the key could vote against this gateway, which therefore votes no more. */
  onForeign({ kind, height, round }: Message): void {
    if (this.#silence !== null) return;
    const reason = `key cloned: a ${kind} of height ${height}, round ${round} is signed with this gateway's key, not by it`;
    this.#silence = { code: "KEY_CLONED", reason };
    this.#modules.onLost();
    this.#modules.logger.error("key.cloned", new ServiceError("KEY_CLONED", { vote: kind, height, round }));
    void this.#record({ code: "KEY_CLONED", reason });
  }

  /** @param error a vote that was refused or is not durable */
  onFailed(error: ServiceError): void {
    if (this.#silence !== null) return;
    this.#silence = { code: error.code, reason: `a vote could not be cast: ${error.message}` };
    this.#modules.onLost();
    this.#modules.logger.error("voting.stopped", error);
  }

  /** True while votes may be forgotten, and nothing else stands against voting. */
  get isAmnesiac(): boolean {
    return this.#silence?.code === "AMNESIA" && this.#modules.voteJournal.damage === null;
  }

  /** @param height of the block that holds this gateway's request to vote again; durable before the right is back */
  async regain(height: Height): Promise<void> {
    const { voteJournal, outboxBoot, logger, onRegained } = this.#modules;
    if (!this.isAmnesiac) return;
    try {
      await voteJournal.resume(height, outboxBoot);
    } catch (error) {
      logger.error("voting.return-not-recorded", error, { height });
      return;
    }
    this.#silence = null;
    logger.info("voting.regained", { height });
    onRegained();
  }

  async #record(abstention: Abstention): Promise<void> {
    const { voteJournal, logger } = this.#modules;
    if (voteJournal.damage !== null) return;
    await voteJournal
      .abstain(abstention)
      .catch((error: unknown) => logger.error("voting.abstention-not-recorded", error));
  }
}

/** Nothing of an epoch that was renounced is signed again; the next genesis of the GridAdmin ends the wait. */
function renunciation(journal: VoteJournal): Silence | null {
  const epoch = journal.renounced();
  if (epoch === null) return null;
  return {
    code: "EPOCH_RENOUNCED",
    reason: `epoch ${epoch} is renounced: the next one's genesis is awaited`,
  };
}
