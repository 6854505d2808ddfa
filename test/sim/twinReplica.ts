/** One run of one voter in a Twins scenario: the product's instance, builder and judge, with nothing that takes time. */
import { candidates } from "../../agent/core/consensus/candidates.ts";
import { apply, startInstance } from "../../agent/core/consensus/instance.ts";
import type {
  InstanceInput,
  InstanceOutput,
  InstanceState,
} from "../../agent/core/consensus/instanceState.ts";
import {
  type CommitCertificate,
  type Message,
  senderOf,
  signBytesOf,
} from "../../agent/core/consensus/message.ts";
import type { Hash } from "../../agent/core/hash.ts";
import { encodeBlock } from "../../agent/core/ledger/blocks/block.ts";
import { judgeBlock } from "../../agent/core/ledger/blocks/judgeBlock.ts";
import { genesisState, seatingOf } from "../../agent/core/ledger/state/context.ts";
import { intervalEndMs } from "../../agent/core/metering/interval.ts";
import type { SignedReading } from "../../agent/core/metering/reading.ts";
import { height, type Round, unixMs } from "../../agent/core/units.ts";
import { buildProposal } from "../../agent/services/agreement/dso.ts";
import { readingPool } from "../../agent/services/pools/readingPool.ts";
import { transactionPool } from "../../agent/services/pools/transactionPool.ts";
import { FIRST_INTERVAL, type SimMember, type SimStreet } from "./street.ts";

/** What a replica is made of. */
export type TwinReplicaOptions = {
  readonly street: SimStreet;
  readonly member: SimMember;
  /** A twin holds other readings than the original, so that it builds another block. */
  readonly readings: readonly SignedReading[];
  readonly onSent: (message: Message) => void;
  readonly onDecided: (certificate: CommitCertificate) => void;
};

/** Verdicts by block, round and freshness: judging is pure, and every replica has the same parent. */
export type JudgedBefore = Map<string, "valid" | "invalid">;

/** One replica at height 1. */
export class TwinReplica {
  readonly sent: Message[] = [];
  readonly delivered = new Set<Message>();
  isDecided = false;
  /** Whose contradicting votes it holds. */
  readonly caught = new Set<string>();
  /** A block whose body was asked for. */
  wanted: Hash | null = null;
  readonly #options: TwinReplicaOptions;
  readonly #judgedBefore: JudgedBefore;
  readonly #inputs: InstanceInput[] = [];
  #instance: InstanceState;
  #timer: Round | null = null;

  constructor(options: TwinReplicaOptions, judgedBefore: JudgedBefore) {
    const { context } = options.street;
    const seating = seatingOf(context, genesisState(context));
    this.#options = options;
    this.#judgedBefore = judgedBefore;
    this.#instance = startInstance({
      height: height(1),
      self: options.member.id,
      isVoter: true,
      voters: seating.voters,
      candidates: candidates(seating),
    });
  }

  get id(): string {
    return this.#options.member.id;
  }

  give(input: InstanceInput): void {
    this.#inputs.push(input);
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      const { state, outputs } = apply(this.#instance, next);
      this.#instance = state;
      for (const output of outputs) this.#perform(output);
    }
  }

  /** @param message of another replica @returns false when it was delivered before */
  receive(message: Message): boolean {
    if (this.delivered.has(message)) return false;
    this.delivered.add(message);
    this.give({ kind: "message", message });
    return true;
  }

  /** @param blockHash of a block @returns its body, if it is here */
  bodyOf(blockHash: Hash): Uint8Array | undefined {
    return this.#instance.bodies.get(blockHash);
  }

  /** The running timer, if any, runs out. */
  timeOut(): void {
    if (this.#timer !== null && !this.isDecided) this.give({ kind: "timeout", round: this.#timer });
  }

  #perform(output: InstanceOutput): void {
    switch (output.kind) {
      case "build":
        return this.#build(output);
      case "judge": {
        const { round, blockHash, body, fresh } = output;
        const verdict = this.#verdict(blockHash, body, fresh ? round : null);
        this.#inputs.push({ kind: "judged", round, blockHash, verdict });
        return;
      }
      case "sign-and-send":
        return this.#send(output);
      case "set-timer":
        this.#timer = output.round;
        return;
      case "cancel-timer":
        this.#timer = null;
        return;
      case "decide":
        this.isDecided = true;
        this.#options.onDecided(output.certificate);
        return;
      case "equivocation":
        this.caught.add(senderOf(output.first));
        return;
      case "need-body":
        this.wanted = output.blockHash;
        return;
      case "recall":
      case "refused":
        return;
      default:
        output satisfies never;
    }
  }

  #build({ round, justification }: Extract<InstanceOutput, { kind: "build" }>): void {
    const { context } = this.#options.street;
    const pool = readingPool(() => 0);
    for (const reading of this.#options.readings) pool.add(reading);
    const state = genesisState(context);
    const nowMs = unixMs(intervalEndMs(FIRST_INTERVAL, context.genesis.intervalMs));
    const built = buildProposal({
      context,
      state,
      headCertificate: null,
      pool,
      transactions: transactionPool(context, () => 0),
      round,
      justification,
      nowMs,
    });
    this.#inputs.push({ kind: "built", round, blockHash: built.state.head, body: encodeBlock(built.block) });
  }

  #verdict(blockHash: string, body: Uint8Array, freshRound: Round | null): "valid" | "invalid" {
    const key = `${blockHash}/${freshRound}`;
    const before = this.#judgedBefore.get(key);
    if (before !== undefined) return before;
    const { context } = this.#options.street;
    const judged = judgeBlock(context, genesisState(context), body, freshRound);
    const verdict = judged.kind === "accept" ? "valid" : "invalid";
    this.#judgedBefore.set(key, verdict);
    return verdict;
  }

  #send({ message: unsigned }: Extract<InstanceOutput, { kind: "sign-and-send" }>): void {
    const { street, member, onSent } = this.#options;
    const { chainId, epoch } = street.context.voters;
    const message: Message = { ...unsigned, signature: member.sign(signBytesOf(unsigned, chainId, epoch)) };
    onSent(message);
    this.sent.push(message);
    this.#inputs.push({ kind: "message", message });
  }
}
