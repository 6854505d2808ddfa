/**
 * The way back from amnesia: a gateway that may have forgotten votes asks the ledger for a new beginning. It votes
 * again above the block that holds its request, since that block was not certified when the nonce was drawn, and a vote
 * at a height is cast only with the block below it committed: whatever was forgotten is no higher than that block.
 *
 * @source docs/protocol.md, "Amnesia"; docs/adr/0018
 */
import { equalBytes } from "../../core/bytes.ts";
import type { Block } from "../../core/ledger/blocks/block.ts";
import type { SignedTransaction, TransactionContent } from "../../core/ledger/state/transaction.ts";
import type { MemberId } from "../../core/membership/address.ts";
import type { Roster } from "../../core/membership/roster.ts";
import type { Height } from "../../core/units.ts";
import type { Logger } from "../../ports/logger.ts";
import type { CommittedBlock, LedgerService } from "../ledger/ledger.ts";

/** What a return is made of. */
export type RejoinModules = {
  readonly self: MemberId;
  readonly ledger: LedgerService;
  /** @returns true while this gateway abstains because it may have forgotten votes, and for no other reason */
  readonly isAmnesiac: () => boolean;
  /** @returns true while others claim to be further on: the next sequence is not known then */
  readonly isBehind: () => boolean;
  /** @returns 32 bytes that nobody, this gateway included, could have known before */
  readonly drawNonce: () => Uint8Array;
  readonly submit: (content: TransactionContent) => Promise<SignedTransaction>;
  /** @returns own transactions that no block contains */
  readonly waiting: () => readonly SignedTransaction[];
  /** Told of the block that holds the request: from the height above it on this gateway may vote. */
  readonly onReturn: (height: Height) => void;
  readonly logger: Logger;
};

/** What a block says of a request. */
export type RejoinAnswer =
  | { readonly kind: "none" }
  /** From the height above it on this gateway may vote. */
  | { readonly kind: "granted"; readonly height: Height }
  | { readonly kind: "refused"; readonly code: string };

/** Asks once in a life, and again should the request get lost. */
export class Rejoin {
  readonly #modules: RejoinModules;
  /** Of this life: one that an earlier life drew proves nothing. */
  readonly #nonce: Uint8Array;
  #isSubmitting = false;
  #stopListening: () => void = () => {};

  constructor(modules: RejoinModules) {
    this.#modules = modules;
    this.#nonce = modules.drawNonce();
  }

  /** Watches the chain from now on. */
  start(): void {
    this.#stopListening = this.#modules.ledger.onCommit((block) => this.#onCommit(block));
    this.#ask();
  }

  stop(): void {
    this.#stopListening();
  }

  #onCommit({ block }: CommittedBlock): void {
    const { self, isAmnesiac, onReturn, logger } = this.#modules;
    if (!isAmnesiac()) return;
    const answer = answerIn(block, self, this.#nonce);
    if (answer.kind === "granted") return onReturn(answer.height);
    if (answer.kind === "refused") logger.warn("rejoin.refused", { code: answer.code });
    this.#ask();
  }

  #ask(): void {
    const { self, ledger, isAmnesiac, isBehind, submit, waiting, logger } = this.#modules;
    if (!isAmnesiac() || isBehind() || this.#isSubmitting) return;
    const nonce = this.#nonce;
    if (!isRequestDue(ledger.next.roster, self, nonce, waiting())) return;
    this.#isSubmitting = true;
    submit({ kind: "rejoin", nonce })
      .then(({ transaction }) => logger.info("rejoin.asked", { sequence: transaction.sequence }))
      .catch((error: unknown) => logger.error("rejoin.not-asked", error))
      .finally(() => {
        this.#isSubmitting = false;
      });
  }
}

/**
 * @param block committed here
 * @param self this gateway
 * @param nonce of this life
 * @returns what the block says of the request with that nonce, and of no other
 */
export function answerIn({ header, body }: Block, self: MemberId, nonce: Uint8Array): RejoinAnswer {
  const request = body.transactions.find(
    ({ signed: { transaction } }) => transaction.signer === self && asksWith(nonce, transaction.content),
  );
  if (request === undefined) return { kind: "none" };
  const { refusal } = request;
  return refusal === null ? { kind: "granted", height: header.height } : { kind: "refused", code: refusal };
}

/**
 * @param roster of the next height
 * @param self this gateway
 * @param nonce of this life
 * @param waiting own transactions that no block contains
 * @returns true when it has a vote to get back and its request does not wait for a block yet
 */
export function isRequestDue(
  { byId }: Pick<Roster, "byId">,
  self: MemberId,
  nonce: Uint8Array,
  waiting: readonly SignedTransaction[],
): boolean {
  // A guest, or one that is suspended, has no vote to get back.
  if (byId.get(self)?.isVoter !== true) return false;
  return !waiting.some(({ transaction }) => asksWith(nonce, transaction.content));
}

function asksWith(nonce: Uint8Array, content: TransactionContent): boolean {
  return content.kind === "rejoin" && equalBytes(content.nonce, nonce);
}
