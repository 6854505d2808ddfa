/** The work on proposals: building the own one while in office, and judging everybody's. */
import type { VoterId } from "../../core/consensus/candidates.ts";
import type { InstanceInput, InstanceOutput, InstanceState } from "../../core/consensus/instanceState.ts";
import type { Commit, CommitCertificate, Message } from "../../core/consensus/message.ts";
import { hasCompletenessForce, MAX_ROUND_TRIP_MS } from "../../core/consensus/roundTrip.ts";
import { graceMs } from "../../core/consensus/timing.ts";
import type { JudgedBlock } from "../../core/ledger/blocks/judgeBlock.ts";
import type { Height, Round } from "../../core/units.ts";
import type { Logger } from "../../ports/logger.ts";
import type { TimerSlots } from "../base/timerSlots.ts";
import { type BlockJudge, type BlockJudgeModules, blockJudge } from "./blockJudge.ts";
import { parentCommits } from "./parentCommits.ts";
import { type ProposalArrivals, proposalArrivals } from "./proposalArrivals.ts";
import { nextProposalStep, type ProposalStep } from "./proposer.ts";

/** What proposals are worked on with. */
export type ProposalsModules = BlockJudgeModules & {
  readonly logger: Logger;
  /** Wakes up what waits; set anew, it takes the place of what waited before. */
  readonly timers: TimerSlots<"held">;
  /** @returns the height in progress */
  readonly instance: () => InstanceState;
  /** Hands an answer to the core. */
  readonly answer: (height: Height, input: InstanceInput) => void;
  /** Told that something that others have is missing here. */
  readonly onMissing: () => void;
};

type Output<Kind extends InstanceOutput["kind"]> = Extract<InstanceOutput, { kind: Kind }>;
type Lacks = Extract<ProposalStep, { kind: "lacks" }>;

/** How soon a DSO looks again whether what its block owes has been fetched. */
const FETCH_AGAIN_MS = 100;

/** Proposals of one height after another. */
export class Proposals {
  readonly #modules: ProposalsModules;
  readonly #arrivals: ProposalArrivals;
  readonly #commits = parentCommits();
  #judge: BlockJudge;
  #lacks: Lacks | null = null;
  #hasForce = true;

  constructor(modules: ProposalsModules) {
    this.#modules = modules;
    this.#arrivals = proposalArrivals(modules.clock);
    this.#judge = blockJudge(modules);
  }

  /** A new height begins: the head is another. */
  startHeight(): void {
    this.#judge = blockJudge(this.#modules);
    this.#lacks = null;
    this.#noteForce();
  }

  /** @param message that arrived, before anything is done with it */
  arrived(message: Message): void {
    this.#arrivals.note(message);
  }

  /** @returns who says to hold an item that the own proposal owes and lacks; nobody while none is lacking */
  holdersOfLacked(): ReadonlySet<VoterId> {
    return this.#lacks?.holders ?? new Set();
  }

  /** @param certificate of a quorum @param body that hashes to what it certifies @returns the block @throws ServiceError */
  decided(certificate: CommitCertificate, body: Uint8Array): JudgedBlock {
    this.#commits.decided(certificate.blockHash, this.#modules.instance().keeper);
    return this.#judge.decided(certificate, body);
  }

  /** @param commit verified, of the height below the one in progress */
  lateCommit(commit: Commit): void {
    this.#commits.late(commit);
  }

  /** @param output of the core: this gateway is in office and is to propose; a later one takes its place */
  build({ round }: Pick<Output<"build">, "round">): void {
    const { timers, onMissing, answer, instance } = this.#modules;
    const { config, round: at, building } = instance();
    const before = this.#lacks;
    this.#lacks = null;
    if (at !== round || building === null || building.justification?.prepared) return;
    const office = { round, justification: building.justification };
    const step = nextProposalStep({ ...this.#modules, commits: this.#commits }, office);
    switch (step.kind) {
      case "early":
        return timers.set("held", step.waitMs, () => this.build({ round }));
      case "lacks":
        if (before?.words !== step.words) this.#logLacked(round, step);
        this.#lacks = step;
        onMissing();
        answer(config.height, { kind: "lacking", round, items: step.items });
        return timers.set("held", FETCH_AGAIN_MS, () => this.build({ round }));
      case "built":
        return answer(config.height, { ...step, round });
      default:
        return step satisfies never;
    }
  }

  /** @param output of the core: a proposal of its round is to be recomputed */
  judge(output: Output<"judge">): void {
    this.#judgeAt(this.#modules.instance().config.height, output);
  }

  #judgeAt(height: Height, output: Output<"judge">): void {
    const { answer, timers, instance } = this.#modules;
    const { round, blockHash, body, fresh } = output;
    const arrivedMs = this.#arrivals.ofBlockMs(blockHash);
    const judgement = this.#judge.judge({ body, freshRound: fresh ? round : null, arrivedMs });
    answer(height, { kind: "judged", round, blockHash, ...judgement });
    if (judgement.verdict !== "early") return;
    timers.set("held", judgement.waitMs, () => {
      const { config, round: at } = instance();
      if (config.height === height && at === round) this.#judgeAt(height, output);
    });
  }

  #logLacked(round: Round, { words: item, holders }: Lacks): void {
    const { height } = this.#modules.instance().config;
    this.#modules.logger.info("dso.awaits-item", { height, round, item, holders: holders.size });
  }

  /** Tells once when the street is too slow for its interval, and once when it no longer is. */
  #noteForce(): void {
    const { context, roundTrips, logger } = this.#modules;
    const roundTripMs = Math.round(roundTrips.estimateMs());
    const grace = graceMs(context.genesis.intervalMs);
    const hasForce = hasCompletenessForce(grace, roundTripMs);
    if (hasForce === this.#hasForce || roundTripMs >= MAX_ROUND_TRIP_MS) return;
    this.#hasForce = hasForce;
    if (hasForce) logger.info("completeness.in-force", { graceMs: grace, roundTripMs });
    else logger.warn("completeness.without-force", { graceMs: grace, roundTripMs });
  }
}
