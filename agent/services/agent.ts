/** One gateway: starts its services in the order they depend on each other, and stops them in the reverse. */
import type { Hash } from "../core/hash.ts";
import { readBlock } from "../core/ledger/blocks/block.ts";
import { evidenceOfReadings, evidenceOfVotes } from "../core/ledger/state/evidence.ts";
import type { SignedTransaction, TransactionContent } from "../core/ledger/state/transaction.ts";
import type { RosterMember } from "../core/membership/roster.ts";
import type { SignedReading } from "../core/metering/reading.ts";
import type { Height } from "../core/units.ts";
import type { AgentView, IntervalView, StatusView } from "../ports/agentView.ts";
import type { BidApi } from "../ports/bidView.ts";
import type { FrameSet } from "../ports/frameStore.ts";
import type { GovernanceApi } from "../ports/governanceView.ts";
import type { StoredBlock } from "../ports/ledgerStore.ts";
import type { MoneyApi } from "../ports/moneyView.ts";
import type { ProfilePoint, ProfileQuery } from "../ports/profileStore.ts";
import type { Judge } from "../ports/transport.ts";
import type { AgentModules } from "./agentModules.ts";
import { ConsensusService } from "./agreement/consensus.ts";
import { type RoundTrips, roundTrips } from "./agreement/roundTrips.ts";
import { type Refusals, refusalCounter } from "./base/refusals.ts";
import { ServiceError } from "./base/serviceError.ts";
import { inbox } from "./exchange/inbox.ts";
import { type Publisher, publisher } from "./exchange/publisher.ts";
import { SyncService } from "./exchange/sync.ts";
import { openInEpoch } from "./ledger/epochStart.ts";
import { LedgerService } from "./ledger/ledger.ts";
import { LedgerAudit } from "./ledger/ledgerAudit.ts";
import { isLedgerDamage } from "./lives.ts";
import type { LateReadings } from "./metering/lateReadings.ts";
import type { MeteringService } from "./metering/metering.ts";
import { echoesOf, type OwnEchoes } from "./metering/ownEchoes.ts";
import { type OwnReadings, ownReadings } from "./metering/ownReadings.ts";
import { type Profile, profileOf } from "./metering/profile.ts";
import { statementsOf } from "./metering/statementsOf.ts";
import { onceAdmitted } from "./participation/onceAdmitted.ts";
import { Participation } from "./participation/participation.ts";
import { RosterLinks } from "./participation/rosterLinks.ts";
import { poolHeld } from "./pools/pendingReadings.ts";
import { type ReadingPool, readingPool } from "./pools/readingPool.ts";
import { type TransactionPool, transactionPool } from "./pools/transactionPool.ts";
import { bidApi } from "./views/bidApi.ts";
import { governanceApi } from "./views/governanceApi.ts";
import { intervalViews } from "./views/intervalView.ts";
import { moneyApi } from "./views/moneyView.ts";
import { idleProgress, statusView } from "./views/statusView.ts";
import { type OwnVotes, ownVotes } from "./voting/ownVotes.ts";
import { VoteEcho } from "./voting/voteEcho.ts";
import { VotingRight } from "./voting/votingRight.ts";

/** The services of one gateway. */
export class Agent implements AgentView {
  readonly governance: GovernanceApi;
  readonly bids: BidApi;
  readonly money: MoneyApi;
  readonly #modules: AgentModules;
  readonly #self: RosterMember;
  readonly #ownVotes: OwnVotes;
  readonly #echo: VoteEcho;
  readonly #rosterLinks: RosterLinks;
  readonly #votingRight: VotingRight;
  readonly #publisher: Publisher;
  readonly #refusals: Refusals;
  readonly #pool: ReadingPool;
  readonly #roundTrips: RoundTrips;
  readonly #transactions: TransactionPool;
  readonly #participation: Participation;
  readonly #ledger: LedgerService;
  readonly #echoes: OwnEchoes;
  readonly #readings: OwnReadings;
  readonly #profile: Profile | null;
  #late: LateReadings | null = null;
  #consensus: ConsensusService | null = null;
  #metering: MeteringService | null = null;
  #sync: SyncService | null = null;
  #stopWaiting: () => void = () => {};
  #audit: LedgerAudit | null = null;

  constructor(modules: AgentModules) {
    const { context, clock, logger, outbox, signer, store, transport, voteJournal } = modules;
    this.#modules = modules;
    this.#self = modules.self;
    const { id: self } = modules.self;
    this.#refusals = refusalCounter(clock, logger);
    const monotonicMs = () => clock.monotonicMs();
    this.#pool = readingPool(monotonicMs, (first, second) =>
      this.#participation.report(evidenceOfReadings(first, second)),
    );
    this.#transactions = transactionPool(context, monotonicMs);
    this.#ledger = new LedgerService({ context, store, outbox, logger, self });
    this.#roundTrips = roundTrips(() => this.#ledger.next.roster.members, this.#self.peerId);
    this.#echoes = echoesOf(modules, this.#ledger);
    this.#readings = ownReadings({ ...modules, self, echoes: this.#echoes });
    this.#profile = profileOf(modules, (error) => this.#fail(error));
    this.#publisher = publisher({ ...modules, contextAt: (at) => this.#ledger.contextAt(at) });
    this.#votingRight = new VotingRight({
      ...modules,
      ledger: this.#ledger,
      spare: this.#profile,
      behindBy: () => this.#sync?.progress().behindBy ?? 0,
      onChange: (isVoter) => this.#consensus?.setVoting(isVoter),
    });
    const onFailed = (error: ServiceError) => this.#votingRight.noteVoteFailed(error);
    const electorsAt = (at: Height) => this.#ledger.contextAt(at).voters.voters.map((voter) => voter.id);
    this.#ownVotes = ownVotes({ context, signer, journal: voteJournal, electorsAt, onFailed });
    const common = { ...modules, self, ledger: this.#ledger, publish: this.#publisher.transaction };
    this.#participation = new Participation({
      ...common,
      pool: this.#transactions,
      votingRight: this.#votingRight,
      isBehind: () => (this.#sync?.progress().behindBy ?? 0) > 0,
      lastSamples: () => this.#metering?.lastSamples() ?? [],
    });
    const submit = (content: TransactionContent) => this.submit(content);
    const metering = () => this.#metering;
    this.governance = governanceApi({ ...common, transactions: this.#transactions, submit, metering });
    this.bids = bidApi({ ...common, submit });
    this.money = moneyApi(() => ({ context, state: this.#ledger.state }));
    this.#rosterLinks = new RosterLinks(common);
    this.#echo = new VoteEcho({ clock, transport, echo: () => this.#echoVotes() });
  }

  /** Opens the ledger, joins the gossip, then reads meters and takes part in the agreement. */
  async start(): Promise<void> {
    const { context, logger, store, transport } = this.#modules;
    await openInEpoch(this.#ledger, store, context);
    await this.#votingRight.start();
    const onFault = (error: unknown) => this.#fail(error);
    const consensus = new ConsensusService(
      { self: this.#self.id, isVoter: this.#votingRight.isVoter },
      {
        ...this.#modules,
        ledger: this.#ledger,
        pool: this.#pool,
        transactions: this.#transactions,
        roundTrips: this.#roundTrips,
        ownVotes: this.#ownVotes,
        publish: this.#publisher.vote,
        refusals: this.#refusals,
        onEquivocation: (first, second) => this.#participation.report(evidenceOfVotes(first, second)),
        onMissing: () => this.#sync?.kick(),
        onFault,
      },
    );
    this.#consensus = consensus;
    const onReading = (signed: SignedReading) => this.#takeOwn(signed);
    const own = { pool: this.#pool, readings: this.#readings, echoes: this.#echoes, onReading, onFault };
    const { late, metering } = statementsOf(context, this.#self, this.#ledger, { ...this.#modules, ...own });
    this.#late = late;
    this.#metering = metering;
    const judge = this.#judge(consensus);
    this.#sync = this.#syncWith(consensus, judge);
    this.#rosterLinks.start();
    await transport.start(judge);
    consensus.start();
    this.#sync.start();
    late.start();
    this.#profile?.start();
    this.#stopWaiting = onceAdmitted(this.#ledger, this.#self.id, () => metering.start());
    this.#echo.start();
    await this.#participation.start();
    this.#audit = new LedgerAudit({ ...this.#modules, onDamage: onFault }, this.#ledger.unaudited);
    this.#audit.start();
    logger.info("agent.started", {
      name: this.#self.name,
      participation: this.#votingRight.isVoter ? "voter" : "observer",
      height: this.#ledger.state.height,
    });
  }

  /** Stops reading and voting, leaves the gossip, and notes that the ledger is sound when all of it is known to be. */
  async stop(): Promise<void> {
    this.#votingRight.stop();
    this.#audit?.stop();
    this.#echo.stop();
    this.#rosterLinks.stop();
    await this.#participation.stop();
    this.#stopWaiting();
    this.#metering?.stop();
    await this.#profile?.stop();
    this.#late?.stop();
    this.#sync?.stop();
    this.#consensus?.stop();
    const { transport, store, logger } = this.#modules;
    await transport.stop();
    if (this.#audit?.isDone === true)
      await store.markSound().catch((error: unknown) => logger.error("ledger.not-noted-sound", error));
    logger.info("agent.stopped", { height: this.#ledger.state.height });
  }

  async status(): Promise<StatusView> {
    const { state } = this.#ledger;
    const lastSamples = this.#metering?.lastSamples() ?? [];
    return statusView({
      ...this.#modules,
      self: this.#self,
      state,
      hindrances: this.#votingRight.hindrances(),
      sync: this.#sync?.progress() ?? null,
      progress: this.#consensus?.progress() ?? idleProgress(state.height, this.#modules.clock),
      lastSamples: this.#profile?.newest(lastSamples) ?? lastSamples,
      curtailment: this.#participation.curtailment(),
      refusals: this.#refusals,
    });
  }

  async intervals(height: Height): Promise<readonly IntervalView[] | null> {
    const stored = await this.block(height);
    if (stored === null) return null;
    const read = readBlock(stored.block);
    if (read.kind !== "accept") throw new ServiceError("LEDGER_DAMAGED", { height, reason: read.code });
    return intervalViews(read.value, this.#ledger.next.roster);
  }

  submit(content: TransactionContent): Promise<SignedTransaction> {
    return this.#participation.submit(content);
  }

  async block(height: Height): Promise<StoredBlock | null> {
    try {
      return await this.#modules.store.block(height);
    } catch (error) {
      // Whoever asks is told, and this gateway no longer stands on a ledger that is damaged.
      if (isLedgerDamage(error)) this.#fail(error);
      throw error;
    }
  }

  frames(framesHash: Hash): Promise<FrameSet | null> {
    return this.#modules.frames.find(framesHash);
  }

  async profile(query: ProfileQuery): Promise<readonly ProfilePoint[] | null> {
    return this.#profile?.find(query) ?? null;
  }

  onCommit(listener: (height: Height) => void): () => void {
    return this.#ledger.onCommit(({ block }) => listener(block.header.height));
  }

  #judge(consensus: ConsensusService): Judge {
    return inbox({
      context: this.#modules.context,
      ledger: this.#ledger,
      pool: this.#pool,
      transactions: this.#transactions,
      clock: this.#modules.clock,
      refusals: this.#refusals,
      self: this.#self.id,
      echoes: this.#echoes,
      isForeign: (message) => this.#ownVotes.isForeign(message),
      onForeign: (message) => this.#votingRight.noteForeign(message),
      onVote: (message) => consensus.receive(message),
      heightInProgress: () => consensus.progress().height,
      onFarVote: () => this.#sync?.kick(),
    });
  }

  #syncWith(consensus: ConsensusService, judge: Judge): SyncService {
    const pools = { pool: this.#pool, transactions: this.#transactions };
    poolHeld(this.#modules.voteJournal.held(), pools, this.#ledger.state);
    return new SyncService({
      ...this.#modules,
      ledger: this.#ledger,
      pool: this.#pool,
      transactions: this.#transactions,
      refusals: this.#refusals,
      roundTrips: this.#roundTrips,
      consensus,
      judge,
      onLevel: () => this.#echoes.noteLevel(),
      onFault: (error) => this.#fail(error),
    });
  }

  #echoVotes(): void {
    const height = this.#consensus?.progress().height;
    if (height === undefined) return;
    for (const { message } of this.#ownVotes.at(height)) this.#publisher.vote(message);
  }

  #takeOwn(signed: SignedReading): void {
    const pooled = this.#pool.add(signed);
    if (pooled.kind !== "accept") this.#refusals.note(pooled.code, "reading");
    this.#publisher.reading(signed);
  }

  /** A disk that refuses ends the agreement, not the agent: metering goes on, and the guard waits for the disk. */
  #fail(error: unknown): void {
    this.#sync?.stop();
    this.#consensus?.stop();
    if (!this.#votingRight.noteDiskRefusal(error)) this.#modules.onFault(error);
  }
}
