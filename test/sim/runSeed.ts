/** Runs one seed to its end and says what came of it. */
import { graceMs, roundTimeoutMs } from "../../agent/core/consensus/timing.ts";
import { round } from "../../agent/core/units.ts";
import type { Counts } from "./counts.ts";
import type { Gateway } from "./gateway.ts";
import { type Scenario, type SeedSpec, scenarioOf } from "./scenario.ts";
import { forgetSharedWork } from "./shared/sharedWork.ts";
import type { SimRecovery } from "./simRecovery.ts";
import { World } from "./world.ts";

/** What came of a seed. */
export type SeedResult = {
  readonly spec: SeedSpec;
  /** Empty when everything held. */
  readonly faults: readonly string[];
  readonly heights: number;
  readonly terms: number;
  readonly settledReadings: number;
  readonly counts: Counts;
};

/** A late reading is pooled after one block and settled by the next; a gap of a liar's making takes its spans one more. */
const INTERVALS_TO_CATCH_UP = 4;
const FAULTS_SAID = 4;
/** For the blocks of a suspension, where each exchange brings one. */
const INTERVALS_TO_FETCH = 40;
/** A round that is surely as long as rounds get. */
const CAPPED = round(60);
/** Capped rounds within which the street commits after a heal. */
const ROUNDS_TO_COMMIT = 3;

/** @param spec of the seed @returns what came of it; the same spec gives the same result */
export function runSeed(spec: SeedSpec): SeedResult {
  return playSeed(spec).result;
}

/** @param spec of the seed @returns the result and the world it left, for a timeline */
export function playSeed(spec: SeedSpec): { readonly result: SeedResult; readonly world: World } {
  const scenario = scenarioOf(spec);
  forgetSharedWork(!scenario.hasRealSignatures);
  const world = new World(scenario);
  const unexpected: string[] = [];
  try {
    world.begin();
    play(world);
  } catch (error) {
    unexpected.push(`thrown: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  const result: SeedResult = {
    spec,
    faults: [...world.onlookers.faults, ...unexpected],
    heights: world.onlookers.chain.height,
    terms: world.onlookers.chain.terms,
    settledReadings: world.onlookers.chain.settledReadings,
    counts: world.counts,
  };
  return { result, world };
}

function play(world: World): void {
  const { scenario } = world;
  world.runUntil(scenario.faultsEndMs, () => world.recovery?.isOver === true);
  if (scenario.mode === "safety") return;
  if (world.recovery !== null && !outlivesLoss(world, world.recovery)) return;
  world.heal();
  checkLiveness(world);
  checkNothingLost(world);
  if (scenario.suspension !== null) checkVotesAreBack(world);
}

/** @returns true when the street goes on in a new epoch; it does not where a report is wanting, or a quorum of that epoch */
function outlivesLoss(world: World, recovery: SimRecovery): boolean {
  const { afterwardsMs, isQuorumLeft } = world.scenario.recovery!;
  world.runUntil(world.nowMs + afterwardsMs);
  if (world.onlookers.hasFault) return false;
  if (recovery.isSigned && !recovery.isOver) world.onlookers.fault("RECOVERY: not everybody has heard of it");
  return recovery.isOver && isQuorumLeft;
}

/** After the heal every sound gateway commits within three capped rounds, and one more for each voter that fails its office. */
function checkLiveness(world: World): void {
  const { scenario } = world;
  const wanted = Math.max(...world.gateways.map(heightOf)) + 1;
  const present = world.gateways.filter((gateway) => gateway.options.isSound && !world.isGone(gateway));
  const gone = goneIn(scenario);
  const sound = () => present.filter((gateway) => world.isMember(gateway));
  const failing =
    gone +
    world.street.outsiders.length +
    scenario.liars.length +
    present.filter((gateway) => gateway.isObserver).length;
  const untilMs = world.nowMs + patienceMs(scenario, failing) + fetchingMs(scenario);
  const isThere = () => sound().every((gateway) => heightOf(gateway) >= wanted);
  if (world.runUntil(untilMs, isThere) || world.onlookers.faults.length > 0) return;
  for (const gateway of sound()) {
    if (heightOf(gateway) >= wanted) continue;
    const { round: at, hasBegun } = gateway.life.consensus.instance;
    world.onlookers.fault(
      `STALL: ${gateway.options.name} at height ${heightOf(gateway)} of ${wanted}, round ${at}${hasBegun ? "" : ", not begun"}`,
    );
  }
}

/**
 * Some blocks after the heal every interval is settled that a sound member measured, and every gap between such
 * intervals. A member that lost its outbox cannot answer for it.
 */
function checkNothingLost(world: World): void {
  if (world.onlookers.hasFault) return;
  const asked = new Set(
    world.gateways
      .filter((gateway) => gateway.options.isSound && !gateway.disk.wasWiped && !world.isGone(gateway))
      .map(({ options }) => options.member.id),
  );
  const unsettled = () => world.onlookers.chain.unsettled((member) => asked.has(member));
  const untilMs =
    world.nowMs +
    INTERVALS_TO_CATCH_UP * patienceMs(world.scenario, world.scenario.liars.length + goneIn(world.scenario));
  if (world.runUntil(untilMs, () => unsettled().length === 0) || world.onlookers.hasFault) return;
  for (const what of unsettled().slice(0, FAULTS_SAID)) world.onlookers.fault(`LOST: ${what}`);
}

/** Whoever was suspended asks for its vote as soon as it has caught up. */
function checkVotesAreBack(world: World): void {
  const { members } = world.street;
  const areBack = () => world.onlookers.roster.newest.voters.length === members.length;
  const untilMs = world.nowMs + INTERVALS_TO_CATCH_UP * patienceMs(world.scenario, 0);
  if (world.runUntil(untilMs, areBack) || world.onlookers.hasFault) return;
  world.onlookers.fault("SUSPENDED: not everybody that came back has its vote");
}

function patienceMs({ intervalMs }: Scenario, failing: number): number {
  const cappedMs = roundTimeoutMs({ intervalMs, round: CAPPED, recentProposalDelaysMs: [] });
  return intervalMs + graceMs(intervalMs) + (ROUNDS_TO_COMMIT + failing) * cappedMs + intervalMs / 3;
}

/** Whoever was away fetches a hundred blocks one by one; meanwhile the street goes on. */
function fetchingMs({ suspension, intervalMs }: Scenario): number {
  return suspension === null ? 0 : INTERVALS_TO_FETCH * intervalMs;
}

/** Voters that hold the office and are not there. */
function goneIn({ straggle, recovery }: Scenario): number {
  return (straggle === null ? 0 : 1) + (recovery?.gone.length ?? 0);
}

function heightOf(gateway: Gateway): number {
  return gateway.isUp ? gateway.life.ledger.state.height : 0;
}
