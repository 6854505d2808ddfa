/**
 * The agreement of a running gateway: feeds the pure core one input at a time and performs what it answers.
 * S5 lives here: the instance of a height starts only after the block before it is committed durably. It starts from
 * the own votes of that height, so that a restart goes on where the last life ended.
 */
import type { VoterId } from "../../core/consensus/candidates.ts";
import { apply, withoutVote } from "../../core/consensus/instance.ts";
import type { InstanceInput, InstanceOutput, InstanceState } from "../../core/consensus/instanceState.ts";
import type { Commit, Message, Vote } from "../../core/consensus/message.ts";
import { roundTimeoutMs } from "../../core/consensus/timing.ts";
import type { Hash } from "../../core/hash.ts";
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import type { MemberId } from "../../core/membership/address.ts";
import {
  type Height,
  height as heightOf,
  type Round,
  round as roundOf,
  type UnixMs,
} from "../../core/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Refusals } from "../base/refusals.ts";
import { type TimerSlots, timerSlots } from "../base/timerSlots.ts";
import { type WorkQueue, workQueue } from "../base/workQueue.ts";
import type { LedgerService } from "../ledger/ledger.ts";
import type { ReadingPool } from "../pools/readingPool.ts";
import type { TransactionPool } from "../pools/transactionPool.ts";
import type { OwnVotes } from "../voting/ownVotes.ts";
import { reportAgreement } from "./agreementReport.ts";
import { cutOffMs } from "./dso.ts";
import { type EarlyVotes, earlyVotes } from "./earlyVotes.ts";
import { namedNow } from "./namedNow.ts";
import { nextInstance } from "./nextInstance.ts";
import { Proposals } from "./proposals.ts";
import { type RoundClock, roundClock } from "./roundClock.ts";
import type { RoundTrips } from "./roundTrips.ts";

/** Settings of the agreement. */
export type ConsensusOptions = {
  readonly self: MemberId;
  /** False for an observer: it follows and decides, but never votes or proposes. */
  readonly isVoter: boolean;
};

/** What the agreement is made of. */
export type ConsensusModules = {
  readonly context: LedgerContext;
  readonly ledger: LedgerService;
  readonly pool: ReadingPool;
  readonly transactions: TransactionPool;
  readonly clock: Clock;
  readonly roundTrips: RoundTrips;
  readonly ownVotes: OwnVotes;
  /** Hands a signed message to the other gateways; failing to is theirs to make up for, not ours to wait on. */
  readonly publish: (message: Message) => void;
  readonly logger: Logger;
  readonly refusals: Refusals;
  /** Told that messages may have been lost: a body that a quorum stands behind is not here, or a round was left. */
  readonly onMissing: () => void;
  /** Hears of two different votes of one voter for one place. */
  readonly onEquivocation: (first: Vote, second: Vote) => void;
  /** Ends the agent: what happened must not be voted past. */
  readonly onFault: (error: unknown) => void;
};

/** Inputs waiting for the core; verified messages are few, so more is a flood by a roster key. */
const MAX_INPUTS = 20_000;
/** How long round 0 is put off while more fetched blocks are on their way. */
const CATCH_UP_PAUSE_MS = 2_000;

/** An input of the core for its height, a height begun anew, or work on the ledger; that tells whether more will follow. */
type Work =
  | { readonly height: Height; readonly input: InstanceInput }
  | { readonly resume: true }
  | { readonly adopt: () => Promise<boolean> };
type Output<Kind extends InstanceOutput["kind"]> = Extract<InstanceOutput, { kind: Kind }>;

/** Runs one instance of the core after another. */
export class ConsensusService {
  readonly #options: ConsensusOptions;
  readonly #modules: ConsensusModules;
  readonly #queue: WorkQueue<Work>;
  readonly #roundClock: RoundClock;
  readonly #timers: TimerSlots<"begin" | "round" | "held">;
  readonly #proposals: Proposals;
  #instance: InstanceState;
  readonly #early: EarlyVotes;
  #isVoter: boolean;
  #isStopped = false;

  constructor(options: ConsensusOptions, modules: ConsensusModules) {
    this.#options = options;
    this.#modules = modules;
    this.#isVoter = options.isVoter;
    this.#roundClock = roundClock(modules.clock);
    this.#timers = timerSlots(modules.clock);
    this.#proposals = new Proposals({
      ...modules,
      self: options.self,
      timers: this.#timers,
      instance: () => this.#instance,
      answer: (height, input) => this.#enqueue(height, input),
    });
    this.#instance = this.#newInstance();
    const { height } = this.#instance.config;
    this.#early = earlyVotes(height, this.#votersAbove(height), modules.refusals);
    this.#queue = workQueue(
      (work) => this.#work(work),
      (error) => {
        this.stop();
        modules.onFault(error);
      },
    );
  }

  /** Begins with the height after the ledger's head. */
  start(): void {
    this.#startHeight();
  }

  /** Stops every timer; what is being performed finishes, nothing follows. */
  stop(): void {
    this.#isStopped = true;
    this.#queue.stop();
    this.#timers.cancelAll();
  }

  /** @param isVoter false: follows and decides, sends nothing more; true: goes on where the own votes end, as at a start */
  setVoting(isVoter: boolean): void {
    this.#isVoter = isVoter;
    if (isVoter) return this.#queue.push({ resume: true });
    this.#instance = withoutVote(this.#instance);
    this.#timers.cancel("round");
  }

  /** @returns the height and round in progress, and since when each */
  progress(): { height: Height; round: Round; sinceMs: UnixMs; heightSinceMs: UnixMs } {
    const { config, round } = this.#instance;
    const [sinceMs, heightSinceMs] = [this.#roundClock.sinceMs(), this.#roundClock.heightSinceMs()];
    return { height: config.height, round, sinceMs, heightSinceMs };
  }

  /** The height in progress as the core holds it; never changed. */
  get instance(): InstanceState {
    return this.#instance;
  }

  /** @returns who says to hold an item that this gateway's proposal owes and lacks; nobody while none is lacking */
  holdersOfLacked(): ReadonlySet<VoterId> {
    return this.#proposals.holdersOfLacked();
  }

  /** @param blockHash that the core asked for @param body that hashes to it */
  giveBody(blockHash: Hash, body: Uint8Array): void {
    this.#enqueue(this.#instance.config.height, { kind: "body", blockHash, body });
  }

  /** @param adopt commits fetched blocks while no input is performed; afterwards the height above the head begins */
  adopt(adopt: () => Promise<boolean>): void {
    this.#queue.push({ adopt });
  }

  /** @param message verified, of the height in progress or the next one, or a COMMIT of the one below */
  receive(message: Message): void {
    const { height } = this.#instance.config;
    this.#proposals.arrived(message);
    if (message.height === height) return this.#takeVote(height, message);
    if (isCommitOf(message, height - 1)) return this.#proposals.lateCommit(message);
    if (message.height !== height + 1) return this.#modules.refusals.note("VOTE_OTHER_HEIGHT", "vote");
    this.#early.keep(message);
  }

  #takeVote(height: Height, message: Message): void {
    if (this.#queue.waiting() >= MAX_INPUTS) return this.#modules.refusals.note("VOTES_FLOODED", "vote");
    this.#enqueue(height, { kind: "message", message });
  }

  #enqueue(height: Height, input: InstanceInput): void {
    this.#queue.push({ height, input });
  }

  async #work(work: Work): Promise<void> {
    if ("resume" in work) return this.#instance.config.isVoter ? undefined : this.#startHeight();
    if ("adopt" in work) return this.#adopt(work.adopt);
    const { input, height } = work;
    const now = this.#instance.config.height;
    if (height === now) return this.#apply(input);
    if (input.kind === "message" && isCommitOf(input.message, now - 1))
      this.#proposals.lateCommit(input.message);
  }

  async #apply(input: InstanceInput): Promise<void> {
    const before = this.#instance.round;
    const { state, outputs } = apply(this.#instance, input);
    this.#instance = state;
    if (state.round !== before) this.#roundClock.restart();
    for (const output of outputs) await this.#perform(output);
  }

  async #adopt(adopt: () => Promise<boolean>): Promise<void> {
    const isMoreToCome = await adopt();
    const { state } = this.#modules.ledger;
    if (state.height < this.#instance.config.height) return;
    this.#forgetSettled();
    this.#startHeight(isMoreToCome ? CATCH_UP_PAUSE_MS : 0);
  }

  async #perform(output: InstanceOutput): Promise<void> {
    if (output.kind === "need-body" || output.kind === "recall") this.#modules.onMissing();
    switch (output.kind) {
      case "build":
        return this.#proposals.build(output);
      case "judge":
        return this.#judge(output);
      case "sign-and-send":
        return this.#signAndSend(output);
      case "set-timer":
        return this.#setTimer(output.round);
      case "cancel-timer":
        return this.#timers.cancel("round");
      case "decide":
        return this.#decide(output);
      default:
        return reportAgreement(output, this.#instance.config.height, this.#modules);
    }
  }

  #judge(output: Output<"judge">): void {
    if (this.#instance.round === roundOf(0) && this.#instance.hasBegun) this.#roundClock.noteProposal();
    this.#proposals.judge(output);
  }

  async #signAndSend({ message, rest }: Output<"sign-and-send">): Promise<void> {
    const { ownVotes, publish } = this.#modules;
    const signed = this.#isVoter ? await ownVotes.once(message, rest) : null;
    if (signed === null || !this.#isVoter) return;
    publish(signed);
    this.#enqueue(this.#instance.config.height, { kind: "message", message: signed });
  }

  #setTimer(round: Round): void {
    const { height } = this.#instance.config;
    const { intervalMs } = this.#modules.context.genesis;
    const recentProposalDelaysMs = this.#roundClock.delaysMs();
    const timeoutMs = roundTimeoutMs({ intervalMs, round, recentProposalDelaysMs });
    this.#timers.set("round", timeoutMs, () => this.#enqueue(height, { kind: "timeout", round }));
  }

  async #decide({ body, certificate }: Output<"decide">): Promise<void> {
    await this.#modules.ledger.commit(this.#proposals.decided(certificate, body), certificate);
    this.#forgetSettled();
    this.#startHeight();
  }

  #forgetSettled(): void {
    const { ledger, transactions } = this.#modules;
    transactions.forgetSettled(ledger.state);
  }

  #startHeight(pauseMs = 0): void {
    this.#timers.cancelAll();
    if (this.#isStopped) return;
    const { ledger, context, clock, ownVotes } = this.#modules;
    this.#proposals.startHeight();
    this.#instance = this.#newInstance();
    const { height } = this.#instance.config;
    const waiting = this.#early.begin(height, this.#votersAbove(height));
    this.#roundClock.restartHeight();
    for (const { message } of ownVotes.at(height)) this.#enqueue(height, { kind: "message", message });
    for (const message of waiting) this.#enqueue(height, { kind: "message", message });
    const delayMs = Math.max(pauseMs, cutOffMs(context, ledger.state) - clock.nowMs());
    this.#timers.set("begin", delayMs, () => {
      this.#roundClock.restart();
      this.#enqueue(height, { kind: "begin", named: namedNow(this.#modules) });
    });
  }

  #newInstance(): InstanceState {
    return nextInstance(this.#modules, this.#options.self, this.#isVoter);
  }

  #votersAbove(height: Height): readonly VoterId[] {
    return this.#modules.ledger.contextAt(heightOf(height + 1)).voters.voters.map(({ id }) => id);
  }
}

function isCommitOf(message: Message, height: number): message is Commit {
  return message.kind === "commit" && message.height === height;
}
