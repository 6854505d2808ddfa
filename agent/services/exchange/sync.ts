/**
 * Pull for certainty: every few seconds, and at once when something seems missing, this gateway tells another what it
 * holds and takes what it lacks. So no vote, proposal, reading or block is lost for good, whatever gossip loses.
 *
 * @source docs/protocol.md, "What gossip lost"
 */
import { votesHeld } from "../../core/consensus/missingVotes.ts";
import { isAgentError } from "../../core/errors.ts";
import { SNAPSHOT_EVERY } from "../../core/ledger/chain/snapshotPlan.ts";
import { type Height, height as heightOf, type IntervalIndex } from "../../core/units.ts";
import { type Refusal, reject } from "../../core/verdict.ts";
import { readSyncAnswer } from "../../core/wire/syncAnswer.ts";
import { encodeSyncRequest, type SyncSummary } from "../../core/wire/syncRequest.ts";
import { transactionsHeld } from "../../core/wire/transactionsHeld.ts";
import type { Cancel } from "../../ports/clock.ts";
import type { LedgerStore } from "../../ports/ledgerStore.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Random } from "../../ports/random.ts";
import type { RequestHandler, Transport } from "../../ports/transport.ts";
import type { ConsensusService } from "../agreement/consensus.ts";
import type { RoundTrips } from "../agreement/roundTrips.ts";
import type { Refusals } from "../base/refusals.ts";
import type { ReadingPool } from "../pools/readingPool.ts";
import type { TransactionPool } from "../pools/transactionPool.ts";
import { type CatchUpReport, catchUpReport, type SyncProgress } from "./catchUpReport.ts";
import { peerIdsOf, silentMembers } from "./silentMembers.ts";
import { fetchSnapshot } from "./snapshotFetch.ts";
import { syncHandler } from "./syncHandler.ts";
import { adoptSnapshot, type IntakeModules, takeAnswer } from "./syncIntake.ts";
import { type SyncPeers, syncPeers } from "./syncPeers.ts";

/** What the sync service is made of. */
export type SyncModules = IntakeModules & {
  readonly store: LedgerStore;
  readonly pool: ReadingPool;
  readonly transactions: TransactionPool;
  readonly consensus: ConsensusService;
  readonly transport: Transport;
  readonly random: Random;
  readonly roundTrips: RoundTrips;
  readonly logger: Logger;
  readonly refusals: Refusals;
  readonly onFault: (error: unknown) => void;
  /** Blocks behind from which on a snapshot is fetched instead of them; {@link BLOCKS_BEFORE_SNAPSHOT} unless a test says. */
  readonly blocksBeforeSnapshot?: number;
};

/** Between two exchanges when nothing seems missing: half to one and a half of this. */
const PERIOD_MS = 3_000;
/** Between two exchanges at least, however much seems missing: below what a gateway grants another for good. */
const MIN_GAP_MS = 100;
/** Until the next exchange while a body is missing, or nobody can be asked. */
const RETRY_MS = 500;
const REQUEST_TIMEOUT_MS = 10_000;
/** How long a gateway is not asked that gave no answer, and one that gave a wrong one. */
const AVOID_SILENT_MS = 5_000;
const AVOID_WRONG_MS = 60_000;

/**
 * Blocks that are fetched and recomputed one by one before a snapshot takes their place: more than a month of quarters
 * of an hour, some minutes' work.
 */
export const BLOCKS_BEFORE_SNAPSHOT = 4_096;
/** Gateways that must claim to be so far ahead, or all that are in reach when they are fewer. */
const SNAPSHOT_HINTS = 2;

/** Exchanges with one gateway at a time, and answers all of them. */
export class SyncService {
  readonly #modules: SyncModules;
  readonly #peers: SyncPeers;
  readonly #report: CatchUpReport;
  #isStopped = true;
  #isBusy = false;
  #isKicked = false;
  #cancel: Cancel = () => {};
  #stopListening: () => void = () => {};
  #dueMs = Number.POSITIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;
  #askedFor: { readonly interval: IntervalIndex; readonly peerIds: Set<string> } | null = null;

  constructor(modules: SyncModules) {
    this.#modules = modules;
    this.#peers = syncPeers(modules.clock, modules.random);
    this.#report = catchUpReport(modules, this.#peers);
  }

  /** Answers others from now on, and asks them. */
  start(): void {
    this.#isStopped = false;
    this.#stopListening = this.#modules.ledger.onCommit(() => this.#onCommit());
    this.#modules.transport.serve(this.#handler());
    this.#wakeIn(this.#jittered(RETRY_MS));
  }

  /** Asks and answers nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel();
    this.#stopListening();
  }

  /** Something seems missing: asks as soon as it may. */
  kick(): void {
    this.#isKicked = true;
    if (!this.#isBusy) this.#wakeIn(0);
  }

  /** @returns how far this gateway is */
  progress(): SyncProgress {
    return this.#report.progress();
  }

  #wakeIn(delayMs: number): void {
    if (this.#isStopped) return;
    const { clock } = this.#modules;
    const nowMs = clock.monotonicMs();
    const dueMs = Math.max(nowMs + delayMs, this.#lastMs + MIN_GAP_MS);
    if (!(dueMs < this.#dueMs)) return;
    this.#cancel();
    this.#dueMs = dueMs;
    this.#cancel = clock.after(dueMs - nowMs, () => {
      this.#exchange().catch((error: unknown) => {
        if (!this.#isStopped) this.#modules.onFault(error);
      });
    });
  }

  async #exchange(): Promise<void> {
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#lastMs = this.#modules.clock.monotonicMs();
    this.#isKicked = false;
    this.#isBusy = true;
    const { transport, ledger, context, consensus } = this.#modules;
    const connected = transport.peers().flatMap((peer) => (peer.connected ? [peer.peerId] : []));
    const { peerIds: awaited } = this.#awaited();
    const first = peerIdsOf(context, consensus.holdersOfLacked(), awaited);
    const peerId = this.#peers.choose(connected, ledger.state.height, first);
    if (peerId !== null && awaited.has(peerId)) this.#askedFor?.peerIds.add(peerId);
    const nextMs = peerId === null ? RETRY_MS : await this.#turnTo(peerId, connected);
    this.#peers.noteTurn(this.#modules.clock.monotonicMs() - this.#lastMs);
    this.#isBusy = false;
    this.#wakeIn(this.#isKicked ? 0 : Math.min(nextMs, this.#awaited().inMs));
  }

  /** Whose readings are awaited and were not asked for yet, and until when there is time for others. */
  #awaited(): { readonly peerIds: ReadonlySet<string>; readonly inMs: number } {
    const { context, ledger, pool, clock } = this.#modules;
    const { interval, peerIds, inMs } = silentMembers(context, ledger.state, pool, clock.nowMs());
    if (this.#askedFor?.interval !== interval) this.#askedFor = { interval, peerIds: new Set() };
    const { peerIds: asked } = this.#askedFor;
    const left = new Set(peerIds.filter((peerId) => !asked.has(peerId)));
    const isOver = inMs === null || (inMs === 0 && left.size === 0);
    return { peerIds: left, inMs: isOver ? Number.POSITIVE_INFINITY : inMs };
  }

  /** @returns until the next exchange, in ms */
  async #turnTo(peerId: string, connected: readonly string[]): Promise<number> {
    const { ledger, blocksBeforeSnapshot = BLOCKS_BEFORE_SNAPSHOT } = this.#modules;
    const { height } = ledger.state;
    // A snapshot is up to SNAPSHOT_EVERY blocks old, and must still be worth more than the blocks it leaves out.
    const far = height + blocksBeforeSnapshot + SNAPSHOT_EVERY;
    const isFar = (this.#peers.claimed(peerId) ?? 0) > far;
    const hasHints = this.#peers.claimsAbove(far) >= Math.min(SNAPSHOT_HINTS, connected.length);
    const lacksNext = this.#peers.lacksNext(peerId, height);
    const unheard = this.#peers.unheard(connected);
    // One gateway alone, that says so first, does not make this one give up the blocks between.
    if (unheard !== null && (lacksNext || (isFar && !hasHints))) return this.#exchangeWith(unheard);
    if (!lacksNext && (!hasHints || !isFar || this.#peers.hasNoSnapshot(peerId)))
      return this.#exchangeWith(peerId);
    const above = lacksNext ? height : heightOf(height + blocksBeforeSnapshot);
    if (await this.#fetchSnapshot(peerId, above)) return 0;
    // Who has neither blocks nor a snapshot has nothing to give; else the blocks do it, one after the other.
    if (lacksNext) this.#peers.avoid(peerId, AVOID_SILENT_MS);
    this.#peers.noteNoSnapshot(peerId, AVOID_WRONG_MS);
    return 0;
  }

  /** @returns false when that gateway has none to give */
  async #fetchSnapshot(peerId: string, above: Height): Promise<boolean> {
    const { context, ledger, transport, logger, clock } = this.#modules;
    const fromMs = clock.monotonicMs();
    const ask = (request: Uint8Array) => this.#ask(peerId, request, () => {});
    const { maxAnswerBytes } = transport;
    const fetched = await fetchSnapshot({ context, state: ledger.state, clock, maxAnswerBytes, ask }, above);
    if (fetched.kind === "ignore") return this.#isStopped;
    if (fetched.kind === "reject") this.#refuse(peerId, fetched);
    else if (await adoptSnapshot(this.#modules, fetched.value)) {
      const { height } = fetched.value.block;
      const durationMs = Math.round(clock.monotonicMs() - fromMs);
      logger.info("sync.snapshot-adopted", { height, source: this.#nameOf(peerId), durationMs });
    }
    this.#report.refresh();
    return true;
  }

  /** @returns until the next exchange, in ms */
  async #exchangeWith(peerId: string): Promise<number> {
    const { context, ledger, consensus, transport } = this.#modules;
    const claimed = this.#peers.claimed(peerId) ?? 0;
    const asked = this.#summary();
    const received = await this.#ask(peerId, encodeSyncRequest(asked, ledger.spokenRoster));
    if (received === null || this.#isStopped) return 0;
    const read = readSyncAnswer(received, context.roster.chainId, transport.maxAnswerBytes);
    if (read.kind !== "accept") return this.#refuse(peerId, read);
    const { head, lowest } = read.value;
    // [REJECT] asking as if it were further on than it is; a ledger that was lost looks the same and has nothing to give
    if (head < claimed) return this.#refuse(peerId, reject("SYNC_HEAD_WENT_BACK", `height ${head}`));
    this.#peers.claim(peerId, head, lowest);
    const before = this.#report.standing();
    const intake = await takeAnswer(this.#modules, asked, read.value, peerId);
    this.#report.noteBlocks(this.#nameOf(peerId), intake.blocks, before);
    if (intake.refusal !== null) return this.#refuse(peerId, intake.refusal);
    this.#report.refresh();
    if (this.#peers.aheadBy(ledger.state.height) > 0) return 0;
    return consensus.instance.bodiesWanted.size > 0 ? RETRY_MS : this.#jittered(PERIOD_MS);
  }

  /** @returns the answer, or null when there is none: then somebody else is asked */
  async #ask(
    peerId: string,
    bytes: Uint8Array,
    onSilent = () => this.#peers.avoid(peerId, AVOID_SILENT_MS),
  ): Promise<Uint8Array | null> {
    const { transport, logger, clock, roundTrips } = this.#modules;
    const limits = { timeoutMs: REQUEST_TIMEOUT_MS, maxAnswerBytes: transport.maxAnswerBytes };
    try {
      return await roundTrips.measured(peerId, clock, transport.request(peerId, bytes, limits));
    } catch (error) {
      if (!isAgentError(error)) throw error;
      const { code } = error;
      if (code === "TRANSPORT_TOO_LONG") this.#refuse(peerId, { kind: "reject", code });
      else onSilent();
      logger.debug("sync.unanswered", { peer: this.#nameOf(peerId), code });
      return null;
    }
  }

  #handler(): RequestHandler {
    const { context, clock, consensus, transport, refusals, ledger } = this.#modules;
    const { maxAnswerBytes } = transport;
    return syncHandler({
      context,
      clock,
      sources: () => ({ ...this.#modules, maxAnswerBytes, instance: () => consensus.instance }),
      onHead: (peerId, head) => {
        this.#peers.claim(peerId, head);
        this.#report.refresh();
        if (this.#peers.aheadBy(ledger.state.height) > 0) this.kick();
      },
      onRefused: (peerId, { code }) => refusals.note(code, "sync", this.#nameOf(peerId)),
      isStopped: () => this.#isStopped,
    });
  }

  #onCommit(): void {
    this.#report.refresh();
    if (!this.#isBusy) this.#wakeIn(this.#awaited().inMs);
  }

  #summary(): SyncSummary {
    const { ledger, consensus, pool, transactions } = this.#modules;
    const { instance } = consensus;
    const { height: head, nextInterval } = ledger.state;
    return {
      head,
      round: instance.round,
      nextInterval,
      votes: votesHeld(instance),
      bodies: [...instance.bodies.keys()],
      wanted: [...instance.bodiesWanted],
      readings: pool.held(),
      transactions: transactionsHeld(transactions.held()),
      late: pool.heldLate(),
    };
  }

  #refuse(peerId: string, { code, detail }: Refusal): number {
    const peer = this.#nameOf(peerId);
    this.#modules.refusals.note(code, "sync", detail === undefined ? peer : `${peer}: ${detail}`);
    this.#modules.logger.warn("sync.peer-avoided", { peer, code, forMs: AVOID_WRONG_MS });
    this.#peers.avoid(peerId, AVOID_WRONG_MS);
    this.#report.refresh();
    return 0;
  }

  #jittered(delayMs: number): number {
    return Math.round(delayMs * (0.5 + this.#modules.random()));
  }

  #nameOf(peerId: string): string {
    const { members } = this.#modules.ledger.next.roster;
    return members.find((member) => member.peerId === peerId)?.name ?? peerId;
  }
}
