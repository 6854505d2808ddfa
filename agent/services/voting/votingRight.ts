/**
 * Whether this gateway may vote, from its start on: it must know all own votes, stand on the blocks that they stand on,
 * have a disk that keeps the next one, and be the only one with its key.
 */
import type { Message } from "../../core/consensus/message.ts";
import { type LedgerContext, newestEpoch } from "../../core/ledger/state/context.ts";
import type { Height } from "../../core/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DiskSpace } from "../../ports/diskSpace.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { Transport } from "../../ports/transport.ts";
import type { Abstention, VoteJournal } from "../../ports/voteJournal.ts";
import { ServiceError } from "../base/serviceError.ts";
import type { LedgerService } from "../ledger/ledger.ts";
import { abstentionAtStart, heightBeforeVoting } from "./amnesia.ts";
import { DiskGuard, type DiskGuardModules, isDiskRefusal } from "./diskGuard.ts";
import { enterEpoch, renunciation } from "./epochEntry.ts";
import { doubt, ledgerBehind } from "./hindrances.ts";
import { type StandingHindrance, type VotingHindrances, votingHindrances } from "./votingHindrances.ts";

/** What the right to vote hangs on. */
export type VotingRightModules = {
  readonly context: LedgerContext;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly voteJournal: VoteJournal;
  readonly outbox: Outbox;
  readonly ledger: LedgerService;
  readonly transport: Pick<Transport, "peers">;
  readonly disk: DiskSpace;
  readonly spare: DiskGuardModules["spare"];
  readonly ledgersSetAside: number;
  readonly failedLives: number;
  /** @returns heights that others claim to be further on */
  readonly behindBy: () => number;
  /** Hears whether this gateway votes, when that changes. */
  readonly onChange: (isVoter: boolean) => void;
  readonly onRenew: () => void;
};

/** The right to vote of one life. */
export class VotingRight {
  readonly #modules: VotingRightModules;
  readonly #hindrances: VotingHindrances;
  readonly #guard: DiskGuard;

  constructor(modules: VotingRightModules) {
    this.#modules = modules;
    this.#hindrances = votingHindrances(modules.clock, modules.onChange);
    this.#guard = new DiskGuard({ ...modules, hindrances: this.#hindrances });
  }

  get isVoter(): boolean {
    return this.#hindrances.isVoter();
  }

  /** @returns what keeps it from voting, worst first */
  hindrances(): readonly StandingHindrance[] {
    return this.#hindrances.hindrances();
  }

  /**
   * Judges what earlier lives left, once the ledger is open; watches the disk from now on.
   *
   * @throws ServiceError as {@link enterEpoch}
   */
  async start(): Promise<void> {
    await this.#enter();
    await this.#recall();
    this.#followFirst();
    await this.#guard.start();
  }

  stop(): void {
    this.#guard.stop();
  }

  /** Clone guard: whoever else has the key could vote against this gateway, which therefore votes no more. */
  noteForeign({ kind, height, round }: Message): void {
    const reason = `key cloned: a ${kind} of height ${height}, round ${round} is signed with this gateway's key, not by it`;
    if (!this.#hindrances.hinder("doubt", doubt("KEY_CLONED", reason))) return;
    const { logger } = this.#modules;
    logger.error("key.cloned", new ServiceError("KEY_CLONED", { vote: kind, height, round }));
    void this.#record({ code: "KEY_CLONED", reason });
  }

  /** @param error of an own vote that was refused, or is not durable */
  noteVoteFailed(error: ServiceError): void {
    this.#modules.logger.error("voting.stopped", error);
    if (this.noteDiskRefusal(error)) return;
    this.#hindrances.hinder("doubt", doubt(error.code, `a vote could not be cast: ${error.message}`));
  }

  /** @param error that ended a service @returns true when it is the disk's, so that the agent goes on without voting */
  noteDiskRefusal(error: unknown): boolean {
    if (!isDiskRefusal(error)) return false;
    this.#guard.noteFailure(error);
    return true;
  }

  /** True while votes may be forgotten, and nothing else stands against a return. */
  get isAmnesiac(): boolean {
    const isDoubted = this.hindrances().some(({ code }) => code === "AMNESIA");
    return isDoubted && this.#modules.voteJournal.damage === null;
  }

  /** @param height of the block that holds this gateway's request to vote again; durable before the right is back */
  async regain(height: Height): Promise<void> {
    const { voteJournal, outbox, logger } = this.#modules;
    if (!this.isAmnesiac) return;
    try {
      await voteJournal.resume(height, outbox.boot);
    } catch (error) {
      logger.error("voting.return-not-recorded", error, { height });
      return;
    }
    this.#hindrances.lift("doubt");
    logger.info("voting.regained", { height });
  }

  async #enter(): Promise<void> {
    const { voteJournal, outbox, context, logger } = this.#modules;
    await enterEpoch(voteJournal, outbox.boot, newestEpoch(context));
    const renounced = renunciation(voteJournal);
    if (renounced === null) return;
    this.#hindrances.hinder("doubt", renounced);
    logger.warn("voting.renounced", { epoch: voteJournal.renounced() });
  }

  /** Asks journal, outbox and ledger what earlier lives voted for; doubt is recorded, so that it outlasts them. */
  async #recall(): Promise<void> {
    const { voteJournal, outbox, logger, ledger, ledgersSetAside } = this.#modules;
    const abstention = abstentionAtStart({
      journal: voteJournal,
      outboxBoot: outbox.boot,
      ledgerHeight: ledger.state.height,
      ledgersSetAside,
      releasedHeight: outbox.lastRelease()?.height ?? 0,
    });
    if (abstention === null) return;
    this.#hindrances.hinder("doubt", doubt(abstention.code, abstention.reason));
    logger.warn("voting.abstained", { ...abstention });
    await this.#record(abstention);
  }

  /** A ledger that was lost, or has gone back, is followed up to where the own votes stand before another is cast. */
  #followFirst(): void {
    const { voteJournal, outbox, logger, context, transport, ledger, behindBy } = this.#modules;
    const until = heightBeforeVoting(voteJournal, outbox);
    const { height } = ledger.state;
    if (height >= until) return;
    const facts = () => ({
      height: ledger.state.height,
      until,
      members: context.roster.members.length,
      connected: transport.peers().filter((peer) => peer.connected).length,
      behindBy: behindBy(),
    });
    this.#hindrances.hinder("ledger", ledgerBehind(facts));
    logger.warn("voting.waits-for-ledger", { height, until });
    const stopListening = ledger.onHeight((reached) => {
      if (reached < until) return;
      stopListening();
      this.#hindrances.lift("ledger");
      logger.info("voting.ledger-caught-up", { height: reached });
    });
  }

  async #record(abstention: Abstention): Promise<void> {
    const { voteJournal, logger } = this.#modules;
    if (voteJournal.damage !== null) return;
    await voteJournal
      .abstain(abstention)
      .catch((error: unknown) => logger.error("voting.abstention-not-recorded", error));
  }
}
