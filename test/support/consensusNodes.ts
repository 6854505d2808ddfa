/** Voters for tests of the agreement: keyed-hash signatures, and ways to drive instances by hand. */
import { toHex } from "../../agent/core/bytes.ts";
import type { VoterId } from "../../agent/core/consensus/candidates.ts";
import type { VerifyContext } from "../../agent/core/consensus/certificate.ts";
import { apply, startInstance } from "../../agent/core/consensus/instance.ts";
import type {
  InstanceConfig,
  InstanceInput,
  InstanceOutput,
  InstanceState,
} from "../../agent/core/consensus/instanceState.ts";
import { type ItemList, NO_ITEMS } from "../../agent/core/consensus/item.ts";
import {
  type Commit,
  type Justification,
  type Message,
  type Prepare,
  type PreparedCertificate,
  type Proposal,
  type RoundChange,
  signBytesOf,
  type Unsigned,
  type Vote,
} from "../../agent/core/consensus/message.ts";
import { keepOwnVote, type OwnVote } from "../../agent/core/consensus/ownVote.ts";
import { resumeInstance } from "../../agent/core/consensus/resume.ts";
import { type Hash, hashBytes, hashOf } from "../../agent/core/hash.ts";
import { type Height, height, type Round, round } from "../../agent/core/units.ts";

export const CHAIN_ID: Hash = hashOf(new TextEncoder().encode("test microgrid"));
export const EPOCH = 0;
export const HEIGHT_1: Height = height(1);

/** @param count of voters @returns v1 … vN */
export function voterIds(count: number): readonly VoterId[] {
  return Array.from({ length: count }, (_, index) => `v${index + 1}`);
}

/** A key is the voter's name; a signature is a hash of name and message, twice. */
export function fakePublicKey(voter: VoterId): Uint8Array {
  return new TextEncoder().encode(voter);
}

export function fakeSignature(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  const digest = hashBytes(hashOf(new TextEncoder().encode(`${toHex(publicKey)}/${toHex(message)}`)));
  return new Uint8Array([...digest, ...digest]);
}

export function verifyContext(voters: readonly VoterId[]): VerifyContext {
  return {
    voters: voters.map((id) => ({ id, publicKey: fakePublicKey(id) })),
    chainId: CHAIN_ID,
    epoch: EPOCH,
    verify: (publicKey, message, signature) => toHex(fakeSignature(publicKey, message)) === toHex(signature),
  };
}

/** Signs as whoever the vote names. */
export function signed<U extends Unsigned<Message> | Unsigned<Vote>>(vote: U): U & { signature: Uint8Array } {
  const sender = "proposer" in vote ? vote.proposer : vote.voter;
  return { ...vote, signature: fakeSignature(fakePublicKey(sender), signBytesOf(vote, CHAIN_ID, EPOCH)) };
}

/** Some body, and the hash it has. */
export function block(name: string): { readonly blockHash: Hash; readonly body: Uint8Array } {
  const body = new TextEncoder().encode(name);
  return { blockHash: hashOf(body), body };
}

/** One gateway under the test's hand: feeds back what it signs, remembers what it put out. */
export class TestNode {
  state: InstanceState;
  readonly sent: Message[] = [];
  readonly outputs: InstanceOutput[] = [];
  /** Own votes as a journal keeps them. */
  journal: readonly OwnVote[] = [];

  constructor(config: Partial<InstanceConfig> & Pick<InstanceConfig, "self" | "voters">) {
    this.state = startInstance({
      height: HEIGHT_1,
      isVoter: true,
      candidates: config.voters,
      ...config,
    });
  }

  /** Applies an input and everything it signs in answer. @returns the outputs, in order */
  give(input: InstanceInput): readonly InstanceOutput[] {
    const next = apply(this.state, input);
    this.state = next.state;
    const all: InstanceOutput[] = [];
    for (const output of next.outputs) {
      all.push(output);
      this.outputs.push(output);
      if (output.kind !== "sign-and-send") continue;
      const message = signed(output.message) as Message;
      this.sent.push(message);
      this.journal = keepOwnVote(this.journal, { message, basis: output.rest });
      all.push(...this.give({ kind: "message", message }));
    }
    return all;
  }

  /** Forgets all but the journal, and takes the height up again. @returns what its own stored votes led to */
  restart(): readonly InstanceOutput[] {
    const stored = this.journal.map((vote) => vote.message);
    this.state = resumeInstance(this.state.config, this.journal);
    return this.receive(...stored);
  }

  receive(...messages: readonly Message[]): readonly InstanceOutput[] {
    return messages.flatMap((message) => this.give({ kind: "message", message }));
  }

  timeout(atRound: number): readonly InstanceOutput[] {
    return this.give({ kind: "timeout", round: round(atRound) });
  }

  sentOf<K extends Message["kind"]>(kind: K, atRound?: Round | number): Extract<Message, { kind: K }>[] {
    return this.sent.filter(
      (message): message is Extract<Message, { kind: K }> =>
        message.kind === kind && (atRound === undefined || message.round === atRound),
    );
  }
}

/** Short words for outputs, as transition tables write them. */
export function wordsOf(outputs: readonly InstanceOutput[]): readonly string[] {
  return outputs.map((output) => {
    switch (output.kind) {
      case "sign-and-send":
        return `send ${output.message.kind} ${output.message.round}`;
      case "build":
      case "set-timer":
        return `${output.kind} ${output.round}`;
      case "judge":
        return `judge ${output.round} ${output.fresh ? "fresh" : "again"}`;
      case "recall":
        return `recall ${output.fromRound}>${output.toRound} ${output.reason} ${output.candidate}`;
      case "refused":
        return `refused ${output.code} ${output.from}`;
      case "cancel-timer":
      case "decide":
      case "equivocation":
      case "need-body":
        return output.kind;
      default:
        return output satisfies never;
    }
  });
}

/** @returns a signed PREPARE of height 1 */
export function prepareBy(voter: VoterId, atRound: number, blockHash: Hash): Prepare {
  return signed({ kind: "prepare", height: HEIGHT_1, round: round(atRound), blockHash, voter });
}

/** @returns a signed COMMIT of height 1 */
export function commitBy(
  voter: VoterId,
  atRound: number,
  blockHash: Hash,
  held: ItemList = NO_ITEMS,
): Commit {
  return signed({ kind: "commit", height: HEIGHT_1, round: round(atRound), blockHash, held, voter });
}

/** @returns a signed ROUND_CHANGE of height 1 that rests on what it says was prepared */
export function roundChangeBy(
  voter: VoterId,
  atRound: number,
  candidate: VoterId,
  prepared: PreparedCertificate | null = null,
): RoundChange {
  return signed({
    kind: "round-change",
    height: HEIGHT_1,
    round: round(atRound),
    candidate,
    preparedRound: prepared?.round ?? null,
    preparedHash: prepared?.blockHash ?? null,
    named: NO_ITEMS,
    voter,
    prepared,
  });
}

/** @returns a signed PROPOSAL of height 1 */
export function proposalBy(
  proposer: VoterId,
  atRound: number,
  proposed: { readonly blockHash: Hash; readonly body: Uint8Array | null },
  justification: Justification | null = null,
): Proposal {
  const { blockHash, body } = proposed;
  return signed({
    kind: "proposal",
    height: HEIGHT_1,
    round: round(atRound),
    blockHash,
    proposer,
    body,
    justification,
  });
}
