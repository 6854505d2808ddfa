/** A member that lies: takes what its own sound code would publish, and publishes something else. */
import type { Message } from "../../agent/core/consensus/message.ts";
import type { ChainEntry } from "../../agent/core/ledger/chain/chain.ts";
import type { SignedTransaction } from "../../agent/core/ledger/state/transaction.ts";
import { encodeTransactionMessage } from "../../agent/core/wire.ts";
import { IDLE_CONTENTS, simTransaction } from "./censorship.ts";
import type { Draw } from "./draw.ts";
import { uncertifiedBlock } from "./falseStatements.ts";
import type { Gateway } from "./gateway.ts";
import type { Said } from "./gatewayWorld.ts";
import type { Lie } from "./lies.ts";
import { LIE_SHARE, type Outgoing, TO_ALL } from "./outgoing.ts";
import { ReadingLies } from "./readingLies.ts";
import type { SimStreet } from "./street.ts";
import { VotingLies } from "./votingLies.ts";

const REPLAYS_KEPT = 20;

/** The lies of one member. */
export class Adversary {
  readonly #lies: readonly Lie[];
  readonly #draw: Draw;
  readonly #readings: ReadingLies;
  readonly #votes: VotingLies;
  readonly #past: Outgoing[] = [];

  constructor(street: SimStreet, lies: readonly Lie[], draw: Draw) {
    this.#lies = lies;
    this.#draw = draw;
    const tells = (lie: Lie) => this.#tells(lie);
    this.#readings = new ReadingLies({ street, lies, draw, tells });
    this.#votes = new VotingLies({ street, lies, draw, tells });
  }

  /** @param gateway that lies @param said as its code would publish it @param wire the same in bytes @returns what leaves instead */
  publish(gateway: Gateway, said: Said, wire: Uint8Array): readonly Outgoing[] {
    const honest: Outgoing = { said, wire, to: TO_ALL };
    if (this.#tells("silent")) return [];
    const told = this.#told(gateway, said, honest);
    const withPast =
      this.#tells("replay") && this.#past.length > 0
        ? [...told, { ...this.#draw.one(this.#past), to: TO_ALL }]
        : told;
    this.#past.push(...told);
    this.#past.splice(0, this.#past.length - REPLAYS_KEPT);
    return this.#tells("mutate") ? withPast.flatMap((outgoing) => this.#mutated(outgoing)) : withPast;
  }

  /** @param gateway that lies @param message it has just heard @returns votes that its code would not have cast */
  heard(gateway: Gateway, message: Message): readonly Outgoing[] {
    if (message.kind !== "proposal" || !this.#tells("vote-for-all")) return [];
    return this.#votes.votesFor(gateway, message);
  }

  #told(gateway: Gateway, said: Said, honest: Outgoing): readonly Outgoing[] {
    switch (said.channel) {
      case "readings":
        return this.#readings.told(gateway, said.signed, honest);
      case "transactions":
        return this.#transaction(gateway, said.signed, honest);
      case "votes":
        return this.#votes.told(gateway, said.message, honest);
      default:
        return said satisfies never;
    }
  }

  /** One transaction to one half, another under the same sequence to the other. */
  #transaction(gateway: Gateway, signed: SignedTransaction, honest: Outgoing): readonly Outgoing[] {
    if (!this.#tells("two-transactions")) return [honest];
    const { sequence, content } = signed.transaction;
    const otherContent = IDLE_CONTENTS.find(({ kind }) => kind !== content.kind)!;
    const other = simTransaction(gateway, sequence, otherContent);
    const parity = this.#draw.integer(0, 1);
    const wire = encodeTransactionMessage(other, gateway.context.roster.chainId);
    return [
      { ...honest, to: (place) => place % 2 === parity },
      { said: { channel: "transactions", signed: other }, wire, to: (place) => place % 2 !== parity },
    ];
  }

  /** @param gateway that is asked for the next block @returns one that nobody decided, of a member that lies so */
  uncertified(gateway: Gateway): ChainEntry | undefined {
    return this.#tells("false-sync") ? uncertifiedBlock(gateway, gateway.context) : undefined;
  }

  /** Some places hear bytes that are not what was signed. */
  #mutated(outgoing: Outgoing): readonly Outgoing[] {
    const { wire } = outgoing;
    const bent = Uint8Array.from(wire);
    const flips = this.#draw.integer(1, 3);
    for (let flip = 0; flip < flips; flip += 1) {
      const place = this.#draw.integer(0, bent.length - 1);
      bent[place] = (bent[place] ?? 0) ^ (1 << this.#draw.integer(0, 7));
    }
    const parity = this.#draw.integer(0, 2);
    const hears = (place: number) => place % 3 === parity && outgoing.to(place);
    return [
      { ...outgoing, to: (place) => outgoing.to(place) && !hears(place) },
      { ...outgoing, wire: bent, to: hears },
    ];
  }

  #tells(lie: Lie): boolean {
    return this.#lies.includes(lie) && this.#draw.chance(LIE_SHARE);
  }
}
