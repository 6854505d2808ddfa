/**
 * The metering of a simulated gateway: what the product's metering and late-reading services do, without waiting on
 * promises. Statements come from the product's core and are durable in the outbox before anybody hears of them.
 */
import { beginBlock, type LedgerContext } from "../../agent/core/ledger/state/context.ts";
import type { LedgerState } from "../../agent/core/ledger/state/state.ts";
import { type BoundarySample, stateInterval } from "../../agent/core/metering/delta.ts";
import { plausibleWh } from "../../agent/core/metering/energy.ts";
import {
  intervalAt,
  intervalEndMs,
  intervalStartMs,
  laterInterval,
} from "../../agent/core/metering/interval.ts";
import { type Reading, readingSignBytes, type SignedReading } from "../../agent/core/metering/reading.ts";
import { unspanned } from "../../agent/core/metering/unspanned.ts";
import { type IntervalIndex, intervalIndex, type UnixMs, unixMs, wh } from "../../agent/core/units.ts";
import type { OwnEchoes } from "../../agent/services/metering/ownEchoes.ts";
import { awaited } from "../../agent/services/pools/pendingReadings.ts";
import type { ReadingPool } from "../../agent/services/pools/readingPool.ts";
import type { Household } from "./household.ts";
import type { SimOutbox } from "./simOutbox.ts";
import type { SimMember } from "./street.ts";

/** What the metering is made of; `after` falls silent when the gateway dies. */
export type SimMeteringModules = {
  /** Of the epoch in progress. */
  readonly context: LedgerContext;
  readonly member: SimMember;
  readonly household: Household;
  readonly outbox: SimOutbox;
  readonly pool: ReadingPool;
  readonly boot: number;
  readonly firstUnstated: () => IntervalIndex;
  readonly echoes: Pick<OwnEchoes, "withholds" | "firstFree">;
  readonly fsyncMs: number;
  readonly nowMs: () => UnixMs;
  readonly trueMs: () => number;
  readonly after: (delayMs: number, run: () => void) => void;
  readonly onDurable: (signed: SignedReading) => void;
  readonly onReading: (signed: SignedReading) => void;
};

/** Most intervals stated at once after the clock jumped, as in the product. */
const MAX_GAP_INTERVALS = 96;

type Boundary = { readonly boundary: IntervalIndex; readonly sample: BoundarySample };

/** Reads the meters at each boundary of the gateway's own clock. */
export class SimMetering {
  readonly #modules: SimMeteringModules;
  #start: Boundary | null = null;
  #carry = wh(0n);
  #sequence: number;

  constructor(modules: SimMeteringModules) {
    this.#modules = modules;
    this.#sequence = Math.max(0, ...modules.outbox.records.map(({ reading }) => reading.sequence));
  }

  start(): void {
    this.#schedule(this.#nextBoundary());
  }

  /** @param state after a block, or at a start: gaps that no own reading will fill are spanned */
  spanGaps(state: LedgerState): void {
    const { context, member, outbox, pool } = this.#modules;
    const begun = beginBlock(context, state);
    const own = begun.context.roster.byId.get(member.id);
    const coverage = begun.state.members.get(member.id)?.coverage;
    if (own === undefined || coverage === undefined) return;
    const waiting = awaited(context, state, pool, outbox.records);
    const spans = unspanned(own, coverage, waiting);
    for (const { interval, content } of spans) this.#say(interval, content);
  }

  #nextBoundary(): IntervalIndex {
    const { firstInterval, intervalMs } = this.#modules.context.genesis;
    const next = laterInterval(intervalAt(this.#modules.nowMs(), intervalMs), 1);
    const unread = this.#start === null ? next : this.#start.boundary + 1;
    return intervalIndex(Math.max(next, unread, firstInterval, this.#modules.firstUnstated()));
  }

  /** Never longer than an interval: whoever sets the clock meanwhile is noticed by then. */
  #schedule(boundary: IntervalIndex): void {
    const { context, nowMs, after } = this.#modules;
    const { intervalMs } = context.genesis;
    const dueMs = intervalStartMs(boundary, intervalMs);
    after(Math.min(Math.max(0, dueMs - nowMs()), intervalMs), () => {
      const lateMs = nowMs() - dueMs;
      if (lateMs < 0 || lateMs > intervalMs / 2) this.#schedule(this.#nextBoundary());
      else this.#readBoundary(boundary);
    });
  }

  #readBoundary(boundary: IntervalIndex): void {
    const { household, nowMs, trueMs } = this.#modules;
    const sample = household.sample(trueMs(), nowMs());
    const before = this.#start;
    this.#start = { boundary, sample };
    if (before !== null) this.#stateSince(before, boundary, sample);
    this.#schedule(this.#nextBoundary());
  }

  #stateSince(before: Boundary, boundary: IntervalIndex, sample: BoundarySample): void {
    const first = intervalIndex(Math.max(before.boundary, boundary - MAX_GAP_INTERVALS));
    const start = before.boundary + 1 === boundary ? before.sample : null;
    for (let interval = first; interval < boundary; interval = laterInterval(interval, 1))
      this.#state(interval, start, sample);
  }

  #state(interval: IntervalIndex, start: BoundarySample | null, end: BoundarySample): void {
    const { context, member } = this.#modules;
    const { intervalMs, timeLapse } = context.genesis;
    const { connectionRatingW } = member.enrolment.body;
    const limits = { intervalMs, timeLapse, boundWh: plausibleWh(connectionRatingW, intervalMs, timeLapse) };
    const { content, carry } = stateInterval(interval, limits, start, end, this.#carry);
    this.#carry = carry;
    this.#say(interval, content);
  }

  #say(interval: IntervalIndex, content: Reading["content"]): void {
    const { context, member, outbox, boot, fsyncMs, nowMs, after, onDurable, onReading, echoes } =
      this.#modules;
    const { chainId, epoch } = context.roster;
    if (echoes.withholds({ interval, content })) return;
    this.#sequence = Math.max(this.#sequence + 1, echoes.firstFree);
    const sequence = this.#sequence;
    const reading: Reading = { member: member.id, interval, sequence, boot, time: "synchronised", content };
    const signature = member.sign(readingSignBytes(reading, chainId, epoch));
    outbox.append({ reading, signature });
    after(fsyncMs, () => {
      outbox.sync();
      onDurable({ reading, signature });
      const waitMs = intervalEndMs(interval, context.genesis.intervalMs) - nowMs();
      after(Math.max(0, unixMs(Math.max(0, waitMs))), () => onReading({ reading, signature }));
    });
  }
}
