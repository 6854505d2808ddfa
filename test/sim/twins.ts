/**
 * Twins: one of four voters runs twice under one key. In every round the five runs are parted into at most two
 * groups; votes of a round stay in their group. All partitions of all rounds are played, with the twin in each place
 * of the order of office; then everything is delivered, and the street must end in one block with the twin caught.
 *
 * @source Bano et al. 2020, "Twins: BFT Systems Made Robust"
 */
import { candidates } from "../../agent/core/consensus/candidates.ts";
import { digestOf, type Message } from "../../agent/core/consensus/message.ts";
import { genesisState, seatingOf } from "../../agent/core/ledger/context.ts";
import { type Reading, readingSignBytes, type SignedReading } from "../../agent/core/metering/reading.ts";
import { FIRST_INTERVAL, type SimMember, type SimStreet, simStreet } from "./street.ts";
import { type JudgedBefore, TwinReplica } from "./twinReplica.ts";
import { VoteWatch } from "./voteWatch.ts";

/** One scenario: who is twice, and who hears whom in each round. */
export type TwinsScenario = {
  /** Place of the twin in the order of office. */
  readonly target: number;
  /** Per round, a bit per run: which of two groups it is in. */
  readonly partitions: readonly number[];
};

/** What came of it. */
export type TwinsResult = { readonly faults: readonly string[]; readonly hasEquivocated: boolean };

const VOTERS = 4;
/** The last run is always in group 0: groups have no names. */
const PARTITIONS = 2 ** VOTERS;
const SEED = 1;
/** After the heal rounds are as many as there are voters, and a few more. */
const ROUNDS_AFTER_HEAL = 8;
const FAILURES_SHOWN = 5;

/** Streets and what was judged on them, shared by all scenarios. */
export class TwinsGround {
  readonly street: SimStreet = simStreet({
    seed: SEED,
    members: VOTERS,
    intervalMs: 5_000,
    mode: "islanded",
    termMax: 96,
    hasRealSignatures: false,
  });
  readonly readings: readonly SignedReading[] = this.street.members.map((member) => this.#readingOf(member));
  readonly judgedBefore: JudgedBefore = new Map();

  /** @returns the member in that place of the order of office */
  inPlace(place: number): SimMember {
    const { context, members } = this.street;
    const order = candidates(seatingOf(context, genesisState(context)));
    return members.find(({ id }) => id === order[place])!;
  }

  #readingOf(member: SimMember): SignedReading {
    const { chainId, epoch } = this.street.context.roster;
    const reading: Reading = {
      member: member.id,
      interval: FIRST_INTERVAL,
      sequence: 1,
      boot: 1,
      time: "synchronised",
      content: { kind: "missing", reason: "meter-timeout" },
    };
    return { reading, signature: member.sign(readingSignBytes(reading, chainId, epoch)) };
  }
}

/** @param ground of all scenarios @param scenario to play @returns what came of it */
export function playTwins(ground: TwinsGround, scenario: TwinsScenario): TwinsResult {
  const twin = ground.inPlace(scenario.target);
  const watch = new VoteWatch(VOTERS, 1);
  const runs = [...ground.street.members, twin].map((member, place) =>
    newRun(ground, watch, member, twin, place),
  );
  for (const run of runs) run.give({ kind: "begin" });
  for (const [round, partition] of scenario.partitions.entries()) {
    const areTogether = (from: number, to: number) => groupOf(partition, from) === groupOf(partition, to);
    deliver(runs, (message, from, to) => message.round === round && areTogether(from, to));
    deliver(
      runs,
      (message, from, to) =>
        message.kind === "round-change" || (message.round === round && areTogether(from, to)),
    );
    for (const run of runs) run.timeOut();
  }
  deliver(runs, () => true);
  fetchBodies(runs);
  for (let round = 0; round < ROUNDS_AFTER_HEAL && runs.some((run) => !run.isDecided); round += 1) {
    for (const run of runs) run.timeOut();
    deliver(runs, () => true);
    fetchBodies(runs);
  }
  return judged(runs, twin, watch);
}

/** @param rounds that are parted in every way @param print a line @returns passed and failed scenarios */
export async function runTwins(
  rounds: number,
  print: (line: string) => void,
): Promise<{ readonly passed: number; readonly failed: number }> {
  const ground = new TwinsGround();
  const outcome = { passed: 0, failed: 0, equivocated: 0 };
  for (const scenario of allScenarios(rounds)) {
    const { faults, hasEquivocated } = playTwins(ground, scenario);
    if (hasEquivocated) outcome.equivocated += 1;
    if (faults.length === 0) outcome.passed += 1;
    else {
      outcome.failed += 1;
      if (outcome.failed <= FAILURES_SHOWN) print(`${JSON.stringify(scenario)}: ${faults[0]}`);
    }
  }
  print(
    `twins: n = ${VOTERS} + 1, ${rounds} rounds, ${VOTERS} targets; equivocation and its evidence in ${outcome.equivocated}`,
  );
  return outcome;
}

/** @param rounds that are parted @returns every scenario: each target with each partition in each round */
export function* allScenarios(rounds: number): Generator<TwinsScenario> {
  for (let target = 0; target < VOTERS; target += 1)
    for (let index = 0; index < PARTITIONS ** rounds; index += 1)
      yield {
        target,
        partitions: Array.from(
          { length: rounds },
          (_, round) => Math.floor(index / PARTITIONS ** round) % PARTITIONS,
        ),
      };
}

function newRun(
  ground: TwinsGround,
  watch: VoteWatch,
  member: SimMember,
  twin: SimMember,
  place: number,
): TwinReplica {
  const { street, readings, judgedBefore } = ground;
  const isSound = member !== twin;
  const isSecond = place === VOTERS;
  return new TwinReplica(
    {
      street,
      member,
      readings: isSecond ? readings.slice(1) : readings,
      onSent: (message) => (isSound ? watch.sawVote(member.id, message) : undefined),
      onDecided: (certificate) => (isSound ? watch.sawDecision(member.id, certificate) : undefined),
    },
    judgedBefore,
  );
}

/** Delivers until nothing new is said. */
function deliver(
  runs: readonly TwinReplica[],
  mayPass: (message: Message, from: number, to: number) => boolean,
): void {
  for (let isNews = true; isNews; ) {
    isNews = false;
    for (const [from, sender] of runs.entries())
      for (const message of [...sender.sent])
        for (const [to, receiver] of runs.entries())
          if (sender.id !== receiver.id && mayPass(message, from, to) && receiver.receive(message))
            isNews = true;
  }
}

/** Whoever lacks the body of a block that a quorum stands behind gets it from whoever holds it. */
function fetchBodies(runs: readonly TwinReplica[]): void {
  for (const run of runs) {
    const { wanted } = run;
    if (wanted === null || run.isDecided) continue;
    const body = runs.map((other) => other.bodyOf(wanted)).find((found) => found !== undefined);
    if (body !== undefined) run.give({ kind: "body", blockHash: wanted, body });
  }
}

function judged(runs: readonly TwinReplica[], twin: SimMember, watch: VoteWatch): TwinsResult {
  const faults = [...watch.faults];
  const said = runs
    .filter((run) => run.id === twin.id)
    .map((run) => new Map(run.sent.map((vote) => [`${vote.kind}/${vote.round}`, digestOf(vote)])));
  const [first, second] = said;
  const hasEquivocated = [...(first ?? [])].some(
    ([slot, digest]) => (second?.get(slot) ?? digest) !== digest,
  );
  for (const run of runs) {
    if (run.id === twin.id) continue;
    if (!run.isDecided) faults.push(`${run.id} has not decided`);
    if (hasEquivocated && run.equivocations === 0) faults.push(`${run.id} holds no evidence`);
  }
  return { faults, hasEquivocated };
}

function groupOf(partition: number, run: number): number {
  return (partition >> run) & 1;
}
