/** What gateways have told anyone, and when: from then on a power cut must not take it back. */
import { digestOf, type Message, senderOf } from "../../agent/core/consensus/message.ts";
import type { Hash } from "../../agent/core/hash.ts";
import { type SignedTransaction, transactionId } from "../../agent/core/ledger/state/transaction.ts";
import { readingId, type SignedReading } from "../../agent/core/metering/reading.ts";

/** A vote seen on the wire. */
export type SeenVote = {
  readonly kind: "vote";
  readonly member: string;
  readonly height: number;
  readonly round: number;
  readonly vote: Message["kind"];
  readonly digest: Hash;
  /** The gossip message, base64. */
  readonly wire: string;
};
/** A reading or a transaction seen on the wire. */
export type SeenItem = {
  readonly kind: "reading" | "transaction";
  readonly member: string;
  readonly sequence: number;
  readonly id: Hash;
  /** The interval that a reading states as missing: when that is closed, it takes no energy with it and is given up. */
  readonly missingIn: number | null;
};
/** A block that a gateway told of over its API. */
export type ToldBlock = {
  readonly kind: "block";
  readonly member: string;
  readonly height: number;
  readonly blockHash: Hash;
};
/** Anything that was told. */
export type Told = SeenVote | SeenItem | ToldBlock;

/** Collects what is told, in order, and what contradicts what was told before. */
export class Acknowledged {
  #told: { readonly atNs: bigint; readonly told: Told }[] = [];
  readonly #places = new Map<string, string>();
  /** Votes, readings or blocks told twice, differently. */
  readonly contradictions: string[] = [];

  /** @param told just heard */
  note(told: Told): void {
    const [place, content] = placeOf(told);
    const before = this.#places.get(place);
    if (before !== undefined) {
      if (before !== content) this.contradictions.push(`${place}: first ${before}, then ${content}`);
      return;
    }
    this.#places.set(place, content);
    this.#told.push({ atNs: process.hrtime.bigint(), told });
  }

  /** @param atNs instant of a cut @returns what was told before it */
  before(atNs: bigint): readonly Told[] {
    return this.#told.filter((entry) => entry.atNs < atNs).map(({ told }) => told);
  }

  /** @param atNs instant from which the street starts again: what was told later has not happened */
  forgetAfter(atNs: bigint): void {
    for (const { told } of this.#told.filter((entry) => entry.atNs >= atNs))
      this.#places.delete(placeOf(told)[0]);
    this.#told = this.#told.filter((entry) => entry.atNs < atNs);
  }

  /** @returns the highest block told by a member; 0 for none */
  heightOf(member: string): number {
    const heights = this.#told.map(({ told }) =>
      told.kind === "block" && told.member === member ? told.height : 0,
    );
    return Math.max(0, ...heights);
  }
}

/** @param message verified or not @param wire its gossip message @returns it, as told by its signer */
export function seenVote(message: Message, wire: Uint8Array): SeenVote {
  return {
    kind: "vote",
    member: senderOf(message),
    height: message.height,
    round: message.round,
    vote: message.kind,
    digest: digestOf(message),
    wire: Buffer.from(wire).toString("base64"),
  };
}

/** @param signed a reading @returns it, as told by its signer */
export function seenReading({ reading }: SignedReading): SeenItem {
  const { member, sequence, content, interval } = reading;
  const missingIn = content.kind === "missing" ? interval : null;
  return { kind: "reading", member, sequence, id: readingId(reading), missingIn };
}

/** @param signed a transaction @returns it, as told by its signer */
export function seenTransaction({ transaction }: SignedTransaction): SeenItem {
  const { signer, sequence } = transaction;
  return { kind: "transaction", member: signer, sequence, id: transactionId(transaction), missingIn: null };
}

function placeOf(told: Told): readonly [place: string, content: string] {
  switch (told.kind) {
    case "vote":
      return [`${told.vote} of ${told.member} at height ${told.height}, round ${told.round}`, told.digest];
    case "reading":
    case "transaction":
      return [`${told.kind} ${told.sequence} of ${told.member}`, told.id];
    case "block":
      return [`block ${told.height} of ${told.member}`, told.blockHash];
    default:
      return told satisfies never;
  }
}
