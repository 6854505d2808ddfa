/**
 * One gateway without network and timers of its own: the product's services between its real key files, its real
 * journals and its real ledger, moved from one interval to the next by whoever holds it.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { openOutbox } from "../../agent/adapters/journal/fileOutbox.ts";
import { voteJournalAtStart } from "../../agent/adapters/journal/voteJournalAtStart.ts";
import { openSigner } from "../../agent/adapters/signer/fileSigner.ts";
import { loadKeys } from "../../agent/adapters/signer/keyFiles.ts";
import { dataDisk } from "../../agent/adapters/store/dataDisk.ts";
import { openStore } from "../../agent/adapters/store/levelStore.ts";
import type { GatewayPlace } from "../../agent/cli/demoSetup.ts";
import type { Message, UnsignedMessage } from "../../agent/core/consensus/message.ts";
import type { CommitBasis } from "../../agent/core/consensus/ownVote.ts";
import type { LedgerContext } from "../../agent/core/ledger/state/context.ts";
import { NONCE_BYTES } from "../../agent/core/ledger/state/transaction.ts";
import type { RosterMember } from "../../agent/core/membership/roster.ts";
import type { Height } from "../../agent/core/units.ts";
import type { Clock } from "../../agent/ports/clock.ts";
import type { LedgerStore } from "../../agent/ports/ledgerStore.ts";
import type { Logger } from "../../agent/ports/logger.ts";
import type { Outbox } from "../../agent/ports/outbox.ts";
import type { Signer } from "../../agent/ports/signer.ts";
import type { VoteJournal } from "../../agent/ports/voteJournal.ts";
import { memberOfKey } from "../../agent/services/enrolledAs.ts";
import { LedgerService } from "../../agent/services/ledger/ledger.ts";
import type { MeteredMeter } from "../../agent/services/metering/meterReader.ts";
import { OwnEchoes } from "../../agent/services/metering/ownEchoes.ts";
import { ownReadings } from "../../agent/services/metering/ownReadings.ts";
import { statementsOf } from "../../agent/services/metering/statementsOf.ts";
import { Participation } from "../../agent/services/participation/participation.ts";
import type { ReadingPool } from "../../agent/services/pools/readingPool.ts";
import type { TransactionPool } from "../../agent/services/pools/transactionPool.ts";
import { type OwnVotes, ownVotes } from "../../agent/services/voting/ownVotes.ts";
import { VotingRight } from "../../agent/services/voting/votingRight.ts";
import { memoryFrames } from "../support/memoryFrames.ts";

/** What all gateways of a street have in common on paper: nothing gets lost between them. */
export type PaperWorld = {
  readonly context: LedgerContext;
  readonly clock: Clock;
  readonly pool: ReadingPool;
  readonly transactions: TransactionPool;
  /** @returns the meters of a gateway, in the order of its enrolment */
  readonly metersOf: (place: GatewayPlace) => readonly MeteredMeter[];
  /** Hears of everything that must not be. */
  readonly onFault: (error: unknown) => void;
};

/** What a data directory holds, as a start opens it. */
type Disk = {
  readonly store: LedgerStore;
  readonly voteJournal: VoteJournal;
  readonly outbox: Outbox;
  readonly transactionOutbox: Outbox;
};

/** As the product opens it: few own transactions wait at a time. */
const TRANSACTION_OUTBOX = { capacityBytes: 262_144, maxPending: 64 };
/** What its last commit set off may still be on its way to the disk, in ms. */
const QUIET_MS = 500;

/** Owns one data directory until it is closed. */
export class PaperGateway {
  readonly self: RosterMember;
  readonly ledger: LedgerService;
  readonly #disk: Disk;
  readonly #votes: OwnVotes;
  readonly #votingRight: VotingRight;
  readonly #participation: Participation;
  readonly #statements: ReturnType<typeof statementsOf>;

  private constructor(world: PaperWorld, place: GatewayPlace, disk: Disk, signer: Signer) {
    const { context, transactions, onFault } = world;
    const { store, outbox, voteJournal } = disk;
    const logger = faultLog(onFault);
    this.self = memberOfKey(context, signer.publicKey);
    const common = { ...world, ...disk, self: this.self.id, signer, logger };
    this.#disk = disk;
    this.ledger = new LedgerService({ context, store, outbox, logger, self: this.self.id });
    const alone = { transport: { peers: () => [] }, behindBy: () => 0, isBehind: () => false };
    this.#votingRight = new VotingRight({
      ...common,
      ...alone,
      ledger: this.ledger,
      disk: dataDisk(place.directory),
      spare: null,
      ledgersSetAside: 0,
      failedLives: 0,
      onChange: () => {},
      onRenew: () => onFault(new Error(`${this.self.name} asks for a new life`)),
    });
    this.#participation = new Participation({
      ...common,
      ...alone,
      ledger: this.ledger,
      pool: transactions,
      votingRight: this.#votingRight,
      actuators: [],
      meters: [],
      lastSamples: () => [],
      drawNonce: () => Uint8Array.from(randomBytes(NONCE_BYTES)),
      publish: () => {},
    });
    const electorsAt = (at: Height) => this.ledger.contextAt(at).voters.voters.map(({ id }) => id);
    this.#votes = ownVotes({ context, signer, journal: voteJournal, electorsAt, onFailed: onFault });
    const state = () => this.ledger.state;
    const echoes = new OwnEchoes({ ...common, state, hasOthers: () => false });
    this.#statements = statementsOf(context, this.self, this.ledger, {
      ...common,
      echoes,
      meters: world.metersOf(place),
      readings: ownReadings({ context, self: this.self.id, outbox, signer, echoes }),
      frames: memoryFrames(0),
      onReading: (signed) => void world.pool.add(signed),
    });
  }

  /** @param world it lives in @param place laid out, never started @returns the gateway after its first start */
  static async start(world: PaperWorld, place: GatewayPlace): Promise<PaperGateway> {
    const { directory } = place;
    const signer = openSigner((await loadKeys(join(directory, "keys"))).ledger);
    const store = await openStore(join(directory, "ledger"));
    const voteJournal = await voteJournalAtStart(join(directory, "votes.journal"));
    const outbox = await openOutbox(join(directory, "outbox.journal"));
    const transactionOutbox = await openOutbox(join(directory, "transactions.journal"), TRANSACTION_OUTBOX);
    const disk = { store, voteJournal, outbox, transactionOutbox };
    const gateway = new PaperGateway(world, place, disk, signer);
    await gateway.#start();
    return gateway;
  }

  async #start(): Promise<void> {
    await this.ledger.start();
    await this.#votingRight.start();
    await this.#participation.start();
    this.#statements.late.start();
    this.#statements.metering.start();
  }

  /** @param vote to sign @param basis of a COMMIT @returns it, durable in the journal @throws Error when it may not vote so */
  async vote<Vote extends UnsignedMessage>(vote: Vote, basis: CommitBasis | null = null) {
    if (!this.#votingRight.isVoter) throw new Error(`${this.self.name} does not vote`);
    const signed = await this.#votes.once(vote, basis);
    if (signed === null) throw new Error(`${this.self.name} may not sign its ${vote.kind}`);
    return signed as Extract<Message, { kind: Vote["kind"] }>;
  }

  /** An orderly stop: nothing of it runs afterwards, and its ledger is noted as sound. */
  async stop(): Promise<void> {
    this.#statements.metering.stop();
    this.#statements.late.stop();
    this.#participation.stop();
    this.#votingRight.stop();
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    const { store, voteJournal, outbox, transactionOutbox } = this.#disk;
    await store.markSound();
    for (const part of [transactionOutbox, outbox, voteJournal, store]) await part.close();
  }
}

/** On paper nothing goes wrong: an error that is logged is a fault. */
function faultLog(onFault: (error: unknown) => void): Logger {
  const silent = () => {};
  const error = (event: string, cause: unknown) => onFault(new Error(event, { cause }));
  return { debug: silent, info: silent, warn: silent, error };
}
