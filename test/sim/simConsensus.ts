/**
 * The agreement of a simulated gateway: performs what the product's core answers, in the order the product's service
 * does, but without promises. Only the disk takes time; what a power cut finds unfinished never happens.
 */
import { encodeCommitCertificate } from "../../agent/core/consensus/certificateCodec.ts";
import { apply } from "../../agent/core/consensus/instance.ts";
import type {
  InstanceInput,
  InstanceOutput,
  InstanceState,
} from "../../agent/core/consensus/instanceState.ts";
import { type CommitCertificate, type Message, signBytesOf } from "../../agent/core/consensus/message.ts";
import { judgeOwnVote, keepOwnVote, type OwnVote } from "../../agent/core/consensus/ownVote.ts";
import { roundTimeoutMs } from "../../agent/core/consensus/timing.ts";
import { encodeBlock } from "../../agent/core/ledger/blocks/block.ts";
import { type ChainEntry, verifyNext } from "../../agent/core/ledger/chain/chain.ts";
import type { LedgerContext } from "../../agent/core/ledger/state/context.ts";
import type { LedgerState } from "../../agent/core/ledger/state/state.ts";
import { type Height, height as heightOf, type Round } from "../../agent/core/units.ts";
import { encodeVoteMessage } from "../../agent/core/wire.ts";
import type { Clock } from "../../agent/ports/clock.ts";
import type { Logger } from "../../agent/ports/logger.ts";
import { cutOffMs } from "../../agent/services/agreement/dso.ts";
import { type EarlyVotes, earlyVotes } from "../../agent/services/agreement/earlyVotes.ts";
import { namedNow } from "../../agent/services/agreement/namedNow.ts";
import { Proposals } from "../../agent/services/agreement/proposals.ts";
import { type RoundClock, roundClock } from "../../agent/services/agreement/roundClock.ts";
import type { RoundTrips } from "../../agent/services/agreement/roundTrips.ts";
import type { Refusals } from "../../agent/services/base/refusals.ts";
import { type TimerSlots, timerSlots } from "../../agent/services/base/timerSlots.ts";
import type { LedgerService } from "../../agent/services/ledger/ledger.ts";
import type { ReadingPool } from "../../agent/services/pools/readingPool.ts";
import type { TransactionPool } from "../../agent/services/pools/transactionPool.ts";
import type { GatewayDisk } from "./gatewayDisk.ts";
import { ownVotesAt, resumedInstance } from "./simInstance.ts";
import type { SimLedger } from "./simLedger.ts";
import type { SimMember } from "./street.ts";

/** What the agreement is made of; the clock's callbacks fall silent when the gateway dies. */
export type SimConsensusModules = {
  readonly context: LedgerContext;
  readonly member: SimMember;
  readonly isVoter: boolean;
  /** Own votes of the height in progress, as the journal holds them. */
  readonly kept: readonly OwnVote[];
  readonly disk: GatewayDisk;
  readonly ledger: SimLedger;
  readonly pool: ReadingPool;
  readonly transactions: TransactionPool;
  readonly clock: Clock;
  readonly fsyncMs: number;
  /** Hears of a vote when it is durable and about to be published. */
  readonly publish: (message: Message, wire: Uint8Array) => void;
  /** Hears of a vote that its own journal forbids: a fault of the core. */
  readonly onRefused: (what: string) => void;
  /** Hears of a block that is durable and visible, before the next height begins. */
  readonly onCommit: (state: LedgerState) => void;
  readonly onDecision: (certificate: CommitCertificate, entry: ChainEntry) => void;
  /** Hears of a block that came with its certificate. */
  readonly onAdopted: (entry: ChainEntry) => void;
  /** Hears of each output, and of the instance before the input that gave it. */
  readonly onOutput: (output: InstanceOutput, before: InstanceState) => void;
  /** Hears of each input when it has been applied, of its outputs, and of the instance after it. */
  readonly onApplied: (
    input: InstanceInput,
    outputs: readonly InstanceOutput[],
    instance: InstanceState,
  ) => void;
  /** Hears how long a round is given. */
  readonly onTimer: (timeoutMs: number) => void;
  readonly roundTrips: RoundTrips;
  /** Hears that an item is lacking which others say they hold. */
  readonly onMissing: () => void;
};

type Output<Kind extends InstanceOutput["kind"]> = Extract<InstanceOutput, { kind: Kind }>;

const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const UNCOUNTED: Refusals = { note: () => {}, counts: () => [] };

/** Runs one instance of the core after another. */
export class SimConsensus {
  readonly #modules: SimConsensusModules;
  readonly #tasks: { readonly height: Height; readonly input: InstanceInput }[] = [];
  readonly #roundClock: RoundClock;
  #outputs: InstanceOutput[] = [];
  #before: InstanceState;
  #isWriting = false;
  #isRunning = false;
  readonly #timers: TimerSlots<"held">;
  readonly #proposals: Proposals;
  readonly #early: EarlyVotes;
  #cancelBegin = () => {};
  #cancelTimer = () => {};
  #kept: readonly OwnVote[];
  #isVoter: boolean;
  instance: InstanceState;

  constructor(modules: SimConsensusModules) {
    this.#modules = modules;
    this.#kept = modules.kept;
    this.#isVoter = modules.isVoter;
    this.#roundClock = roundClock(modules.clock);
    this.#timers = timerSlots(modules.clock);
    this.#proposals = this.#newProposals();
    this.instance = resumedInstance(modules, modules.kept);
    this.#before = this.instance;
    const { height } = this.instance.config;
    this.#early = earlyVotes(height, this.#votersAbove(height), UNCOUNTED);
  }

  /** Own votes that are durable. */
  get kept(): readonly OwnVote[] {
    return this.#kept;
  }

  /** The vote is back: the height in progress begins anew, with it. */
  regainVote(): void {
    this.#isVoter = true;
    // A block that is being written begins the next height anyway.
    if (!this.#isWriting) this.#startHeight();
  }

  /** Begins with the height after the ledger's head, where the own votes left it. */
  start(): void {
    this.#startHeight();
  }

  /** @param message verified */
  receive(message: Message): void {
    const { height } = this.instance.config;
    this.#proposals.arrived(message);
    if (message.height === height) this.give({ kind: "message", message });
    else if (message.kind === "commit" && message.height === height - 1) this.#proposals.lateCommit(message);
    else if (message.height === height + 1) this.#early.keep(message);
  }

  /** @param input for the running height */
  give(input: InstanceInput): void {
    this.#tasks.push({ height: this.instance.config.height, input });
    this.#run();
  }

  /** Takes a decided block from a peer: verified, durable, then the next height. */
  catchUp(entry: ChainEntry): void {
    const { context, ledger } = this.#modules;
    if (this.#isWriting || entry.height !== ledger.state.height + 1) return;
    const verified = verifyNext(context, ledger.state, entry);
    if (verified.kind !== "accept") return;
    this.#modules.onAdopted(entry);
    this.#commit(entry, verified.value.state);
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#runTasks();
    this.#isRunning = false;
  }

  #runTasks(): void {
    while (!this.#isWriting) {
      const output = this.#outputs.shift();
      if (output !== undefined) {
        this.#perform(output);
        continue;
      }
      const task = this.#tasks.shift();
      if (task === undefined) return;
      if (task.height !== this.instance.config.height) {
        if (task.input.kind === "message") this.receive(task.input.message);
        continue;
      }
      this.#before = this.instance;
      const { state, outputs } = apply(this.instance, task.input);
      this.instance = state;
      this.#outputs = [...outputs];
      if (state.round !== this.#before.round) this.#roundClock.restart();
      this.#modules.onApplied(task.input, outputs, state);
    }
  }

  #perform(output: InstanceOutput): void {
    this.#modules.onOutput(output, this.#before);
    switch (output.kind) {
      case "build":
        return this.#proposals.build(output);
      case "judge":
        this.#noteDelay();
        return this.#proposals.judge(output);
      case "sign-and-send":
        return this.#signAndSend(output);
      case "set-timer":
        return this.#setTimer(output.round);
      case "cancel-timer":
        return this.#cancelTimer();
      case "decide":
        return this.#decide(output);
      case "recall":
      case "equivocation":
      case "need-body":
      case "refused":
        return;
      default:
        output satisfies never;
    }
  }

  /** Signed, durable, and only then published; what was signed before goes out again as it was. */
  #signAndSend({ message: unsigned, rest }: Output<"sign-and-send">): void {
    const { context, member, disk, onRefused } = this.#modules;
    const answer = judgeOwnVote(this.#kept, unsigned, rest);
    if (answer.kind === "refused")
      return onRefused(`${answer.code}: ${unsigned.kind} ${unsigned.height}/${unsigned.round}`);
    if (answer.kind === "stored") return this.#publish(answer.vote.message);
    const { chainId, epoch } = context.voters;
    const message: Message = { ...unsigned, signature: member.sign(signBytesOf(unsigned, chainId, epoch)) };
    const vote = { message, basis: rest };
    if (!disk.takes(vote))
      return onRefused(`by its journal: ${message.kind} ${message.height}/${message.round}`);
    disk.votes.append(vote);
    this.#whenDurable(() => {
      disk.votes.sync();
      this.#kept = keepOwnVote(this.#kept, vote);
      this.#publish(message);
    });
  }

  #publish(message: Message): void {
    const { chainId, voters } = this.#modules.ledger.contextAt(message.height).voters;
    this.#modules.publish(message, encodeVoteMessage(message, chainId, voters));
    this.#tasks.push({ height: message.height, input: { kind: "message", message } });
  }

  #decide({ body, certificate }: Output<"decide">): void {
    const judged = this.#proposals.decided(certificate, body);
    const { height, blockHash } = certificate;
    const { voters } = this.#modules.ledger.contextAt(height).voters;
    const encoded = encodeCommitCertificate(certificate, voters);
    const entry = { height, blockHash, block: encodeBlock(judged.block), certificate: encoded };
    this.#modules.onDecision(certificate, entry);
    this.#commit(entry, judged.state);
  }

  #commit(entry: ChainEntry, state: LedgerState): void {
    const { ledger, disk, transactions, onCommit } = this.#modules;
    ledger.write(entry);
    this.#whenDurable(() => {
      ledger.commit(entry, state);
      disk.forgetVotesBelow(entry.height);
      transactions.forgetSettled(state);
      onCommit(state);
      this.#startHeight();
    });
  }

  #whenDurable(then: () => void): void {
    this.#isWriting = true;
    this.#modules.clock.after(this.#modules.fsyncMs, () => {
      this.#isWriting = false;
      then();
      this.#run();
    });
  }

  #setTimer(round: Round): void {
    const { context, clock } = this.#modules;
    const { intervalMs } = context.genesis;
    const timeoutMs = roundTimeoutMs({
      intervalMs,
      round,
      recentProposalDelaysMs: this.#roundClock.delaysMs(),
    });
    this.#modules.onTimer(timeoutMs);
    const { height } = this.instance.config;
    this.#cancelTimer();
    this.#cancelTimer = clock.after(timeoutMs, () => {
      this.#tasks.push({ height, input: { kind: "timeout", round } });
      this.#run();
    });
  }

  #startHeight(): void {
    const { ledger, context, clock } = this.#modules;
    for (const cancel of [this.#cancelBegin, this.#cancelTimer]) cancel();
    this.#timers.cancelAll();
    this.#proposals.startHeight();
    this.instance = resumedInstance({ ...this.#modules, isVoter: this.#isVoter }, this.#kept);
    this.#outputs = [];
    const { height } = this.instance.config;
    const waiting = this.#early.begin(height, this.#votersAbove(height));
    this.#roundClock.restart();
    const own = ownVotesAt(height, this.#kept).map(({ message }) => message);
    for (const message of [...own, ...waiting])
      this.#tasks.push({ height, input: { kind: "message", message } });
    const delayMs = Math.max(0, cutOffMs(context, ledger.state) - clock.nowMs());
    this.#cancelBegin = clock.after(delayMs, () => {
      this.#roundClock.restart();
      this.#tasks.push({ height, input: { kind: "begin", named: namedNow(this.#modules) } });
      this.#run();
    });
    this.#run();
  }

  #votersAbove(height: Height): readonly string[] {
    return this.#modules.ledger.contextAt(heightOf(height + 1)).voters.voters.map(({ id }) => id);
  }

  #newProposals(): Proposals {
    const { ledger, member } = this.#modules;
    return new Proposals({
      ...this.#modules,
      self: member.id,
      ledger: ledger as unknown as LedgerService,
      refusals: UNCOUNTED,
      logger: SILENT,
      timers: this.#timers,
      instance: () => this.instance,
      answer: (height, input) => {
        this.#tasks.push({ height, input });
        this.#run();
      },
    });
  }

  /** A proposal in round 0 tells how long proposals take. */
  #noteDelay(): void {
    if (this.instance.round === 0 && this.instance.hasBegun) this.#roundClock.noteProposal();
  }
}
