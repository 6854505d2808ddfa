/**
 * Seeded random schedules of the agreement core over a toy chain: a network that delays, reorders, duplicates and
 * drops until it heals, gateways that crash for good, and a voter that runs twice under one key.
 * After the heal a stand-in for the sync stream sends again what was sent, and blocks to whoever is behind.
 */
import { fromHex, toHex } from "../../agent/core/bytes.ts";
import {
  candidates,
  type Office,
  officeAfter,
  type Seating,
  type VoterId,
} from "../../agent/core/consensus/candidates.ts";
import {
  type VerifyContext,
  verifyCommitCertificate,
  verifyRoundChangeCertificate,
} from "../../agent/core/consensus/certificate.ts";
import {
  decodeCommitCertificate,
  decodeRoundChangeCertificate,
  encodeCommitCertificate,
  encodeRoundChangeCertificate,
} from "../../agent/core/consensus/certificateCodec.ts";
import {
  type EarlyMessages,
  earlyMessages,
  keepEarly,
  noEarlyMessages,
} from "../../agent/core/consensus/earlyMessages.ts";
import { apply, startInstance } from "../../agent/core/consensus/instance.ts";
import type {
  InstanceInput,
  InstanceOutput,
  InstanceState,
} from "../../agent/core/consensus/instanceState.ts";
import { judgeMandate, type Mandate, mandateFor } from "../../agent/core/consensus/mandate.ts";
import type { Message } from "../../agent/core/consensus/message.ts";
import { decodeMessage, encodeMessage } from "../../agent/core/consensus/messageCodec.ts";
import { maxFaulty } from "../../agent/core/consensus/quorum.ts";
import { roundTimeoutMs } from "../../agent/core/consensus/timing.ts";
import { verifyMessage } from "../../agent/core/consensus/verifyMessage.ts";
import { type Hash, hashOf, ZERO_HASH } from "../../agent/core/hash.ts";
import { type Height, height, type Round, type Term, term } from "../../agent/core/units.ts";
import { signed, verifyContext, voterIds } from "./consensusNodes.ts";

/** What one schedule does. */
export type SimOptions = {
  readonly seed: number;
  readonly voterCount: number;
  /** Heights that every sound gateway must reach. */
  readonly heights: number;
  /** Voters that crash for good, at most f together with the twin. */
  readonly crashes: number;
  /** Whether one voter runs twice under one key, each run talking to a part of the others. */
  readonly hasTwin: boolean;
  /** Share of messages lost before the heal. */
  readonly dropShare: number;
  /** Whether the voters are cut into two halves before the heal. */
  readonly isCut: boolean;
  readonly termMax: number;
};

/** What came of it. */
export type SimResult = {
  /** Empty when every rule held. */
  readonly faults: readonly string[];
  readonly decidedHeights: number;
  readonly highestRound: number;
  readonly recalls: number;
  /** Blocks proposed again after a recall. */
  readonly proposedAgain: number;
  readonly equivocations: number;
  readonly terms: number;
  readonly messages: number;
};

type ToyBlock = {
  readonly parent: Hash;
  readonly dso: VoterId;
  readonly term: Term;
  readonly mandate: Mandate;
};
type Decided = { readonly blockHash: Hash; readonly body: Uint8Array; readonly certificate: Uint8Array };
type Node = {
  readonly id: VoterId;
  readonly run: number;
  readonly isSound: boolean;
  isAlive: boolean;
  state: InstanceState;
  office: Office | null;
  head: Hash;
  early: EarlyMessages;
  sent: Uint8Array[];
  timer: number;
  readonly chain: Decided[];
};
type Event = { readonly atMs: number; readonly order: number; readonly run: () => void };

const INTERVAL_MS = 5_000;
const HEAL_MS = 30_000;
const SYNC_MS = 700;
const LIMIT_MS = 400_000;

/** @param options of the schedule @returns what came of it; the same options give the same result */
export function simulate(options: SimOptions): SimResult {
  return new Simulation(options).run();
}

class Simulation {
  readonly #options: SimOptions;
  readonly #voters: readonly VoterId[];
  readonly #context: VerifyContext;
  readonly #random: () => number;
  readonly #nodes: Node[] = [];
  readonly #faults: string[] = [];
  readonly #decided = new Map<Height, Hash>();
  readonly #votes = new Map<string, string>();
  readonly #roundLeft = new Map<string, number>();
  readonly #terms = new Set<number>();
  #events: Event[] = [];
  #order = 0;
  #nowMs = 0;
  #highestRound = 0;
  #recalls = 0;
  #proposedAgain = 0;
  #equivocations = 0;
  #messages = 0;

  constructor(options: SimOptions) {
    this.#options = options;
    this.#voters = voterIds(options.voterCount);
    this.#context = verifyContext(this.#voters);
    this.#random = seeded(options.seed);
  }

  run(): SimResult {
    this.#populate();
    while (this.#faults.length === 0 && !this.#isDone() && this.#nowMs < LIMIT_MS) {
      const next = this.#events.shift();
      if (next === undefined) break;
      this.#nowMs = next.atMs;
      next.run();
    }
    for (const node of this.#nodes)
      if (node.isSound && node.isAlive && node.chain.length < this.#options.heights)
        this.#faults.push(`stall: ${node.id} at height ${node.chain.length}, round ${node.state.round}`);
    return {
      faults: this.#faults,
      decidedHeights: this.#decided.size,
      highestRound: this.#highestRound,
      recalls: this.#recalls,
      proposedAgain: this.#proposedAgain,
      equivocations: this.#equivocations,
      terms: this.#terms.size,
      messages: this.#messages,
    };
  }

  #populate(): void {
    const { crashes, hasTwin, voterCount } = this.#options;
    if (crashes + (hasTwin ? 1 : 0) > maxFaulty(voterCount)) throw new RangeError("more faults than f");
    const shuffled = this.#voters.toSorted(() => this.#random() - 0.5);
    const twin = hasTwin ? shuffled[0] : undefined;
    const crashing = hasTwin ? shuffled.slice(1, 1 + crashes) : shuffled.slice(0, crashes);
    for (const id of this.#voters) {
      this.#nodes.push(this.#newNode(id, 0, id !== twin));
      if (id === twin) this.#nodes.push(this.#newNode(id, 1, false));
    }
    for (const node of this.#nodes) {
      this.#begin(node);
      if (crashing.includes(node.id))
        this.#at(this.#random() * HEAL_MS, () => {
          node.isAlive = false;
        });
    }
    this.#at(HEAL_MS, () => this.#syncAll());
  }

  #newNode(id: VoterId, run: number, isSound: boolean): Node {
    return {
      id,
      run,
      isSound,
      isAlive: true,
      state: this.#instanceAt(height(1), id, null),
      office: null,
      head: ZERO_HASH,
      early: noEarlyMessages(height(2), this.#voters),
      sent: [],
      timer: 0,
      chain: [],
    };
  }

  #instanceAt(at: Height, self: VoterId, office: Office | null): InstanceState {
    const order = candidates(this.#seating(office));
    return startInstance({ height: at, self, isVoter: true, voters: this.#voters, candidates: order });
  }

  #seating(office: Office | null): Seating {
    const { seed, termMax } = this.#options;
    return {
      voters: this.#voters,
      office,
      termMax,
      ballots: new Map(),
      demoted: new Set(),
      seed: Uint8Array.of(seed & 0xff, (seed >> 8) & 0xff),
    };
  }

  #begin(node: Node): void {
    const at = node.state.config.height;
    if (node.chain.length >= this.#options.heights) return;
    this.#at(this.#nowMs + this.#random() * 300, () => {
      if (node.state.config.height === at) this.#give(node, { kind: "begin" });
    });
  }

  #give(node: Node, input: InstanceInput): void {
    if (!node.isAlive) return;
    const next = apply(node.state, input);
    node.state = next.state;
    this.#highestRound = Math.max(this.#highestRound, node.state.round);
    for (const output of next.outputs) this.#perform(node, output);
  }

  #perform(node: Node, output: InstanceOutput): void {
    switch (output.kind) {
      case "build": {
        const claim = mandateFor(
          this.#seating(node.office),
          output.round,
          output.justification?.roundChanges ?? null,
        );
        const body = this.#bodyOf(node, { parent: node.head, ...claim });
        this.#later(node, { kind: "built", round: output.round, blockHash: hashOf(body), body });
        break;
      }
      case "judge": {
        const { round, blockHash, body, fresh } = output;
        const verdict = this.#judge(node, body, fresh ? round : null) ? "valid" : "invalid";
        this.#later(node, { kind: "judged", round, blockHash, verdict });
        break;
      }
      case "sign-and-send":
        this.#send(node, signed(output.message) as Message);
        break;
      case "set-timer":
        this.#setTimer(node, output.round);
        break;
      case "cancel-timer":
        node.timer += 1;
        break;
      case "decide":
        this.#decide(
          node,
          output.blockHash,
          output.body,
          encodeCommitCertificate(output.certificate, this.#context.voters),
        );
        break;
      case "recall":
        this.#recalls += 1;
        break;
      case "equivocation":
        this.#equivocations += 1;
        break;
      case "need-body":
        this.#fetchBody(node, output.blockHash);
        break;
      case "refused":
        if (!["OUTDATED_VOTE"].includes(output.code) && !this.#options.hasTwin)
          this.#faults.push(`${node.id} refused ${output.code} from ${output.from}`);
        break;
      default:
        output satisfies never;
    }
  }

  #bodyOf(node: Node, block: ToyBlock): Uint8Array {
    const { mandate } = block;
    const proof =
      mandate.kind === "recall"
        ? toHex(encodeRoundChangeCertificate(mandate.certificate, this.#context.voters))
        : "";
    const text = [block.parent, block.dso, block.term, mandate.kind, proof, node.run].join(" ");
    return new TextEncoder().encode(text);
  }

  #parse(body: Uint8Array, at: Height): ToyBlock | undefined {
    const [parent, dso, termText, kind, proof] = new TextDecoder().decode(body).split(" ");
    if (parent === undefined || dso === undefined || kind === undefined) return undefined;
    const claim = { parent: parent as Hash, dso, term: term(Number(termText)) };
    if (kind !== "recall") return { ...claim, mandate: { kind } as Mandate };
    const decoded = decodeRoundChangeCertificate(fromHex(proof ?? ""), at, this.#context.voters);
    if (decoded.kind !== "accept") return undefined;
    if (verifyRoundChangeCertificate(decoded.value, this.#context).kind !== "accept") return undefined;
    return { ...claim, mandate: { kind, certificate: decoded.value } };
  }

  #judge(node: Node, body: Uint8Array, freshRound: Round | null): boolean {
    const at = node.state.config.height;
    const block = this.#parse(body, at);
    if (block === undefined || block.parent !== node.head) return false;
    return judgeMandate(this.#seating(node.office), at, block, freshRound).kind === "accept";
  }

  #send(node: Node, message: Message): void {
    if (node.isSound) this.#checkRules(node, message);
    if (message.kind === "proposal" && message.justification?.prepared) this.#proposedAgain += 1;
    const bytes = encodeMessage(message, this.#context.voters);
    node.sent.push(bytes);
    this.#at(this.#nowMs + 1, () => this.#receive(node, bytes));
    for (const peer of this.#nodes) if (peer.id !== node.id) this.#carry(node, peer, bytes);
  }

  /** S1 and S2 as an onlooker sees them. */
  #checkRules(node: Node, message: Message): void {
    const place = `${node.id}/${message.height}`;
    const slot = `${place}/${message.round}/${message.kind}`;
    const said = message.kind === "round-change" ? message.candidate : message.blockHash;
    if (this.#votes.has(slot)) this.#faults.push(`S1: ${slot} ${this.#votes.get(slot)} and ${said}`);
    this.#votes.set(slot, said);
    const left = this.#roundLeft.get(place) ?? 0;
    if (message.round < left) this.#faults.push(`S2: ${slot} after leaving for ${left}`);
    if (message.kind === "round-change") this.#roundLeft.set(place, message.round);
  }

  #carry(from: Node, to: Node, bytes: Uint8Array): void {
    const isHealed = this.#nowMs >= HEAL_MS;
    const { dropShare, isCut } = this.#options;
    if (!from.isSound && placeIn(this.#voters, to.id) % 2 !== from.run && this.#random() < 0.9) return;
    if (!isHealed && this.#random() < dropShare) return;
    if (!isHealed && isCut && this.#halfOf(from) !== this.#halfOf(to)) return;
    const copies = this.#random() < 0.1 ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const slow = this.#random() < 0.05 ? 2_000 : 80;
      this.#at(this.#nowMs + 1 + this.#random() * slow, () => this.#receive(to, bytes));
    }
  }

  #halfOf(node: Node): number {
    return (placeIn(this.#voters, node.id) + this.#options.seed) % 2;
  }

  #receive(node: Node, bytes: Uint8Array): void {
    if (!node.isAlive) return;
    this.#messages += 1;
    const decoded = decodeMessage(bytes, () => this.#context.voters);
    if (decoded.kind !== "accept") throw new Error(`decode: ${decoded.code}`);
    const verified = verifyMessage(decoded.value, this.#context);
    if (verified.kind !== "accept") throw new Error(`verify: ${verified.code}`);
    const message = verified.value;
    const at = node.state.config.height;
    if (message.height === at) this.#give(node, { kind: "message", message });
    else if (message.height === at + 1) node.early = keepEarly(node.early, message).early;
  }

  #decide(node: Node, blockHash: Hash, body: Uint8Array, certificate: Uint8Array): void {
    const at = node.state.config.height;
    if (node.isSound) {
      const decided = this.#decided.get(at) ?? blockHash;
      if (decided !== blockHash) this.#faults.push(`fork at ${at}: ${decided} and ${blockHash}`);
      this.#decided.set(at, decided);
    }
    const block = this.#parse(body, at);
    if (block === undefined) throw new Error("decided a block that does not parse");
    this.#terms.add(block.term);
    node.chain.push({ blockHash, body, certificate });
    node.office = officeAfter(node.office, block);
    node.head = blockHash;
    node.sent = [];
    node.timer += 1;
    const early = earlyMessages(node.early);
    const next = height(at + 1);
    node.state = this.#instanceAt(next, node.id, node.office);
    node.early = noEarlyMessages(height(at + 2), this.#voters);
    this.#begin(node);
    for (const message of early) this.#at(this.#nowMs, () => this.#receiveEarly(node, next, message));
  }

  #receiveEarly(node: Node, at: Height, message: Message): void {
    if (node.state.config.height === at) this.#give(node, { kind: "message", message });
  }

  #syncAll(): void {
    for (const node of this.#nodes) {
      if (!node.isAlive) continue;
      for (const peer of this.#nodes) {
        if (peer.id === node.id || !peer.isAlive) continue;
        if (peer.chain.length > node.chain.length && peer.isSound) this.#catchUp(node, peer);
        for (const bytes of peer.sent) this.#carry(peer, node, bytes);
      }
    }
    this.#at(this.#nowMs + SYNC_MS, () => this.#syncAll());
  }

  #catchUp(node: Node, peer: Node): void {
    const at = node.state.config.height;
    const missing = peer.chain[at - 1];
    if (missing === undefined) return;
    const decoded = decodeCommitCertificate(missing.certificate, at, this.#context.voters);
    if (decoded.kind !== "accept") throw new Error(`certificate: ${decoded.code}`);
    if (verifyCommitCertificate(decoded.value, this.#context).kind !== "accept")
      throw new Error("bad certificate");
    this.#decide(node, missing.blockHash, missing.body, missing.certificate);
  }

  #fetchBody(node: Node, blockHash: Hash): void {
    for (const peer of this.#nodes) {
      const body = peer.isAlive ? peer.state.bodies.get(blockHash) : undefined;
      if (body !== undefined) {
        this.#later(node, { kind: "body", blockHash, body });
        return;
      }
    }
    this.#at(this.#nowMs + SYNC_MS, () => {
      if (node.state.bodiesWanted.has(blockHash)) this.#fetchBody(node, blockHash);
    });
  }

  #setTimer(node: Node, round: Round): void {
    node.timer += 1;
    const { timer } = node;
    const lastsMs = roundTimeoutMs({ intervalMs: INTERVAL_MS, round, recentProposalDelaysMs: [] });
    this.#at(this.#nowMs + lastsMs, () => {
      if (node.timer === timer) this.#give(node, { kind: "timeout", round });
    });
  }

  #later(node: Node, input: InstanceInput): void {
    const at = node.state.config.height;
    this.#at(this.#nowMs + this.#random() * 20, () => {
      if (node.state.config.height === at) this.#give(node, input);
    });
  }

  #isDone(): boolean {
    return this.#nodes.every(
      (node) => !node.isSound || !node.isAlive || node.chain.length >= this.#options.heights,
    );
  }

  #at(atMs: number, run: () => void): void {
    this.#order += 1;
    const event = { atMs, order: this.#order, run };
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#events[middle];
      if (other !== undefined && other.atMs <= atMs) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, event);
  }
}

function placeIn(voters: readonly VoterId[], voter: VoterId): number {
  return voters.indexOf(voter);
}

/** mulberry32: small, fast, good enough to choose schedules. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
