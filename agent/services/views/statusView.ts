/** What a running gateway says of itself, gathered from its services. */
import { maxFaulty, quorum } from "../../core/consensus/quorum.ts";
import { contextOfNext, type LedgerContext } from "../../core/ledger/state/context.ts";
import type { LedgerState, OfficeRecord } from "../../core/ledger/state/state.ts";
import { chainIdOf } from "../../core/membership/genesis.ts";
import type { RosterMember } from "../../core/membership/roster.ts";
import { type Height, type Round, round, type UnixMs } from "../../core/units.ts";
import type { MeterView, OfficeView, StatusView } from "../../ports/agentView.ts";
import type { Clock } from "../../ports/clock.ts";
import type { LedgerStore } from "../../ports/ledgerStore.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { Transport } from "../../ports/transport.ts";
import type { Refusals } from "../base/refusals.ts";
import type { SyncProgress } from "../exchange/catchUpReport.ts";
import type { LastSample, MeteredMeter } from "../metering/meterReader.ts";
import type { StandingHindrance } from "../voting/votingHindrances.ts";
import { epochView } from "./epochView.ts";
import { mandateView, namesOf } from "./governanceView.ts";
import { settlementView } from "./settlementView.ts";

/** What a status is gathered from. */
export type StatusFacts = {
  readonly version: string;
  readonly context: LedgerContext;
  readonly self: RosterMember;
  readonly state: LedgerState;
  readonly hindrances: readonly StandingHindrance[];
  readonly progress: {
    readonly height: Height;
    readonly round: Round;
    readonly sinceMs: UnixMs;
    readonly heightSinceMs: UnixMs;
  };
  /** Null before the agent runs. */
  readonly sync: SyncProgress | null;
  readonly meters: readonly MeteredMeter[];
  readonly lastSamples: readonly LastSample[];
  readonly curtailment: StatusView["curtailment"];
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly store: Pick<LedgerStore, "base">;
  readonly transport: Transport;
  readonly refusals: Refusals;
};

/** @param facts of one moment @returns the body of `GET /api/v1/status` */
export function statusView(facts: StatusFacts): StatusView {
  const { self, state, progress, clock, transport } = facts;
  const context = contextOfNext(facts.context, state);
  const total = context.voters.voters.length;
  return {
    schema: "edso.status/1",
    version: facts.version,
    name: self.name,
    address: self.address,
    microgrid: {
      id: context.genesis.microgridId,
      chainId: chainIdOf(context.genesis),
      mode: context.genesis.mode,
    },
    epoch: epochView(context),
    now: rfc3339(clock.nowMs()),
    clock: clock.trust(),
    ...participationView(facts.hindrances, seatless(context, state, self)),
    bft: maxFaulty(total) > 0,
    voters: {
      total,
      quorum: quorum(total),
      connected: 1 + transport.peers().filter((peer) => peer.connected).length,
    },
    ledger: {
      height: state.height,
      head: state.head,
      lastInterval: state.height === 0 ? null : state.nextInterval - 1,
      base: facts.store.base,
    },
    agreement: { height: progress.height, round: progress.round, since: rfc3339(progress.sinceMs) },
    ...settlementAndSync(facts),
    office: state.office === null ? null : officeView(context, state.office),
    meters: facts.meters.map((metered, index) => meterView(metered, facts.lastSamples[index], clock.nowMs())),
    curtailment: facts.curtailment,
    outboxReadings: facts.outbox.pending().length,
    gossip: Object.entries(transport.counters()).flatMap(([channel, verdicts]) =>
      Object.entries(verdicts).map(([verdict, messages]) => ({ channel, verdict, messages })),
    ),
    refusals: [...facts.refusals.counts(), ...transportRefusals(transport)],
  };
}

/** @param height of the head @param clock of this gateway @returns the progress of an agreement that has not begun */
export function idleProgress(height: Height, clock: Clock): StatusFacts["progress"] {
  return { height, round: round(0), sinceMs: clock.nowMs(), heightSinceMs: clock.nowMs() };
}

/** Why a gateway that could vote has no vote; null for a voter. */
function seatless(context: LedgerContext, state: LedgerState, self: RosterMember): string | null {
  if (context.voters.voters.some(({ id }) => id === self.id)) return null;
  if (!context.roster.byId.has(self.id))
    return "not admitted: the GridAdmin has to, and the ledger to say so";
  return state.roster.suspended.includes(self.id)
    ? "suspended for having been away; it asks for its vote back by itself"
    : "a guest of the street: metered and settled, without a vote";
}

function settlementAndSync({
  context,
  state,
  progress,
  sync,
  clock,
}: StatusFacts): Pick<StatusView, "settlement" | "sync"> {
  const nowMs = clock.nowMs();
  const behindBy = sync?.behindBy ?? 0;
  const { heightSinceMs } = progress;
  return {
    settlement: settlementView({ context, state, heightSinceMs, behindBy, nowMs }),
    sync: { behindBy, source: sync?.source ?? null, since: rfc3339(sync?.sinceMs ?? nowMs) },
  };
}

function participationView(
  hindrances: readonly StandingHindrance[],
  seatlessBecause: string | null,
): Pick<StatusView, "participation" | "observesBecause" | "observesCode" | "hindrances"> {
  const [worst] = hindrances;
  return {
    participation: worst === undefined && seatlessBecause === null ? "voter" : "observer",
    observesBecause: worst?.because() ?? seatlessBecause,
    observesCode: worst?.code ?? (seatlessBecause === null ? null : "NOT_A_VOTER"),
    hindrances: hindrances.map(({ code, because, sinceMs, next }) => {
      return { code, because: because(), since: rfc3339(sinceMs), next };
    }),
  };
}

function officeView(context: LedgerContext, office: OfficeRecord): OfficeView {
  const nameOf = namesOf(context);
  const { dso, term, mandate } = office;
  return {
    dso,
    dsoName: nameOf(dso),
    term,
    sinceHeight: mandate.height,
    mandate: mandateView(office, nameOf),
  };
}

function meterView(
  { role, definition, unitId }: MeteredMeter,
  last: LastSample | undefined,
  nowMs: UnixMs,
): MeterView {
  const identity = { role, definition, unitId };
  const ageSeconds = (takenAtMs: UnixMs) => Math.round((nowMs - takenAtMs) / 1000);
  switch (last?.kind) {
    case "measured":
      return {
        ...identity,
        state: "measured",
        reason: null,
        answeredBy: null,
        activePowerW: last.sample.activePower === null ? null : Math.round(last.sample.activePower),
        sampleAgeSeconds: ageSeconds(last.sample.takenAtMs),
      };
    case "missing":
      return {
        ...identity,
        state: "missing",
        reason: last.reason,
        answeredBy: last.answeredBy,
        activePowerW: null,
        sampleAgeSeconds: last.lastTakenAtMs === null ? null : ageSeconds(last.lastTakenAtMs),
      };
    default:
      return {
        ...identity,
        state: "never-read",
        reason: null,
        answeredBy: null,
        activePowerW: null,
        sampleAgeSeconds: null,
      };
  }
}

function transportRefusals(transport: Transport): StatusView["refusals"] {
  return Object.entries(transport.refusals())
    .filter(([, count]) => count > 0)
    .map(([code, count]) => ({ code, count }));
}

function rfc3339(at: UnixMs): string {
  return new Date(at).toISOString();
}
