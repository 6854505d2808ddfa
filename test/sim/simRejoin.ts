/**
 * The way back of a simulated gateway that lost its votes: what the product's service does, without promises. The nonce
 * is of one life; a block that holds the request with it gives the vote back from the height above on.
 */
import { hashBytes, hashOf } from "../../agent/core/hash.ts";
import { readBlock } from "../../agent/core/ledger/blocks/block.ts";
import type { ChainEntry } from "../../agent/core/ledger/chain/chain.ts";
import type { SignedTransaction, TransactionContent } from "../../agent/core/ledger/state/transaction.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import type { Height } from "../../agent/core/units.ts";
import { answerIn, isRequestDue } from "../../agent/services/participation/rejoin.ts";
import type { SimLedger } from "./simLedger.ts";

/** What a return is made of. */
export type SimRejoinModules = {
  readonly self: MemberId;
  /** Names the life: nobody could have known its nonce before. */
  readonly life: string;
  readonly ledger: SimLedger;
  readonly isAmnesiac: () => boolean;
  readonly isBehind: () => boolean;
  readonly waiting: () => readonly SignedTransaction[];
  readonly submit: (content: TransactionContent) => void;
  readonly onReturn: (height: Height) => void;
};

/** One life's return. */
export class SimRejoin {
  readonly #modules: SimRejoinModules;
  readonly #nonce: Uint8Array;

  constructor(modules: SimRejoinModules) {
    this.#modules = modules;
    this.#nonce = hashBytes(hashOf(new TextEncoder().encode(`nonce of ${modules.life}`)));
  }

  start(): void {
    this.#modules.ledger.onCommit((entry) => this.#onCommit(entry));
    this.#ask();
  }

  #onCommit({ block }: ChainEntry): void {
    const { self, isAmnesiac, onReturn } = this.#modules;
    const read = readBlock(block);
    if (!isAmnesiac() || read.kind !== "accept") return;
    const answer = answerIn(read.value, self, this.#nonce);
    if (answer.kind === "granted") onReturn(answer.height);
    else this.#ask();
  }

  #ask(): void {
    const { self, ledger, isAmnesiac, isBehind, waiting, submit } = this.#modules;
    if (!isAmnesiac() || isBehind()) return;
    if (isRequestDue(ledger.next.roster, self, this.#nonce, waiting()))
      submit({ kind: "rejoin", nonce: this.#nonce });
  }
}
