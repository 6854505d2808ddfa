/** A whole simulated gateway: the product's core, inbox and proposal builder around a simulated disk and clock. */
import type {
  InstanceInput,
  InstanceOutput,
  InstanceState,
} from "../../agent/core/consensus/instanceState.ts";
import type { CommitCertificate, Message } from "../../agent/core/consensus/message.ts";
import { isForeignVote, keepHeld, keepOwnVote, type OwnVote } from "../../agent/core/consensus/ownVote.ts";
import type { ChainEntry } from "../../agent/core/ledger/chain.ts";
import { lastSequence } from "../../agent/core/ledger/judgeTransaction.ts";
import {
  MAX_WAITING_PER_SIGNER,
  type SignedTransaction,
  type TransactionSigner,
  transactionSignBytes,
} from "../../agent/core/ledger/transaction.ts";
import { encodeReading, type SignedReading } from "../../agent/core/metering/reading.ts";
import { type UnixMs, unixMs } from "../../agent/core/units.ts";
import type { Verdict } from "../../agent/core/verdict.ts";
import { encodeReadingMessage, encodeTransactionMessage } from "../../agent/core/wire.ts";
import type { Clock } from "../../agent/ports/clock.ts";
import type { Logger } from "../../agent/ports/logger.ts";
import type { Channel } from "../../agent/ports/transport.ts";
import { type RoundTrips, roundTrips } from "../../agent/services/agreement/roundTrips.ts";
import { inbox } from "../../agent/services/exchange/inbox.ts";
import type { LedgerService } from "../../agent/services/ledger/ledger.ts";
import { firstUnstated } from "../../agent/services/metering/firstUnstated.ts";
import { OwnEchoes } from "../../agent/services/metering/ownEchoes.ts";
import { onceAdmitted } from "../../agent/services/participation/onceAdmitted.ts";
import { poolHeld, poolPending } from "../../agent/services/pools/pendingReadings.ts";
import { type ReadingPool, readingPool } from "../../agent/services/pools/readingPool.ts";
import { type TransactionPool, transactionPool } from "../../agent/services/pools/transactionPool.ts";
import type { Draw } from "./draw.ts";
import { GatewayDisk } from "./gatewayDisk.ts";
import type { Household } from "./household.ts";
import type { DiskFault } from "./scenario.ts";
import { SimConsensus } from "./simConsensus.ts";
import { SimLedger } from "./simLedger.ts";
import { SimMetering } from "./simMetering.ts";
import { SimRejoin } from "./simRejoin.ts";
import type { SimMember, SimStreet } from "./street.ts";

/** What a gateway publishes. */
export type Said =
  | { readonly channel: "votes"; readonly message: Message }
  | { readonly channel: "readings"; readonly signed: SignedReading }
  | { readonly channel: "transactions"; readonly signed: SignedTransaction };

/** What a gateway asks of the world, and tells it. */
export type GatewayWorld = {
  readonly street: SimStreet;
  readonly fsyncMs: number;
  readonly trueMs: () => number;
  readonly after: (delayMs: number, run: () => void) => void;
  readonly publish: (from: Gateway, said: Said, wire: Uint8Array) => void;
  /** What stands on the disk counts as said, published or not. */
  readonly onDurable: (at: Gateway, said: Said) => void;
  readonly onHeard: (at: Gateway, message: Message) => void;
  readonly onDecision: (at: Gateway, certificate: CommitCertificate, entry: ChainEntry) => void;
  readonly onAdopted: (at: Gateway, entry: ChainEntry) => void;
  readonly onOutput: (at: Gateway, output: InstanceOutput, before: InstanceState) => void;
  readonly onApplied: (
    at: Gateway,
    input: InstanceInput,
    outputs: readonly InstanceOutput[],
    instance: InstanceState,
  ) => void;
  readonly onTimer: (at: Gateway, timeoutMs: number) => void;
  /** @returns true while one that it hears is further on */
  readonly isBehind: (at: Gateway) => boolean;
  /** Hears that this gateway lacks what others say they hold. */
  readonly onMissing: (at: Gateway) => void;
  /** Hears that this gateway holds two different statements of one member on one interval. */
  readonly onContradiction: (at: Gateway, signed: SignedReading) => void;
  readonly onFault: (fault: string) => void;
};

export type GatewayOptions = {
  readonly name: string;
  /** Place in the world: a twin has a place of its own and its member's key. */
  readonly place: number;
  readonly member: SimMember;
  readonly isSound: boolean;
  readonly household: Household;
  readonly hasFsync: boolean;
  /** Asks for its vote when it has lost it; else it observes for good. */
  readonly asksBack: boolean;
};

const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Everything that a power cut takes. */
type Life = {
  readonly ledger: SimLedger;
  readonly pool: ReadingPool;
  readonly transactions: TransactionPool;
  readonly consensus: SimConsensus;
  readonly judge: ReturnType<typeof inbox>;
  readonly roundTrips: RoundTrips;
};

/** What waits for a block. */
type Pools = Pick<Life, "pool" | "transactions">;

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
  #life: Life | null = null;
  #lives = 0;

  constructor(options: GatewayOptions, world: GatewayWorld) {
    this.options = options;
    this.#world = world;
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

  /** The power comes back: what the disk holds is all there is. */
  boot(): void {
    this.#lives += 1;
    const { street } = this.#world;
    const { isSoundJournal, boot } = this.disk.open();
    this.isObserver = !isSoundJournal;
    const ledger = new SimLedger(street.context, this.disk.blocks);
    const damage = ledger.open();
    if (damage !== null)
      this.#world.onFault(`${this.options.name}: stored chain does not verify at ${damage}`);
    const pool = readingPool(
      () => this.#world.trueMs(),
      (signed) => this.#world.onContradiction(this, signed),
    );
    const transactions = transactionPool(street.context, () => this.#world.trueMs());
    const records = this.disk.votes.read().records;
    for (const { message } of records) this.#world.onDurable(this, { channel: "votes", message });
    const stated = this.disk.outbox.read().records;
    for (const signed of stated) this.#world.onDurable(this, { channel: "readings", signed });
    poolPending(street.context, ledger.state, pool, stated);
    const kept = records.reduce<readonly OwnVote[]>((votes, vote) => keepOwnVote(votes, vote), []);
    const pools = { pool, transactions };
    poolHeld(records.reduce(keepHeld, null)?.items ?? [], pools, ledger.state);
    const measured = roundTrips(() => ledger.next.roster.members, this.options.member.name);
    const echoes = this.#newEchoes(ledger);
    const metering = this.#newMetering(ledger, pool, boot, echoes);
    const consensus = this.#newConsensus(ledger, pools, kept, measured, metering);
    const judge = this.#newInbox(ledger, pools, consensus, echoes);
    this.#life = { ledger, ...pools, consensus, judge, roundTrips: measured };
    consensus.start();
    metering.spanGaps(ledger.state);
    if (this.options.asksBack) this.#newRejoin(ledger, transactions).start();
    onceAdmitted(ledger as unknown as LedgerService, this.options.member.id, () => metering.start());
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
    const { chainId } = this.#world.street.context.roster;
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

  #newConsensus(
    ledger: SimLedger,
    pools: Pools,
    kept: readonly OwnVote[],
    measured: RoundTrips,
    metering: SimMetering,
  ): SimConsensus {
    const { street, fsyncMs, publish, onDecision, onAdopted, onOutput, onMissing, onFault } = this.#world;
    return new SimConsensus({
      context: street.context,
      member: this.options.member,
      isVoter: !this.isObserver,
      kept,
      disk: this.disk,
      ledger,
      ...pools,
      clock: this.#newClock(),
      fsyncMs,
      publish: (message, wire) => publish(this, { channel: "votes", message }, wire),
      onRefused: (what) => {
        if (this.options.isSound) onFault(`${this.options.name} may not sign its own vote: ${what}`);
      },
      onCommit: (state) => {
        poolPending(street.context, state, pools.pool, this.disk.outbox.acknowledged());
        metering.spanGaps(state);
      },
      onDecision: (certificate, entry) => onDecision(this, certificate, entry),
      onAdopted: (entry) => onAdopted(this, entry),
      onOutput: (output, before) => onOutput(this, output, before),
      onApplied: (input, outputs, instance) => this.#world.onApplied(this, input, outputs, instance),
      onTimer: (timeoutMs) => this.#world.onTimer(this, timeoutMs),
      roundTrips: measured,
      onMissing: () => onMissing(this),
    });
  }

  /** Nobody is waited for: what others know is heard when it comes. */
  #newEchoes(ledger: SimLedger): OwnEchoes {
    const { outbox } = this.disk;
    const last = () => Math.max(0, ...outbox.read().records.map(({ reading }) => reading.sequence));
    return new OwnEchoes({
      outbox: { pending: () => this.#stated(), nextSequence: () => last() + 1 },
      state: () => ledger.state,
      hasOthers: () => false,
      clock: this.#newClock(),
      logger: SILENT,
    });
  }

  #stated() {
    const { records } = this.disk.outbox.read();
    return records.map((signed) => ({ sequence: signed.reading.sequence, bytes: encodeReading(signed) }));
  }

  #newInbox(ledger: SimLedger, pools: Pools, consensus: SimConsensus, echoes: OwnEchoes): Life["judge"] {
    return inbox({
      context: this.#world.street.context,
      ledger: ledger as unknown as LedgerService,
      ...pools,
      clock: this.#newClock(),
      refusals: { note: () => {}, counts: () => [] },
      onVote: (message) => {
        consensus.receive(message);
        this.#world.onHeard(this, message);
      },
      heightInProgress: () => consensus.instance.config.height,
      self: this.options.member.id,
      echoes,
      onFarVote: () => {},
      isForeign: (message) => isForeignVote(consensus.kept, message),
      onForeign: (message) =>
        this.#world.onFault(`${this.options.name} takes a ${message.kind} of its own for a foreign one`),
    });
  }

  #newRejoin(ledger: SimLedger, transactions: TransactionPool): SimRejoin {
    const { street, fsyncMs, isBehind } = this.#world;
    const { name, member } = this.options;
    const { chainId, epoch } = street.context.roster;
    const clock = this.#newClock();
    return new SimRejoin({
      self: member.id,
      life: `${name} ${this.#lives}`,
      ledger,
      isAmnesiac: () => this.isObserver,
      isBehind: () => isBehind(this),
      waiting: () => transactions.held().filter(({ transaction }) => transaction.signer === member.id),
      submit: (content) =>
        this.submit((sequence) => {
          const transaction = { signer: member.id, sequence, content };
          return { transaction, signature: member.sign(transactionSignBytes(transaction, chainId, epoch)) };
        }),
      onReturn: (height) => {
        this.disk.returns.append(height);
        clock.after(fsyncMs, () => {
          this.disk.returns.sync();
          this.isObserver = false;
          this.life.consensus.regainVote();
        });
      },
    });
  }

  #newMetering(ledger: SimLedger, pool: ReadingPool, boot: number, echoes: OwnEchoes): SimMetering {
    const { street, fsyncMs, trueMs, publish } = this.#world;
    const { chainId } = street.context.roster;
    const clock = this.#newClock();
    const pending = () => this.#stated();
    return new SimMetering({
      street,
      member: this.options.member,
      household: this.options.household,
      outbox: this.disk.outbox,
      pool,
      boot,
      firstUnstated: () => firstUnstated({ pending }, ledger.state, echoes.lastInterval),
      echoes,
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
