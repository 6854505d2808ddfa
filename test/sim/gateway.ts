/** A whole simulated gateway: the product's core, inbox and proposal builder around a simulated disk and clock. */
import { isForeignVote, keepHeld } from "../../agent/core/consensus/ownVote.ts";
import { type LedgerContext, newestEpoch } from "../../agent/core/ledger/state/context.ts";
import {
  MAX_WAITING_PER_SIGNER,
  type SignedTransaction,
  type TransactionSigner,
} from "../../agent/core/ledger/state/transaction.ts";
import { lastSequence } from "../../agent/core/ledger/transactions/judgeTransaction.ts";
import { type UnixMs, unixMs } from "../../agent/core/units.ts";
import type { Verdict } from "../../agent/core/verdict.ts";
import { encodeReadingMessage, encodeTransactionMessage } from "../../agent/core/wire.ts";
import type { Clock } from "../../agent/ports/clock.ts";
import type { Channel } from "../../agent/ports/transport.ts";
import { roundTrips } from "../../agent/services/agreement/roundTrips.ts";
import { inbox } from "../../agent/services/exchange/inbox.ts";
import { adoptedAbove } from "../../agent/services/ledger/epochStart.ts";
import type { LedgerService } from "../../agent/services/ledger/ledger.ts";
import { firstUnstated } from "../../agent/services/metering/firstUnstated.ts";
import { onceAdmitted } from "../../agent/services/participation/onceAdmitted.ts";
import { poolHeld, poolPending } from "../../agent/services/pools/pendingReadings.ts";
import { readingPool } from "../../agent/services/pools/readingPool.ts";
import { type TransactionPool, transactionPool } from "../../agent/services/pools/transactionPool.ts";
import type { Draw } from "./draw.ts";
import { GatewayDisk } from "./gatewayDisk.ts";
import type { ConsensusParts, InboxParts, Life, MeteringParts, Pools } from "./gatewayLife.ts";
import type { GatewayOptions, GatewayWorld } from "./gatewayWorld.ts";
import { startOwnRequests } from "./ownRequests.ts";
import type { DiskFault } from "./scenario.ts";
import { SimConsensus } from "./simConsensus.ts";
import { entersEpoch, mayVote } from "./simEpoch.ts";
import { SimLedger } from "./simLedger.ts";
import { SimMetering } from "./simMetering.ts";
import { SimOutbox, simEchoes } from "./simOutbox.ts";

/** One gateway, up or down. */
export class Gateway {
  readonly options: GatewayOptions;
  readonly disk: GatewayDisk;
  /** How far its wall clock is ahead of the truth. */
  clockOffsetMs = 0;
  /** The most that it ever was off, either way. */
  mostClockOffsetMs = 0;
  /** It has lost its votes: it follows, and does not vote until the ledger gives its vote back, if it asks for it. */
  isObserver = false;
  readonly #world: GatewayWorld;
  #context: LedgerContext;
  #life: Life | null = null;
  #lives = 0;

  constructor(options: GatewayOptions, world: GatewayWorld) {
    this.options = options;
    this.#world = world;
    this.#context = world.street.context;
    this.disk = new GatewayDisk(options.hasFsync);
  }

  get isUp(): boolean {
    return this.#life !== null;
  }

  /** @throws RangeError while it is down */
  get life(): Life {
    if (this.#life === null) throw new RangeError(`${this.options.name} is down`);
    return this.#life;
  }

  /** True while it is up and its own ledger has it for a member: only then does it take its household's wishes. */
  get isAdmitted(): boolean {
    return this.#life?.ledger.next.roster.byId.has(this.options.member.id) === true;
  }

  nowMs(): UnixMs {
    return unixMs(Math.max(0, Math.floor(this.#world.trueMs() + this.clockOffsetMs)));
  }

  /** What its genesis file says. */
  get context(): LedgerContext {
    return this.#context;
  }

  /**
   * Stops, and starts with another genesis file.
   *
   * @param context of the file
   * @param draw of what the stop leaves
   * @returns false when it refuses the file; then it runs with the one that it had
   */
  restartWith(context: LedgerContext, draw: Draw): boolean {
    if (this.isUp) this.crash("cache-only", draw);
    const before = this.#context;
    this.#context = context;
    if (this.boot()) return true;
    this.#context = before;
    this.boot();
    return false;
  }

  /** The power comes back: what the disk holds is all there is. @returns false when it refuses its genesis file */
  boot(): boolean {
    const boot = this.disk.open();
    if (!entersEpoch(this.disk, newestEpoch(this.context))) return false;
    this.#lives += 1;
    this.isObserver = !mayVote(this.disk);
    const ledger = this.#openedLedger();
    const outbox = new SimOutbox(this.disk.outbox, this.context, this.options.member);
    const parts = this.#newPools(ledger, outbox);
    const measured = roundTrips(() => ledger.next.roster.members, this.options.member.name);
    const echoes = simEchoes(outbox, ledger, this.#newClock());
    const metering = this.#newMetering({ ledger, outbox, boot, echoes, ...parts });
    const consensus = this.#newConsensus({ ledger, outbox, metering, roundTrips: measured, ...parts });
    const judge = this.#newInbox({ ledger, consensus, echoes, ...parts });
    this.#life = { ledger, outbox, ...parts, consensus, judge, roundTrips: measured };
    this.#world.onBoot(this);
    consensus.start();
    metering.spanGaps(ledger.state);
    this.#startRequests(ledger, parts.transactions);
    onceAdmitted(ledger as unknown as LedgerService, this.options.member.id, () => metering.start());
    return true;
  }

  /** Signs a transaction under the next free sequence and publishes it. @returns false while as many wait as may */
  submit(
    signedAs: (sequence: number) => SignedTransaction,
    id: TransactionSigner = this.options.member.id,
  ): boolean {
    const { transactions, ledger } = this.life;
    const sequence =
      transactions
        .held()
        .reduce(
          (last, { transaction }) =>
            transaction.signer === id ? Math.max(last, transaction.sequence) : last,
          lastSequence(ledger.state, id),
        ) + 1;
    if (sequence > lastSequence(ledger.state, id) + MAX_WAITING_PER_SIGNER) return false;
    const signed = signedAs(sequence);
    transactions.add(signed);
    const { chainId } = this.context.roster;
    this.#world.publish(this, { channel: "transactions", signed }, encodeTransactionMessage(signed, chainId));
    return true;
  }

  /** The power goes. @param fault beyond the lost cache */
  crash(fault: DiskFault, draw: Draw): void {
    this.#lives += 1;
    this.#life = null;
    this.disk.cutPower(fault, draw);
  }

  /** @returns the verdict that the transport hears; an ignore when the gateway is down */
  receive(channel: Channel, bytes: Uint8Array, peerId: string): Verdict<unknown> {
    if (this.#life === null) return { kind: "ignore", code: "DOWN" };
    return this.#life.judge({ channel, bytes, peerId });
  }

  /** The chain as stored, and the block that the newest epoch takes over when that is the next one. */
  #openedLedger(): SimLedger {
    const ledger = new SimLedger(this.context, this.disk.blocks);
    const damage = ledger.open();
    if (damage !== null)
      this.#world.onFault(`${this.options.name}: stored chain does not verify at ${damage}`);
    const next = adoptedAbove(this.context, ledger.state);
    if (next === null) return ledger;
    this.#world.onAdopted(this, next.entry);
    ledger.write(next.entry);
    ledger.commit(next.entry, next.verified.state);
    this.disk.forgetVotesBelow(next.entry.height);
    return ledger;
  }

  /** What waits for a block, as the disk has it. */
  #newPools(ledger: SimLedger, outbox: SimOutbox): Pools {
    const pool = readingPool(
      () => this.#world.trueMs(),
      (signed) => this.#world.onContradiction(this, signed),
    );
    const transactions = transactionPool(this.context, () => this.#world.trueMs());
    const pools = { pool, transactions };
    const { records } = this.disk.votes.read();
    for (const { message } of records) this.#world.onDurable(this, { channel: "votes", message });
    for (const signed of outbox.records) this.#world.onDurable(this, { channel: "readings", signed });
    poolPending(this.context, ledger.state, pool, outbox.records);
    poolHeld(records.reduce(keepHeld, null)?.items ?? [], pools, ledger.state);
    return pools;
  }

  #newConsensus(parts: ConsensusParts): SimConsensus {
    const { fsyncMs, publish, onDecision, onAdopted, onOutput, onMissing, onFault } = this.#world;
    const { pool, outbox, metering } = parts;
    return new SimConsensus({
      ...parts,
      context: this.context,
      member: this.options.member,
      isVoter: !this.isObserver,
      kept: this.disk.ownVotes,
      disk: this.disk,
      clock: this.#newClock(),
      fsyncMs,
      publish: (message, wire) => publish(this, { channel: "votes", message }, wire),
      onRefused: (what) => {
        if (this.options.isSound) onFault(`${this.options.name} may not sign its own vote: ${what}`);
      },
      onCommit: (state) => {
        poolPending(this.context, state, pool, outbox.acknowledged);
        metering.spanGaps(state);
      },
      onDecision: (certificate, entry) => onDecision(this, certificate, entry),
      onAdopted: (entry) => onAdopted(this, entry),
      onOutput: (output, before) => onOutput(this, output, before),
      onApplied: (input, outputs, instance) => this.#world.onApplied(this, input, outputs, instance),
      onTimer: (timeoutMs) => this.#world.onTimer(this, timeoutMs),
      onMissing: () => onMissing(this),
    });
  }

  #newInbox({ ledger, consensus, ...parts }: InboxParts): Life["judge"] {
    return inbox({
      ...parts,
      context: this.context,
      ledger: ledger as unknown as LedgerService,
      clock: this.#newClock(),
      refusals: { note: () => {}, counts: () => [] },
      onVote: (message) => {
        consensus.receive(message);
        this.#world.onHeard(this, message);
      },
      heightInProgress: () => consensus.instance.config.height,
      self: this.options.member.id,
      onFarVote: () => {},
      isForeign: (message) => isForeignVote(consensus.kept, message),
      onForeign: (message) =>
        this.#world.onFault(`${this.options.name} takes a ${message.kind} of its own for a foreign one`),
    });
  }

  #startRequests(ledger: SimLedger, transactions: TransactionPool): void {
    const { fsyncMs, isBehind } = this.#world;
    const clock = this.#newClock();
    startOwnRequests({
      gateway: this,
      life: `${this.options.name} ${this.#lives}`,
      ledger,
      transactions,
      isBehind: () => isBehind(this),
      onReturn: () =>
        void clock.after(fsyncMs, () => {
          this.disk.standing.sync();
          this.isObserver = false;
          this.life.consensus.regainVote();
        }),
    });
  }

  #newMetering(parts: MeteringParts): SimMetering {
    const { ledger, pool, outbox, echoes } = parts;
    const { fsyncMs, trueMs, publish } = this.#world;
    const { chainId } = this.context.roster;
    const clock = this.#newClock();
    const pending = () => outbox.pending;
    return new SimMetering({
      ...parts,
      context: this.context,
      member: this.options.member,
      household: this.options.household,
      firstUnstated: () => firstUnstated({ pending }, ledger.state, echoes.lastInterval),
      fsyncMs,
      nowMs: () => this.nowMs(),
      trueMs,
      after: (delayMs, run) => void clock.after(delayMs, run),
      onDurable: (signed) => this.#world.onDurable(this, { channel: "readings", signed }),
      onReading: (signed) => {
        pool.add(signed);
        publish(this, { channel: "readings", signed }, encodeReadingMessage(signed, chainId));
      },
    });
  }

  /** Callbacks of a life that is over never come. */
  #newClock(): Clock {
    const born = this.#lives;
    return {
      nowMs: () => this.nowMs(),
      monotonicMs: () => this.#world.trueMs(),
      trust: () => "synchronised",
      after: (delayMs, callback) => {
        let isCancelled = false;
        this.#world.after(delayMs, () => {
          if (!isCancelled && this.#lives === born) callback();
        });
        return () => {
          isCancelled = true;
        };
      },
    };
  }
}
