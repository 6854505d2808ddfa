/**
 * Stands in for the sync stream: every now and then each gateway asks each other one for what it lacks, over the same
 * links. A gateway that is behind gets the next block with its certificate, one at the same height gets the votes
 * that the other has sent, and unsettled readings.
 */
import type { Hash } from "../../agent/core/hash.ts";
import type { ChainEntry } from "../../agent/core/ledger/chain/chain.ts";
import { isOpenLate } from "../../agent/core/ledger/settlement/judgeForSettlement.ts";
import { transactionId } from "../../agent/core/ledger/state/transaction.ts";
import type { SignedReading } from "../../agent/core/metering/reading.ts";
import { encodeReadingMessage, encodeTransactionMessage, encodeVoteMessage } from "../../agent/core/wire.ts";
import type { Gateway } from "./gateway.ts";
import type { Said } from "./gatewayWorld.ts";

/** What the exchange runs on. */
export type SimSyncModules = {
  readonly gateways: readonly Gateway[];
  readonly everyMs: number;
  /** @returns how long an answer takes; undefined when it does not come */
  readonly delayMs: (from: Gateway, to: Gateway) => number | undefined;
  readonly isCut: (from: Gateway, to: Gateway) => boolean;
  readonly after: (delayMs: number, run: () => void) => void;
  /** @returns a block that no quorum decided, of a gateway that lies so */
  readonly uncertified: (from: Gateway) => ChainEntry | undefined;
  readonly carry: (from: Gateway, to: Gateway, said: Said, wire: Uint8Array) => void;
};

/** How soon a missing body is asked for again. */
const FETCH_MS = 50;

/** Exchanges of all gateways. */
export class SimSync {
  readonly #modules: SimSyncModules;

  constructor(modules: SimSyncModules) {
    this.#modules = modules;
  }

  start(): void {
    const { gateways, after, everyMs } = this.#modules;
    for (const to of gateways) for (const from of gateways) this.#pull(to, from);
    after(everyMs, () => this.start());
  }

  /** Asks for the body of a block until somebody who can be reached has it. */
  fetchBody(at: Gateway, blockHash: Hash): void {
    this.#modules.after(FETCH_MS, () => {
      if (!at.isUp || !at.life.consensus.instance.bodiesWanted.has(blockHash)) return;
      const body = this.#bodyOf(blockHash, at);
      if (body === undefined) this.fetchBody(at, blockHash);
      else at.life.consensus.give({ kind: "body", blockHash, body });
    });
  }

  /** Asks everybody at once. */
  pull(to: Gateway): void {
    for (const from of this.#modules.gateways) this.#pull(to, from);
  }

  #pull(to: Gateway, from: Gateway): void {
    if (to === from || !to.isUp || !from.isUp) return;
    const delayMs = this.#modules.delayMs(from, to);
    if (delayMs === undefined) return;
    const askedMs = this.#modules.delayMs(to, from);
    if (askedMs !== undefined) to.life.roundTrips.note(from.options.member.name, askedMs + delayMs);
    const missing =
      from.life.ledger.block(to.life.ledger.state.height + 1) ?? this.#modules.uncertified(from);
    if (missing !== undefined)
      this.#modules.after(delayMs, () => (to.isUp ? to.life.consensus.catchUp(missing) : undefined));
    else if (from.options.isSound) {
      this.#pullVotes(to, from);
      this.#pullReadings(to, from);
      this.#pullTransactions(to, from);
    }
  }

  /** Stored bytes are sent again as they are. */
  #pullVotes(to: Gateway, from: Gateway): void {
    const { config, keeper } = to.life.consensus.instance;
    const held = keeper.voters.get(from.options.member.id);
    for (const { message } of from.life.consensus.kept) {
      const isHeld = held?.rounds.get(message.round)?.[message.kind] !== undefined;
      if (message.height !== config.height || isHeld) continue;
      const { chainId, voters } = from.life.ledger.contextAt(message.height).voters;
      const wire = encodeVoteMessage(message, chainId, voters);
      this.#modules.carry(from, to, { channel: "votes", message }, wire);
    }
  }

  #pullReadings(to: Gateway, from: Gateway): void {
    const { ledger, pool } = to.life;
    const { context } = from;
    const { chainId } = context.roster;
    const carry = (signed: SignedReading) =>
      this.#modules.carry(from, to, { channel: "readings", signed }, encodeReadingMessage(signed, chainId));
    for (const { interval } of from.life.pool.held()) {
      if (interval < ledger.state.nextInterval) continue;
      for (const signed of from.life.pool.all(interval))
        if (pool.either(interval, signed.reading.member) === undefined) carry(signed);
    }
    const author = from.options.member.id;
    for (const signed of from.life.outbox.acknowledged) {
      const { interval } = signed.reading;
      if (interval >= ledger.state.nextInterval || !isOpenLate(context, ledger.state, signed)) continue;
      const isHeld = pool
        .late()
        .some(({ reading }) => reading.member === author && reading.interval === interval);
      if (!isHeld) carry(signed);
    }
  }

  #pullTransactions(to: Gateway, from: Gateway): void {
    const { chainId } = from.context.roster;
    const held = new Set(to.life.transactions.held().map(({ transaction }) => transactionId(transaction)));
    for (const signed of from.life.transactions.held())
      if (!held.has(transactionId(signed.transaction)))
        this.#modules.carry(
          from,
          to,
          { channel: "transactions", signed },
          encodeTransactionMessage(signed, chainId),
        );
  }

  #bodyOf(blockHash: Hash, at: Gateway): Uint8Array | undefined {
    for (const from of this.#modules.gateways) {
      if (!from.isUp || this.#modules.isCut(from, at)) continue;
      const body = from.life.consensus.instance.bodies.get(blockHash);
      if (body !== undefined) return body;
    }
    return undefined;
  }
}
