/** What a gateway asks of the ledger by itself: its transactions, and those that its part in the agreement calls for. */
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import type { Evidence } from "../../core/ledger/state/evidence.ts";
import type { SignedTransaction, TransactionContent } from "../../core/ledger/state/transaction.ts";
import type { MemberId } from "../../core/membership/address.ts";
import type { StatusView } from "../../ports/agentView.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { Signer } from "../../ports/signer.ts";
import { type CurtailmentModules, CurtailmentService } from "../curtailment/curtailment.ts";
import type { LedgerService } from "../ledger/ledger.ts";
import { OwnTransactions } from "../pools/ownTransactions.ts";
import type { TransactionPool } from "../pools/transactionPool.ts";
import type { VotingRight } from "../voting/votingRight.ts";
import { Ballots } from "./ballots.ts";
import { EvidenceReports } from "./evidenceReports.ts";
import { Presence } from "./presence.ts";
import { Rejoin } from "./rejoin.ts";

/** What taking part is made of. */
export type ParticipationModules = Pick<
  CurtailmentModules,
  "actuators" | "meters" | "lastSamples" | "clock"
> & {
  readonly context: LedgerContext;
  readonly self: MemberId;
  readonly ledger: LedgerService;
  readonly signer: Signer;
  readonly transactionOutbox: Outbox;
  readonly pool: TransactionPool;
  readonly votingRight: VotingRight;
  /** @returns true while others claim to be further on */
  readonly isBehind: () => boolean;
  readonly drawNonce: () => Uint8Array;
  /** Hands a durable transaction to the other gateways. */
  readonly publish: (signed: SignedTransaction) => void;
  readonly logger: Logger;
};

/** The own transactions of one gateway, and the services that ask for some. */
export class Participation {
  readonly #own: OwnTransactions;
  readonly #evidence: EvidenceReports;
  readonly #curtailment: CurtailmentService;
  readonly #parts: readonly { start(): void; stop(): void }[];

  constructor(modules: ParticipationModules) {
    const { votingRight } = modules;
    this.#own = new OwnTransactions({ ...modules, outbox: modules.transactionOutbox });
    const asking = {
      ...modules,
      submit: (content: TransactionContent) => this.submit(content),
      waiting: () => this.#own.waiting(),
    };
    this.#evidence = new EvidenceReports(asking);
    this.#curtailment = new CurtailmentService({ ...modules, own: this.#own });
    this.#parts = [
      this.#evidence,
      new Ballots({ ...asking, mayVote: () => votingRight.isVoter }),
      new Rejoin({
        ...asking,
        isAmnesiac: () => votingRight.isAmnesiac,
        onReturn: (height) => void votingRight.regain(height),
      }),
      new Presence(asking),
    ];
  }

  async start(): Promise<void> {
    await this.#own.start();
    for (const part of this.#parts) part.start();
    this.#curtailment.start();
  }

  /** Puts back what was limited. */
  async stop(): Promise<void> {
    await this.#curtailment.stop();
    for (const part of this.#parts) part.stop();
    this.#own.stop();
  }

  /** @param evidence of two statements that this gateway holds; the ledger gets it, from this gateway or another */
  report(evidence: Evidence): void {
    this.#evidence.report(evidence);
  }

  /** @returns own orders that are not settled, and what there is to act on them with */
  curtailment(): StatusView["curtailment"] {
    return { orders: this.#curtailment.orders(), actuators: this.#curtailment.devices() };
  }

  /** @param content what is asked for @returns the transaction, durable @throws ServiceError as `OwnTransactions.submit` */
  submit(content: TransactionContent): Promise<SignedTransaction> {
    return this.#own.submit(content);
  }
}
