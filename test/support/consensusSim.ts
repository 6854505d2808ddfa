/**
 * Seeded random schedules of the agreement core over a toy chain: a network that delays, reorders, duplicates and
 * drops until it heals, gateways that crash for good, and a voter that runs twice under one key.
 * After the heal a stand-in for the sync stream sends again what was sent, and blocks to whoever is behind.
 */
import {
  type Office,
  officeAfter,
  type Seating,
  type VoterId,
} from "../../agent/core/consensus/candidates.ts";
import { type VerifyContext, verifyCommitCertificate } from "../../agent/core/consensus/certificate.ts";
import {
  decodeCommitCertificate,
  encodeCommitCertificate,
} from "../../agent/core/consensus/certificateCodec.ts";
import { earlyMessages, keepEarly, noEarlyMessages } from "../../agent/core/consensus/earlyMessages.ts";
import { apply } from "../../agent/core/consensus/instance.ts";
import type { InstanceInput, InstanceOutput } from "../../agent/core/consensus/instanceState.ts";
import { mandateFor } from "../../agent/core/consensus/mandate.ts";
import type { Justification, Message } from "../../agent/core/consensus/message.ts";
import { decodeMessage, encodeMessage } from "../../agent/core/consensus/messageCodec.ts";
import { type CommitBasis, keepOwnVote } from "../../agent/core/consensus/ownVote.ts";
import { maxFaulty } from "../../agent/core/consensus/quorum.ts";
import { roundTimeoutMs } from "../../agent/core/consensus/timing.ts";
import { verifyMessage } from "../../agent/core/consensus/verifyMessage.ts";
import { type Hash, hashOf } from "../../agent/core/hash.ts";
import { height, type Round } from "../../agent/core/units.ts";
import { signed, verifyContext, voterIds } from "./consensusNodes.ts";
import { RuleWatch } from "./ruleWatch.ts";
import { beginNextLife, type Decided, instanceAt, newSimNode, type SimNode } from "./simNode.ts";
import type { SimOptions, SimResult } from "./simOptions.ts";
import { SimSchedule, seeded, shuffle } from "./simSchedule.ts";
import { encodeToyBlock, isRightBlock, parseToyBlock, toySeating } from "./toyChain.ts";

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
  readonly #schedule = new SimSchedule();
  readonly #watch = new RuleWatch();
  readonly #nodes: SimNode[] = [];
  readonly #terms = new Set<number>();
  readonly #seen = { highestRound: 0, recalls: 0, proposedAgain: 0, equivocations: 0, messages: 0 };

  constructor(options: SimOptions) {
    this.#options = options;
    this.#voters = voterIds(options.voterCount);
    this.#context = verifyContext(this.#voters);
    this.#random = seeded(options.seed);
  }

  run(): SimResult {
    const { faults } = this.#watch;
    this.#populate();
    while (faults.length === 0 && this.#behind().length > 0 && this.#schedule.nowMs < LIMIT_MS)
      if (!this.#schedule.step()) break;
    for (const node of this.#behind())
      faults.push(`stall: ${node.id} at height ${node.chain.length}, round ${node.state.round}`);
    return { faults, decidedHeights: this.#watch.decidedHeights, terms: this.#terms.size, ...this.#seen };
  }

  #populate(): void {
    const { crashes, hasTwin, voterCount } = this.#options;
    if (crashes + (hasTwin ? 1 : 0) > maxFaulty(voterCount)) throw new RangeError("more faults than f");
    const shuffled = shuffle(this.#voters, this.#random);
    const twin = hasTwin ? shuffled[0] : undefined;
    const crashing = shuffled.slice(1, 1 + crashes);
    for (const id of this.#voters) {
      this.#nodes.push(newSimNode(id, 0, id !== twin, this.#seating(null)));
      if (id === twin) this.#nodes.push(newSimNode(id, 1, false, this.#seating(null)));
    }
    for (const node of this.#nodes) {
      this.#begin(node);
      this.#planRestarts(node);
      if (!crashing.includes(node.id)) continue;
      this.#schedule.after(this.#random() * HEAL_MS, () => {
        node.isAlive = false;
      });
    }
    this.#schedule.after(HEAL_MS, () => this.#syncAll());
  }

  #seating(office: Office | null): Seating {
    return toySeating(this.#voters, office, this.#options.termMax, this.#options.seed);
  }

  #begin(node: SimNode): void {
    if (node.chain.length < this.#options.heights) this.#later(node, 300, { kind: "begin" });
  }

  /** Every other restart comes at a vote: it is in the journal, and nobody has seen it. */
  #planRestarts(node: SimNode): void {
    for (let count = 0; node.isSound && count < (this.#options.restarts ?? 0); count += 1)
      this.#schedule.after(this.#random() * HEAL_MS * 1.2, () => {
        if (count % 2 === 1) node.isDueAtVote = true;
        else this.#restart(node);
      });
  }

  #restart(node: SimNode): void {
    const { config } = node.state;
    const { forgetsVotes = false } = this.#options;
    const stored = node.journal.filter(({ message }) => !forgetsVotes && message.height === config.height);
    beginNextLife(node, stored);
    node.sent = stored.map(({ message }) => encodeMessage(message, this.#context.voters));
    for (const { message } of stored) this.#give(node, { kind: "message", message });
    if (node.state.config === config) this.#begin(node);
  }

  #give(node: SimNode, input: InstanceInput): void {
    if (!node.isAlive) return;
    const next = apply(node.state, input);
    node.state = next.state;
    this.#seen.highestRound = Math.max(this.#seen.highestRound, node.state.round);
    const { life } = node;
    for (const output of next.outputs) if (node.life === life) this.#perform(node, output);
  }

  #perform(node: SimNode, output: InstanceOutput): void {
    switch (output.kind) {
      case "build":
        this.#build(node, output.round, output.justification);
        break;
      case "judge": {
        const { round, blockHash, body, fresh } = output;
        const at = { height: node.state.config.height, head: node.head, seating: this.#seating(node.office) };
        const verdict = isRightBlock(body, at, fresh ? round : null, this.#context) ? "valid" : "invalid";
        this.#later(node, 20, { kind: "judged", round, blockHash, verdict });
        break;
      }
      case "sign-and-send":
        this.#send(node, signed(output.message) as Message, output.rest);
        break;
      case "set-timer":
        this.#setTimer(node, output.round);
        break;
      case "cancel-timer":
        node.timer += 1;
        break;
      case "decide": {
        const certificate = encodeCommitCertificate(output.certificate, this.#context.voters);
        this.#decide(node, { blockHash: output.blockHash, body: output.body, certificate });
        break;
      }
      case "recall":
        this.#seen.recalls += 1;
        break;
      case "equivocation":
        this.#seen.equivocations += 1;
        break;
      case "need-body":
        this.#fetchBody(node, output.blockHash);
        break;
      case "refused":
        if (!this.#options.hasTwin && output.code !== "OUTDATED_VOTE")
          this.#watch.faults.push(`${node.id} refused ${output.code} from ${output.from}`);
        break;
      default:
        output satisfies never;
    }
  }

  #build(node: SimNode, round: Round, justification: Justification | null): void {
    const claim = mandateFor(this.#seating(node.office), round, justification?.roundChanges ?? null);
    const body = encodeToyBlock({ parent: node.head, ...claim }, node.run, this.#context);
    this.#later(node, 20, { kind: "built", round, blockHash: hashOf(body), body });
  }

  #send(node: SimNode, message: Message, basis: CommitBasis | null): void {
    node.journal = keepOwnVote(node.journal, { message, basis });
    if (node.isSound) this.#watch.sawVote(node.id, message);
    if (message.kind === "proposal" && message.justification?.prepared) this.#seen.proposedAgain += 1;
    if (node.isDueAtVote) return this.#restart(node);
    const bytes = encodeMessage(message, this.#context.voters);
    node.sent.push(bytes);
    this.#schedule.after(1, () => this.#receive(node, bytes));
    for (const peer of this.#nodes) if (peer.id !== node.id) this.#carry(node, peer, bytes);
  }

  #carry(from: SimNode, to: SimNode, bytes: Uint8Array): void {
    const isHealed = this.#schedule.nowMs >= HEAL_MS;
    const { dropShare, isCut, seed } = this.#options;
    const half = (node: SimNode): number => (this.#voters.indexOf(node.id) + seed) % 2;
    if (!from.isSound && this.#voters.indexOf(to.id) % 2 !== from.run && this.#random() < 0.9) return;
    if (!isHealed && this.#random() < dropShare) return;
    if (!isHealed && isCut && half(from) !== half(to)) return;
    const copies = this.#random() < 0.1 ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const slowMs = this.#random() < 0.05 ? 2_000 : 80;
      this.#schedule.after(1 + this.#random() * slowMs, () => this.#receive(to, bytes));
    }
  }

  #receive(node: SimNode, bytes: Uint8Array): void {
    if (!node.isAlive) return;
    this.#seen.messages += 1;
    const decoded = decodeMessage(bytes, () => this.#context.voters);
    if (decoded.kind !== "accept") throw new Error(`decode: ${decoded.code}`);
    const verified = verifyMessage(decoded.value, this.#context);
    if (verified.kind !== "accept") throw new Error(`verify: ${verified.code}`);
    const message = verified.value;
    const at = node.state.config.height;
    if (message.height === at) this.#give(node, { kind: "message", message });
    else if (message.height === at + 1) node.early = keepEarly(node.early, message).early;
  }

  #decide(node: SimNode, decided: Decided): void {
    const at = node.state.config.height;
    if (node.isSound) this.#watch.sawDecision(at, decided.blockHash);
    const block = parseToyBlock(decided.body, at, this.#context);
    if (block === undefined) throw new Error("decided a block that does not parse");
    this.#terms.add(block.term);
    const early = earlyMessages(node.early);
    node.chain.push(decided);
    node.office = officeAfter(node.office, block);
    node.head = decided.blockHash;
    node.sent = [];
    node.timer += 1;
    node.state = instanceAt(height(at + 1), node.id, this.#seating(node.office));
    node.early = noEarlyMessages(height(at + 2), this.#voters);
    this.#begin(node);
    for (const message of early) this.#later(node, 0, { kind: "message", message });
  }

  /** Stands in for the sync stream: sends again, and brings who is behind one block further. */
  #syncAll(): void {
    for (const node of this.#nodes) {
      for (const peer of this.#nodes) {
        if (peer.id === node.id || !peer.isAlive || !node.isAlive) continue;
        const missing = peer.chain[node.state.config.height - 1];
        if (missing !== undefined && peer.isSound) this.#catchUp(node, missing);
        for (const bytes of peer.sent) this.#carry(peer, node, bytes);
      }
    }
    this.#schedule.after(SYNC_MS, () => this.#syncAll());
  }

  #catchUp(node: SimNode, missing: Decided): void {
    const decoded = decodeCommitCertificate(
      missing.certificate,
      node.state.config.height,
      this.#context.voters,
    );
    if (decoded.kind !== "accept") throw new Error(`certificate: ${decoded.code}`);
    if (verifyCommitCertificate(decoded.value, this.#context).kind !== "accept")
      throw new Error("bad certificate");
    this.#decide(node, missing);
  }

  #fetchBody(node: SimNode, blockHash: Hash): void {
    const bodies = this.#nodes.flatMap((peer) =>
      peer.isAlive ? (peer.state.bodies.get(blockHash) ?? []) : [],
    );
    const [body] = bodies;
    if (body !== undefined) this.#later(node, 20, { kind: "body", blockHash, body });
    else
      this.#schedule.after(SYNC_MS, () => {
        if (node.state.bodiesWanted.has(blockHash)) this.#fetchBody(node, blockHash);
      });
  }

  #setTimer(node: SimNode, round: Round): void {
    node.timer += 1;
    const { timer } = node;
    const lastsMs = roundTimeoutMs({ intervalMs: INTERVAL_MS, round, recentProposalDelaysMs: [] });
    this.#schedule.after(lastsMs, () => {
      if (node.timer === timer) this.#give(node, { kind: "timeout", round });
    });
  }

  /** Gives an input within a time, unless the height is over by then. */
  #later(node: SimNode, withinMs: number, input: InstanceInput): void {
    const { life } = node;
    const at = node.state.config.height;
    this.#schedule.after(this.#random() * withinMs, () => {
      if (node.life === life && node.state.config.height === at) this.#give(node, input);
    });
  }

  #behind(): readonly SimNode[] {
    return this.#nodes.filter(
      (node) => node.isSound && node.isAlive && node.chain.length < this.#options.heights,
    );
  }
}
