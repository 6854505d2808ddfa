/** A member that lies: takes what its own sound code would publish, and publishes something else. */
import { NO_ITEMS } from "../../agent/core/consensus/item.ts";
import { buildJustification } from "../../agent/core/consensus/justification.ts";
import type { Message, Prepare, Proposal, UnsignedMessage } from "../../agent/core/consensus/message.ts";
import { senderOf, signBytesOf } from "../../agent/core/consensus/message.ts";
import { quorum } from "../../agent/core/consensus/quorum.ts";
import { roundChangesFor } from "../../agent/core/consensus/voteKeeper.ts";
import { encodeBlock } from "../../agent/core/ledger/block.ts";
import type { ChainEntry } from "../../agent/core/ledger/chain.ts";
import type { SignedTransaction } from "../../agent/core/ledger/transaction.ts";
import type { Coverage } from "../../agent/core/metering/coverage.ts";
import { type Reading, readingSignBytes, type SignedReading } from "../../agent/core/metering/reading.ts";
import { type Round, round as roundOf } from "../../agent/core/units.ts";
import { encodeReadingMessage, encodeTransactionMessage, encodeVoteMessage } from "../../agent/core/wire.ts";
import { middleOfGraceMs } from "../../agent/services/agreement/blockJudge.ts";
import { buildProposal } from "../../agent/services/agreement/dso.ts";
import { everyItem, IDLE_CONTENTS, simTransaction } from "./censorship.ts";
import type { Draw } from "./draw.ts";
import { type FalseBlock, falseBlock } from "./falseBlock.ts";
import {
  falseLate,
  falseReadings,
  falseSpans,
  inventedReading,
  overlappingSpan,
  thinCertificate,
  uncertifiedBlock,
} from "./falseStatements.ts";
import type { Gateway, Said } from "./gateway.ts";
import type { Lie } from "./scenario.ts";
import type { SimStreet } from "./street.ts";

/** Something to publish to some of the others. */
export type Outgoing = {
  readonly said: Said;
  readonly wire: Uint8Array;
  /** Which places hear it. */
  readonly to: (place: number) => boolean;
  /** When it arrives, in place of what the network takes. */
  readonly arrivesInMs?: number;
};

const ALL = () => true;
/** How often a liar lies when it could. */
const LIE_SHARE = 0.7;
const REPLAYS_KEPT = 20;
/** Before the middle of the grace. */
const LAST_MOMENT_MS = 3;
/** Lies told by changing the block. */
const BLOCK_LIES: ReadonlySet<Lie> = new Set([
  "alter-trade",
  "omit-readings",
  "omit-transactions",
  "reorder-readings",
  "wrong-sums",
  "early-close",
  "stale-office",
  "wrong-state",
  "false-parent",
  "skip-interval",
  "forged-reading",
]);

/** The lies of one member. */
export class Adversary {
  readonly #street: SimStreet;
  readonly #lies: readonly Lie[];
  readonly #draw: Draw;
  readonly #past: Outgoing[] = [];

  constructor(street: SimStreet, lies: readonly Lie[], draw: Draw) {
    this.#street = street;
    this.#lies = lies;
    this.#draw = draw;
  }

  /** @param gateway that lies @param said as its code would publish it @param wire the same in bytes @returns what leaves instead */
  publish(gateway: Gateway, said: Said, wire: Uint8Array): readonly Outgoing[] {
    const honest: Outgoing = { said, wire, to: ALL };
    if (this.#tells("silent")) return [];
    const told = this.#told(gateway, said, honest);
    const withPast =
      this.#tells("replay") && this.#past.length > 0
        ? [...told, { ...this.#draw.one(this.#past), to: ALL }]
        : told;
    this.#past.push(...told);
    this.#past.splice(0, this.#past.length - REPLAYS_KEPT);
    return this.#tells("mutate") ? withPast.flatMap((outgoing) => this.#mutated(outgoing)) : withPast;
  }

  /** @param gateway that lies @param message it has just heard @returns votes that its code would not have cast */
  heard(gateway: Gateway, message: Message): readonly Outgoing[] {
    if (message.kind !== "proposal" || !this.#tells("vote-for-all")) return [];
    return this.#votesFor(gateway, message);
  }

  #told(gateway: Gateway, said: Said, honest: Outgoing): readonly Outgoing[] {
    switch (said.channel) {
      case "readings":
        return this.#reading(gateway, said.signed, honest);
      case "transactions":
        return this.#transaction(gateway, said.signed, honest);
      case "votes":
        return this.#vote(gateway, said.message, honest);
      default:
        return said satisfies never;
    }
  }

  /** One transaction to one half, another under the same sequence to the other. */
  #transaction(gateway: Gateway, signed: SignedTransaction, honest: Outgoing): readonly Outgoing[] {
    if (!this.#tells("two-transactions")) return [honest];
    const { sequence, content } = signed.transaction;
    const otherContent = IDLE_CONTENTS.find(({ kind }) => kind !== content.kind)!;
    const other = simTransaction(this.#street, gateway, sequence, otherContent);
    const parity = this.#draw.integer(0, 1);
    const wire = encodeTransactionMessage(other, this.#street.context.roster.chainId);
    return [
      { ...honest, to: (place) => place % 2 === parity },
      { said: { channel: "transactions", signed: other }, wire, to: (place) => place % 2 !== parity },
    ];
  }

  /** To all but the DSO, and there just before the middle of the grace. */
  #atLastMoment(gateway: Gateway, honest: Outgoing): readonly Outgoing[] {
    const { config } = gateway.life.consensus.instance;
    const dso = this.#street.members.findIndex(({ id }) => id === config.candidates[0]);
    const { context } = this.#street;
    const middleMs = middleOfGraceMs(context, gateway.life.ledger.state.nextInterval);
    const arrivesInMs = Math.max(0, middleMs - LAST_MOMENT_MS - gateway.nowMs());
    return [{ ...honest, to: (place) => place !== dso, arrivesInMs }];
  }

  #vote(gateway: Gateway, message: Message, honest: Outgoing): readonly Outgoing[] {
    switch (message.kind) {
      case "proposal":
        return this.#proposal(gateway, message, honest);
      case "round-change":
        return this.#roundChange(gateway, message, honest);
      case "prepare":
        return this.#tells("forge-votes") ? [honest, ...this.#forged(gateway, message)] : [honest];
      case "commit":
        if (!this.#tells("false-names")) return [honest];
        return [
          this.#voteFor(gateway, {
            ...withoutSignature(message),
            held: everyItem(this.#street.members.length),
          }),
        ];
      default:
        return message satisfies never;
    }
  }

  #proposal(gateway: Gateway, proposal: Proposal, honest: Outgoing): readonly Outgoing[] {
    const { justification } = proposal;
    if (justification?.prepared != null) {
      if (this.#tells("hide-prepared")) return this.#overridingPrepared(gateway, proposal.round);
      return this.#tells("wrong-again") ? this.#anotherAgain(gateway, proposal, honest) : [honest];
    }
    if (this.#tells("equivocate")) return this.#twoBlocks(gateway, proposal, honest);
    const lie = this.#lies.find((one) => BLOCK_LIES.has(one) && this.#draw.chance(LIE_SHARE));
    const made = lie === undefined ? null : this.#falseBlock(gateway, proposal, lie);
    return made === null ? [honest] : [this.#voteFor(gateway, { ...withoutSignature(proposal), ...made })];
  }

  /** One block to one half and another to the other, each with every vote that the liar has. */
  #twoBlocks(gateway: Gateway, proposal: Proposal, honest: Outgoing): readonly Outgoing[] {
    const other = this.#falseBlock(gateway, proposal, "omit-readings");
    if (other === null) return [honest];
    const parity = this.#draw.integer(0, 1);
    const isFirst = (place: number) => place % 2 === parity;
    const second = this.#voteFor(gateway, { ...withoutSignature(proposal), ...other });
    const votes = this.#votesFor(gateway, { ...proposal, blockHash: other.blockHash });
    return [
      { ...honest, to: isFirst },
      ...[second, ...votes].map((outgoing) => ({ ...outgoing, to: (place: number) => !isFirst(place) })),
    ];
  }

  /** @returns PREPARE and COMMIT for a block, whatever was seen */
  #votesFor(
    gateway: Gateway,
    { height, round, blockHash }: Pick<Proposal, "height" | "round" | "blockHash">,
  ): readonly Outgoing[] {
    const voter = gateway.options.member.id;
    return [
      this.#voteFor(gateway, { kind: "prepare", height, round, blockHash, voter }),
      this.#voteFor(gateway, { kind: "commit", height, round, blockHash, held: NO_ITEMS, voter }),
    ];
  }

  /** The same votes in the names of all others, under the liar's own key. */
  #forged(gateway: Gateway, { height, round, blockHash }: Prepare): readonly Outgoing[] {
    return gateway.life.consensus.instance.config.voters.flatMap((voter) => [
      this.#voteFor(gateway, { kind: "prepare", height, round, blockHash, voter }),
      this.#voteFor(gateway, { kind: "commit", height, round, blockHash, held: NO_ITEMS, voter }),
    ]);
  }

  /** @param gateway that is asked for the next block @returns one that nobody decided, of a member that lies so */
  uncertified(gateway: Gateway): ChainEntry | undefined {
    return this.#tells("false-sync") ? uncertifiedBlock(gateway, this.#street.context) : undefined;
  }

  /** A fresh block though the mandate names a prepared one: with ROUND_CHANGEs that name none, else with none shown. */
  #overridingPrepared(gateway: Gateway, round: Round): readonly Outgoing[] {
    const { consensus, ledger, pool, transactions } = gateway.life;
    const { config, keeper } = consensus.instance;
    const all = roundChangesFor(keeper, round);
    const clean = all.filter((vote) => vote.preparedHash === null);
    const isEnough = clean.length >= quorum(config.voters.length);
    const full = buildJustification(isEnough ? clean : all, config.voters);
    const justification = { ...full, prepared: null };
    const { context } = this.#street;
    const { state, headCertificate } = ledger;
    const built = buildProposal({
      context,
      state,
      headCertificate,
      pool,
      transactions,
      round,
      justification,
      nowMs: gateway.nowMs(),
    });
    const { height, self: proposer } = config;
    const body = encodeBlock(built.block);
    const blockHash = built.state.head;
    return [
      this.#voteFor(gateway, { kind: "proposal", height, round, blockHash, proposer, body, justification }),
    ];
  }

  /** Another block in the place of the prepared one, with the mandate of the round it pretends to be from. */
  #anotherAgain(gateway: Gateway, proposal: Proposal, honest: Outgoing): readonly Outgoing[] {
    const made = this.#falseBlock(
      gateway,
      { ...proposal, round: roundOf(0), justification: null },
      "omit-readings",
    );
    return made === null ? [honest] : [this.#voteFor(gateway, { ...withoutSignature(proposal), ...made })];
  }

  #roundChange(
    gateway: Gateway,
    message: Extract<Message, { kind: "round-change" }>,
    honest: Outgoing,
  ): readonly Outgoing[] {
    const unsigned = withoutSignature(message);
    if (this.#tells("false-names"))
      return [this.#voteFor(gateway, { ...unsigned, named: everyItem(this.#street.members.length) })];
    if (this.#tells("forget-lock"))
      return [
        this.#voteFor(gateway, { ...unsigned, preparedRound: null, preparedHash: null, prepared: null }),
      ];
    const isForged = this.#tells("forged-certificate");
    if (isForged || this.#tells("thin-certificate")) {
      const thin = thinCertificate(gateway.life.consensus.instance, message.round, isForged);
      if (thin !== null)
        return [
          this.#voteFor(gateway, {
            ...unsigned,
            preparedRound: thin.round,
            preparedHash: thin.blockHash,
            prepared: thin,
          }),
        ];
    }
    if (!this.#tells("far-round")) return [honest];
    const { candidates } = gateway.life.consensus.instance.config;
    const round = roundOf(message.round + this.#draw.one([1, 3, 1_000_000]));
    const candidate = candidates[round % candidates.length]!;
    return [honest, this.#voteFor(gateway, { ...unsigned, round, candidate })];
  }

  #reading(gateway: Gateway, signed: SignedReading, honest: Outgoing): readonly Outgoing[] {
    const { content } = signed.reading;
    if (this.#lies.includes("overlapping-span")) return this.#overlapping(gateway, signed.reading, honest);
    if (content.kind === "measured" && gateway.isUp && this.#tells("forged-reading"))
      return [this.#forgedReading(gateway, signed.reading), honest];
    if (this.#tells("last-moment")) return this.#atLastMoment(gateway, honest);
    if (content.kind === "spanning" && this.#tells("false-late"))
      return [this.#stated(gateway, this.#draw.one(falseSpans({ ...signed.reading, content })))];
    if (content.kind !== "measured") return [honest];
    if (this.#tells("false-reading")) {
      const own = this.#street.members.indexOf(gateway.options.member);
      const other = this.#street.members[(own + 1) % this.#street.members.length]!.id;
      return [this.#stated(gateway, this.#draw.one(falseReadings({ ...signed.reading, content }, other)))];
    }
    const coverage = this.#coverageOf(gateway);
    if (coverage !== undefined && this.#tells("false-late"))
      return [
        honest,
        this.#stated(gateway, this.#draw.one(falseLate({ ...signed.reading, content }, coverage))),
      ];
    if (!this.#tells("contradict-reading")) return [honest];
    const other = this.#stated(gateway, {
      ...signed.reading,
      content: { kind: "missing", reason: "meter-error" },
    });
    const parity = this.#draw.integer(0, 1);
    return [
      { ...honest, to: (place) => place % 2 === parity },
      { ...other, to: (place) => place % 2 !== parity },
    ];
  }

  /** Keeps a reading to itself, so that a gap opens between two settled ones, and then spans it and more. */
  #overlapping(gateway: Gateway, reading: Reading, honest: Outgoing): readonly Outgoing[] {
    const coverage = this.#coverageOf(gateway);
    if (coverage === undefined) return [honest];
    const span = overlappingSpan(coverage);
    if (span !== null) return [honest, this.#stated(gateway, { ...reading, ...span })];
    return coverage.gaps.length === 0 && coverage.edge !== null ? [] : [honest];
  }

  /** A reading in another one's name, under the liar's own key. */
  #forgedReading(gateway: Gateway, reading: Reading): Outgoing {
    const { context, members } = this.#street;
    const others = members.filter((member) => member !== gateway.options.member);
    const { state } = gateway.life.ledger;
    return this.#stated(
      gateway,
      inventedReading(context, state, { ...reading, member: this.#draw.one(others).id }),
    );
  }

  #coverageOf(gateway: Gateway): Coverage | undefined {
    const { id } = gateway.options.member;
    return gateway.isUp ? gateway.life.ledger.state.members.get(id)?.coverage : undefined;
  }

  #stated(gateway: Gateway, reading: Reading): Outgoing {
    const { chainId, epoch } = this.#street.context.roster;
    const signature = gateway.options.member.sign(readingSignBytes(reading, chainId, epoch));
    const signed = { reading, signature };
    return { said: { channel: "readings", signed }, wire: encodeReadingMessage(signed, chainId), to: ALL };
  }

  #falseBlock(gateway: Gateway, proposal: Proposal, lie: Lie): FalseBlock | null {
    const { ledger } = gateway.life;
    return falseBlock({
      context: this.#street.context,
      state: ledger.state,
      proposal,
      lie,
      draw: this.#draw,
    });
  }

  /** Whoever has no vote any more votes from the place that it had in the genesis. */
  #voteFor(gateway: Gateway, unsigned: UnsignedMessage): Outgoing {
    const { context } = this.#street;
    const present = gateway.life.ledger.contextAt(unsigned.height).voters;
    const isVoter = present.voters.some(({ id }) => id === senderOf(unsigned));
    const { chainId, epoch, voters } = isVoter ? present : context.voters;
    const signature = gateway.options.member.sign(signBytesOf(unsigned, chainId, epoch));
    const message: Message = { ...unsigned, signature };
    return {
      said: { channel: "votes", message },
      wire: encodeVoteMessage(message, chainId, voters),
      to: ALL,
    };
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

function withoutSignature<M extends Message>(message: M): Omit<M, "signature"> {
  const { signature: _signature, ...unsigned } = message;
  return unsigned;
}
