/** Lies of a member in its votes and in the blocks that it proposes. */
import { NO_ITEMS } from "../../agent/core/consensus/item.ts";
import { buildJustification } from "../../agent/core/consensus/justification.ts";
import type { Message, Prepare, Proposal, UnsignedMessage } from "../../agent/core/consensus/message.ts";
import { senderOf, signBytesOf } from "../../agent/core/consensus/message.ts";
import { quorum } from "../../agent/core/consensus/quorum.ts";
import { roundChangesFor } from "../../agent/core/consensus/voteKeeper.ts";
import { encodeBlock } from "../../agent/core/ledger/blocks/block.ts";
import { type Round, round as roundOf } from "../../agent/core/units.ts";
import { encodeVoteMessage } from "../../agent/core/wire.ts";
import { buildProposal } from "../../agent/services/agreement/dso.ts";
import { everyItem } from "./censorship.ts";
import { type FalseBlock, falseBlock } from "./falseBlock.ts";
import { thinCertificate } from "./falseStatements.ts";
import type { Gateway } from "./gateway.ts";
import type { Lie } from "./lies.ts";
import { LIE_SHARE, type LiarModules, type Outgoing, TO_ALL } from "./outgoing.ts";

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

/** Lies of one member. */
export class VotingLies {
  readonly #modules: LiarModules;

  constructor(modules: LiarModules) {
    this.#modules = modules;
  }

  /** @param gateway that lies @param message as its code votes @param honest the same as it would leave @returns what leaves instead */
  told(gateway: Gateway, message: Message, honest: Outgoing): readonly Outgoing[] {
    switch (message.kind) {
      case "proposal":
        return this.#proposal(gateway, message, honest);
      case "round-change":
        return this.#roundChange(gateway, message, honest);
      case "prepare":
        return this.#modules.tells("forge-votes") ? [honest, ...this.#forged(gateway, message)] : [honest];
      case "commit":
        if (!this.#modules.tells("false-names")) return [honest];
        return [
          this.#voteFor(gateway, {
            ...withoutSignature(message),
            held: everyItem(this.#modules.street.members.length),
          }),
        ];
      default:
        return message satisfies never;
    }
  }

  #proposal(gateway: Gateway, proposal: Proposal, honest: Outgoing): readonly Outgoing[] {
    const { justification } = proposal;
    if (justification?.prepared != null) {
      if (this.#modules.tells("hide-prepared")) return this.#overridingPrepared(gateway, proposal.round);
      return this.#modules.tells("wrong-again") ? this.#anotherAgain(gateway, proposal, honest) : [honest];
    }
    if (this.#modules.tells("equivocate")) return this.#twoBlocks(gateway, proposal, honest);
    const lie = this.#modules.lies.find((one) => BLOCK_LIES.has(one) && this.#modules.draw.chance(LIE_SHARE));
    const made = lie === undefined ? null : this.#falseBlock(gateway, proposal, lie);
    return made === null ? [honest] : [this.#voteFor(gateway, { ...withoutSignature(proposal), ...made })];
  }

  /** One block to one half and another to the other, each with every vote that the liar has. */
  #twoBlocks(gateway: Gateway, proposal: Proposal, honest: Outgoing): readonly Outgoing[] {
    const other = this.#falseBlock(gateway, proposal, "omit-readings");
    if (other === null) return [honest];
    const parity = this.#modules.draw.integer(0, 1);
    const isFirst = (place: number) => place % 2 === parity;
    const second = this.#voteFor(gateway, { ...withoutSignature(proposal), ...other });
    const votes = this.votesFor(gateway, { ...proposal, blockHash: other.blockHash });
    return [
      { ...honest, to: isFirst },
      ...[second, ...votes].map((outgoing) => ({ ...outgoing, to: (place: number) => !isFirst(place) })),
    ];
  }

  /** @param gateway that lies @param proposal of a block @returns PREPARE and COMMIT for it, whatever was seen */
  votesFor(
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

  /** A fresh block though the mandate names a prepared one: with ROUND_CHANGEs that name none, else with none shown. */
  #overridingPrepared(gateway: Gateway, round: Round): readonly Outgoing[] {
    const { consensus, ledger, pool, transactions } = gateway.life;
    const { config, keeper } = consensus.instance;
    const all = roundChangesFor(keeper, round);
    const clean = all.filter((vote) => vote.preparedHash === null);
    const isEnough = clean.length >= quorum(config.voters.length);
    const full = buildJustification(isEnough ? clean : all, config.voters);
    const justification = { ...full, prepared: null };
    const { context } = gateway;
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
    if (this.#modules.tells("false-names"))
      return [this.#voteFor(gateway, { ...unsigned, named: everyItem(this.#modules.street.members.length) })];
    if (this.#modules.tells("forget-lock"))
      return [
        this.#voteFor(gateway, { ...unsigned, preparedRound: null, preparedHash: null, prepared: null }),
      ];
    const isForged = this.#modules.tells("forged-certificate");
    if (isForged || this.#modules.tells("thin-certificate")) {
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
    if (!this.#modules.tells("far-round")) return [honest];
    const { candidates } = gateway.life.consensus.instance.config;
    const round = roundOf(message.round + this.#modules.draw.one([1, 3, 1_000_000]));
    const candidate = candidates[round % candidates.length]!;
    return [honest, this.#voteFor(gateway, { ...unsigned, round, candidate })];
  }

  #falseBlock(gateway: Gateway, proposal: Proposal, lie: Lie): FalseBlock | null {
    const { ledger } = gateway.life;
    return falseBlock({
      context: gateway.context,
      state: ledger.state,
      proposal,
      lie,
      draw: this.#modules.draw,
    });
  }

  /** Whoever has no vote any more votes from the place that it had in the genesis. */
  #voteFor(gateway: Gateway, unsigned: UnsignedMessage): Outgoing {
    const { context } = gateway;
    const present = gateway.life.ledger.contextAt(unsigned.height).voters;
    const isVoter = present.voters.some(({ id }) => id === senderOf(unsigned));
    const { chainId, epoch, voters } = isVoter ? present : context.voters;
    const signature = gateway.options.member.sign(signBytesOf(unsigned, chainId, epoch));
    const message: Message = { ...unsigned, signature };
    return {
      said: { channel: "votes", message },
      wire: encodeVoteMessage(message, chainId, voters),
      to: TO_ALL,
    };
  }
}

function withoutSignature<M extends Message>(message: M): Omit<M, "signature"> {
  const { signature: _signature, ...unsigned } = message;
  return unsigned;
}
