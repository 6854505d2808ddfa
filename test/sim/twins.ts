/**
 * Twins: one of four voters, or two of seven, run twice under one key. In every round the runs are parted into at most
 * two groups; votes of a round stay in their group. Of the small street all partitions of all rounds are played, with
 * the twin in each place of the order of office, of the large one drawn ones; then everything is delivered, and the
 * street must end in one block with every twin that contradicted itself caught.
 *
 * @source Bano et al. 2020, "Twins: BFT Systems Made Robust"
 */
import { candidates } from "../../agent/core/consensus/candidates.ts";
import { digestOf, type Message } from "../../agent/core/consensus/message.ts";
import { genesisState, seatingOf } from "../../agent/core/ledger/state/context.ts";
import { type Reading, readingSignBytes, type SignedReading } from "../../agent/core/metering/reading.ts";
import { drawFor } from "./draw.ts";
import { RosterBook } from "./rosterBook.ts";
import { FIRST_INTERVAL, type SimMember, type SimStreet, simStreet } from "./street.ts";
import { type JudgedBefore, TwinReplica } from "./twinReplica.ts";
import { VoteWatch } from "./voteWatch.ts";

/** One scenario: who is twice, and who hears whom in each round. */
export type TwinsScenario = {
  /** Places of the twins in the order of office. */
  readonly targets: readonly number[];
  /** Per round, a bit per run: which of two groups it is in. */
  readonly partitions: readonly number[];
};

/** What came of it. */
export type TwinsResult = { readonly faults: readonly string[]; readonly hasEquivocated: boolean };

/** Streets: as many twins as liars are tolerated. */
const SMALL = { voters: 4, twins: 1 } as const;
const LARGE = { voters: 7, twins: 2 } as const;
/** The last run is always in group 0: groups have no names. */
const PARTITIONS = 2 ** SMALL.voters;
const SEED = 1;
/** After the heal rounds are as many as there are voters, and a few more. */
const ROUNDS_AFTER_HEAL = 8;
const FAILURES_SHOWN = 5;

/** Streets and what was judged on them, shared by all scenarios. */
export class TwinsGround {
  readonly street: SimStreet;
  readonly readings: readonly SignedReading[];
  readonly judgedBefore: JudgedBefore = new Map();

  /** @param voters of the street */
  constructor(voters: number = SMALL.voters) {
    this.street = simStreet({
      seed: SEED,
      members: voters,
      intervalMs: 5_000,
      mode: "islanded",
      termMax: 96,
      hasRealSignatures: false,
    });
    this.readings = this.street.members.map((member) => this.#readingOf(member));
  }

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
  const twins = scenario.targets.map((target) => ground.inPlace(target));
  const { genesis, voters } = ground.street.context;
  const liars = new Set<string>(twins.map(({ id }) => id));
  const watch = new VoteWatch(new RosterBook(genesis, liars, voters.verify));
  const runs = [...ground.street.members, ...twins].map((member, place) =>
    newRun(ground, watch, member, twins, place),
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
  return judged(runs, twins, watch);
}

/**
 * @param rounds that are parted
 * @param sampled drawn scenarios of the large street; 0 for all of the small one
 * @param print a line
 * @returns passed and failed scenarios
 */
export async function runTwins(
  rounds: number,
  sampled: number,
  print: (line: string) => void,
): Promise<{ readonly passed: number; readonly failed: number }> {
  const { voters, twins } = sampled === 0 ? SMALL : LARGE;
  const ground = new TwinsGround(voters);
  const outcome = { passed: 0, failed: 0, equivocated: 0 };
  for (const scenario of sampled === 0 ? allScenarios(rounds) : drawnScenarios(rounds, sampled)) {
    const { faults, hasEquivocated } = playTwins(ground, scenario);
    if (hasEquivocated) outcome.equivocated += 1;
    if (faults.length === 0) outcome.passed += 1;
    else {
      outcome.failed += 1;
      if (outcome.failed <= FAILURES_SHOWN) print(`${JSON.stringify(scenario)}: ${faults[0]}`);
    }
  }
  print(
    `twins: n = ${voters} + ${twins}, ${rounds} rounds, ${sampled === 0 ? "all" : "drawn"}; equivocation and its evidence in ${outcome.equivocated}`,
  );
  return outcome;
}

/** @param rounds that are parted @returns every scenario: each target with each partition in each round */
export function* allScenarios(rounds: number): Generator<TwinsScenario> {
  for (let target = 0; target < SMALL.voters; target += 1)
    for (let index = 0; index < PARTITIONS ** rounds; index += 1)
      yield {
        targets: [target],
        partitions: Array.from(
          { length: rounds },
          (_, round) => Math.floor(index / PARTITIONS ** round) % PARTITIONS,
        ),
      };
}

/** @param rounds that are parted @param count of scenarios @returns drawn ones of the large street, the same each time */
export function* drawnScenarios(rounds: number, count: number): Generator<TwinsScenario> {
  const draw = drawFor(SEED, "twins");
  const places = Array.from({ length: LARGE.voters }, (_, place) => place);
  const most = 2 ** (LARGE.voters + LARGE.twins - 1) - 1;
  for (let index = 0; index < count; index += 1)
    yield {
      targets: draw.some(places, LARGE.twins),
      partitions: Array.from({ length: rounds }, () => draw.integer(0, most)),
    };
}

function newRun(
  ground: TwinsGround,
  watch: VoteWatch,
  member: SimMember,
  twins: readonly SimMember[],
  place: number,
): TwinReplica {
  const { street, readings, judgedBefore } = ground;
  const isSound = !twins.includes(member);
  const isSecond = place >= street.members.length;
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

function judged(runs: readonly TwinReplica[], twins: readonly SimMember[], watch: VoteWatch): TwinsResult {
  const faults = [...watch.faults];
  const contradicted = twins.filter(({ id }) => hasContradicted(runs.filter((run) => run.id === id)));
  for (const run of runs) {
    if (twins.some(({ id }) => id === run.id)) continue;
    if (!run.isDecided) faults.push(`${run.id} has not decided`);
    for (const { id } of contradicted)
      if (!run.caught.has(id)) faults.push(`${run.id} holds no evidence against ${id}`);
  }
  return { faults, hasEquivocated: contradicted.length > 0 };
}

/** Whether the two runs of one key said different things in one place. */
function hasContradicted(twice: readonly TwinReplica[]): boolean {
  const [first, second] = twice.map(
    (run) => new Map(run.sent.map((vote) => [`${vote.kind}/${vote.round}`, digestOf(vote)])),
  );
  return [...(first ?? [])].some(([slot, digest]) => (second?.get(slot) ?? digest) !== digest);
}

function groupOf(partition: number, run: number): number {
  return (partition >> run) & 1;
}
