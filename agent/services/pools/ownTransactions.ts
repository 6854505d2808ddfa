/**
 * Transactions of this gateway: signed under the next free sequence, durable before anybody gets to see them, offered
 * again until a block has them.
 */
import { decode } from "../../core/codec.ts";
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import {
  encodeTransaction,
  MAX_TRANSACTION_BYTES,
  MAX_WAITING_PER_SIGNER,
  type SignedTransaction,
  signedTransaction,
  type Transaction,
  type TransactionContent,
  transactionId,
  transactionSignBytes,
} from "../../core/ledger/state/transaction.ts";
import { lastSequence } from "../../core/ledger/transactions/judgeTransaction.ts";
import type { MemberId } from "../../core/membership/address.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { Signer } from "../../ports/signer.ts";
import { ServiceError } from "../base/serviceError.ts";
import type { CommittedBlock, LedgerService } from "../ledger/ledger.ts";
import type { TransactionPool } from "./transactionPool.ts";

/** What own transactions are made of. */
export type OwnTransactionsModules = {
  readonly context: LedgerContext;
  readonly self: MemberId;
  readonly signer: Signer;
  readonly ledger: LedgerService;
  /** Counts by itself: its sequences are not those of the transactions in it. */
  readonly outbox: Outbox;
  readonly pool: TransactionPool;
  /** Hands a durable transaction to the other gateways. */
  readonly publish: (signed: SignedTransaction) => void;
  readonly logger: Logger;
};

/** An own transaction that no block contains, and where the outbox has it. */
type Waiting = { readonly signed: SignedTransaction; readonly outboxSequence: number };

/** The own transactions of a running gateway. */
export class OwnTransactions {
  readonly #modules: OwnTransactionsModules;
  #submitting: Promise<unknown> = Promise.resolve();
  #stopListening: () => void = () => {};

  constructor(modules: OwnTransactionsModules) {
    this.#modules = modules;
  }

  /** Offers what an earlier life left waiting, and settles the outbox with every commit from now on. */
  async start(): Promise<void> {
    const { ledger } = this.#modules;
    this.#offerWaiting();
    this.#stopListening = ledger.onCommit((block) => void this.#inTurn(() => this.#settle(block)));
    await this.#inTurn(() => this.#releaseStale());
  }

  stop(): void {
    this.#stopListening();
  }

  /** @returns own transactions that no block contains, oldest first */
  waiting(): readonly SignedTransaction[] {
    return this.#waiting().map(({ signed }) => signed);
  }

  /**
   * Signs, stores and publishes one transaction.
   *
   * @param content what is asked for
   * @returns the transaction once it would survive a power cut
   * @throws ServiceError `TRANSACTIONS_WAITING` when as many as may wait for a block do, `TRANSACTION_NOT_DURABLE`
   */
  submit(content: TransactionContent): Promise<SignedTransaction> {
    return this.#inTurn(() => this.#submit(content));
  }

  async #submit(content: TransactionContent): Promise<SignedTransaction> {
    const { context, self, signer, ledger, outbox, pool, publish, logger } = this.#modules;
    const waiting = this.#waiting();
    if (waiting.length >= MAX_WAITING_PER_SIGNER)
      throw new ServiceError("TRANSACTIONS_WAITING", { waiting: waiting.length });
    const reached = waiting.map(({ signed }) => signed.transaction.sequence);
    const sequence = Math.max(lastSequence(ledger.state, self), ...reached) + 1;
    const transaction: Transaction = { signer: self, sequence, content };
    const { chainId, epoch } = context.roster;
    const signature = await signer.sign(transactionSignBytes(transaction, chainId, epoch));
    const signed = { transaction, signature };
    await outbox
      .append({ sequence: outbox.nextSequence(), bytes: encodeTransaction(signed) })
      .catch((cause: unknown) => {
        throw new ServiceError("TRANSACTION_NOT_DURABLE", { content: content.kind, sequence }, cause);
      });
    pool.add(signed);
    publish(signed);
    logger.info("transaction.submitted", { content: content.kind, sequence });
    return signed;
  }

  #offerWaiting(): void {
    for (const { signed } of this.#waiting()) this.#modules.pool.add(signed);
  }

  /** What the ledger has reached without this gateway having seen it settled leaves the outbox all the same. */
  async #releaseStale(): Promise<void> {
    const { ledger, self, outbox } = this.#modules;
    const { height, head: blockHash } = ledger.state;
    for (const { signed, outboxSequence: sequence } of this.#waiting()) {
      if (signed.transaction.sequence <= lastSequence(ledger.state, self))
        await outbox.release({ sequence, height, blockHash });
    }
  }

  async #settle({ block, blockHash }: CommittedBlock): Promise<void> {
    const { self, outbox, logger } = this.#modules;
    for (const { signed, refusal } of block.body.transactions) {
      const { signer, sequence, content } = signed.transaction;
      if (signer !== self) continue;
      const own = this.#waiting().find((entry) => entry.signed.transaction.sequence === sequence);
      if (own === undefined) continue;
      await outbox.release({ sequence: own.outboxSequence, height: block.header.height, blockHash });
      const isOwn = transactionId(own.signed.transaction) === transactionId(signed.transaction);
      const outcome = refusal ?? (isOwn ? "settled" : "superseded");
      logger.info("transaction.settled", { content: content.kind, sequence, outcome });
    }
    this.#offerWaiting();
  }

  #waiting(): readonly Waiting[] {
    return this.#modules.outbox.pending().flatMap(({ sequence: outboxSequence, bytes }) => {
      const read = decode(bytes, signedTransaction, MAX_TRANSACTION_BYTES);
      return read.kind === "accept" ? [{ signed: read.value, outboxSequence }] : [];
    });
  }

  /** One after another: two submissions at once must not take one sequence. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#submitting.then(work, work);
    this.#submitting = turn.catch(() => undefined);
    return turn;
  }
}
