/** Everybody who watches a run and keeps books of their own: votes, chain, timers, and what sound gateways may expect of each other. */
import { decodeCommitCertificate } from "../../agent/core/consensus/certificateCodec.ts";
import type {
  InstanceInput,
  InstanceOutput,
  InstanceState,
} from "../../agent/core/consensus/instanceState.ts";
import type { CommitCertificate, Message } from "../../agent/core/consensus/message.ts";
import { readBlock } from "../../agent/core/ledger/blocks/block.ts";
import type { ChainEntry } from "../../agent/core/ledger/chain/chain.ts";
import { type LedgerContext, newestEpoch } from "../../agent/core/ledger/state/context.ts";
import { baseOf, epochAt } from "../../agent/core/membership/epoch.ts";
import { intervalEndMs } from "../../agent/core/metering/interval.ts";
import type { SignedReading } from "../../agent/core/metering/reading.ts";
import type { Height } from "../../agent/core/units.ts";
import { CensorWatch } from "./censorship.ts";
import { ChainWatch } from "./chainWatch.ts";
import { type BooksOfEpoch, EpochBooks } from "./epochBooks.ts";
import { EpochWatch } from "./epochWatch.ts";
import type { Gateway } from "./gateway.ts";
import type { Said } from "./gatewayWorld.ts";
import type { Forgotten } from "./readingBook.ts";
import type { RosterBook } from "./rosterBook.ts";
import type { Scenario } from "./scenario.ts";
import type { SimStreet } from "./street.ts";

/** How far two clocks may differ before one holds the other's block back. @source docs/protocol.md, "Timers" */
const CLOCK_SKEW_MS = 500;
/** No round is longer, nor longer than an interval. @source docs/protocol.md, "Timers" */
const LONGEST_ROUND_MS = 60_000;

/** What the onlookers are told of the run. */
export type OnlookersModules = {
  readonly scenario: Scenario;
  readonly street: SimStreet;
  /** On the wall clock. */
  readonly startMs: number;
  readonly nowMs: () => number;
  readonly gateways: () => readonly Gateway[];
  readonly memberOf: (gateway: Gateway) => number;
};

/** All onlookers of one run. */
export class Onlookers {
  readonly chain: ChainWatch;
  readonly epochs: EpochWatch;
  readonly #epochBooks: EpochBooks;
  /** In mode "censor" alone. */
  readonly #censors: CensorWatch | null;
  readonly #modules: OnlookersModules;
  readonly #faults: string[] = [];
  readonly #judging = new Map<Gateway, string>();
  readonly #enteredAtMs = new Map<Gateway, number>();
  readonly #liars: ReadonlySet<string>;
  #healedAtMs = Number.POSITIVE_INFINITY;

  constructor(modules: OnlookersModules) {
    const { scenario, street } = modules;
    this.#modules = modules;
    this.#censors = scenario.mode === "censor" ? new CensorWatch(scenario, modules.startMs) : null;
    this.#liars = new Set<string>(scenario.liars.map(({ member }) => street.members[member]!.id));
    const { context } = street;
    const books = new EpochBooks(context, this.#liars);
    this.#epochBooks = books;
    this.epochs = new EpochWatch(books);
    this.chain = new ChainWatch({ books, liars: this.#liars });
  }

  /** Who takes part, in the newest epoch. */
  get roster(): RosterBook {
    return this.#epochBooks.newest.roster;
  }

  /** @returns what must not be and was */
  get faults(): readonly string[] {
    return this.#books.flat();
  }

  get hasFault(): boolean {
    return this.#books.some((faults) => faults.length > 0);
  }

  get #books(): readonly (readonly string[])[] {
    const censored = this.#censors?.faults ?? [];
    return [this.#faults, ...this.#epochBooks.faults, this.chain.faults, this.epochs.faults, censored];
  }

  fault(what: string): void {
    this.#faults.push(what);
  }

  /** Links are whole, clocks right, and who can be is up. */
  healed(): void {
    this.#healedAtMs = this.#modules.nowMs();
  }

  /** @param context of the chain with the epoch that the GridAdmin has begun */
  sawEpoch(context: LedgerContext): void {
    this.#epochBooks.begin(context);
  }

  sawBoot(at: Gateway): void {
    if (at.options.isSound) this.epochs.sawEntered(at);
  }

  /** What stands on a gateway's disk, or leaves it. */
  sawSaid(at: Gateway, said: Said): void {
    if (!at.options.isSound) return;
    if (said.channel === "votes") {
      this.#booksOf(at).votes.sawVote(at.options.member.id, said.message);
      this.#checkEnded(at, said.message);
    } else if (said.channel === "readings") this.chain.sawReading(said.signed, this.#forgottenBy(at));
  }

  /** Nobody who has lost everything, and whose clock was off by an interval, can know what it stated when. */
  #forgottenBy({ disk, mostClockOffsetMs }: Gateway): Forgotten {
    if (!disk.wasWiped) return "nothing";
    return mostClockOffsetMs < this.#modules.scenario.intervalMs ? "sequence" : "everything";
  }

  /** What leaves a gateway, before the network has it. */
  sawPublished(at: Gateway, said: Said): void {
    if (!at.options.isSound) return;
    if (said.channel === "votes") this.epochs.sawVote(at, said.message);
    if (said.channel === "readings") this.#censors?.published(at.options.name, said.signed);
    if (said.channel === "transactions")
      this.#censors?.submitted(at.options.name, said.signed, this.#modules.nowMs());
  }

  /** Nobody is made out to contradict itself, unless it does, or has lost what it stated before. */
  sawContradiction(at: Gateway, { reading: { member, interval } }: SignedReading): void {
    const isOwn = (gateway: Gateway) => gateway.options.member.id === member;
    const hasForgotten = this.#modules.gateways().some((other) => isOwn(other) && other.disk.wasWiped);
    if (at.options.isSound && !this.#liars.has(member) && !hasForgotten)
      this.fault(`${at.options.name} holds two readings of sound ${member} for ${interval}`);
  }

  sawDecision(at: Gateway, certificate: CommitCertificate, entry: ChainEntry): void {
    if (!at.options.isSound) return;
    const { votes } = this.#booksAt(at, entry.height);
    if (isTakenOver(at, entry)) votes.sawTakenOver(at.options.name, certificate);
    else votes.sawDecision(at.options.name, certificate);
    this.epochs.sawDecided(at, entry.height, entry.blockHash);
    this.chain.sawBlock(entry);
    const read = this.#censors === null ? null : readBlock(entry.block);
    if (read?.kind === "accept") this.#censors?.sawBlock(read.value);
  }

  /** A block that came with its certificate binds its taker like one that it decided. */
  sawAdopted(at: Gateway, entry: ChainEntry): void {
    if (!at.options.isSound) return;
    const { voters } = this.#booksAt(at, entry.height).roster.at(entry.height);
    const decoded = decodeCommitCertificate(entry.certificate, entry.height, voters);
    if (decoded.kind !== "accept") return this.fault(`${at.options.name} adopts ${entry.height} uncertified`);
    const { blockHash } = decoded.value;
    if (blockHash !== entry.blockHash)
      return this.fault(`${at.options.name} adopts ${entry.height} with the certificate of another block`);
    this.sawDecision(at, decoded.value, entry);
  }

  #booksOf(at: Gateway): BooksOfEpoch {
    return this.#epochBooks.of(newestEpoch(at.context).chainId);
  }

  /** Of the epoch that a height belongs to, as far as the gateway knows. */
  #booksAt(at: Gateway, height: Height): BooksOfEpoch {
    return this.#epochBooks.of(epochAt(at.context.epochs, height).chainId);
  }

  /** @param at a gateway @param input given to its instance @param outputs of it @param instance after it */
  sawApplied(
    at: Gateway,
    input: InstanceInput,
    outputs: readonly InstanceOutput[],
    instance: InstanceState,
  ): void {
    if (!at.options.isSound) return;
    this.#booksAt(at, instance.config.height).instances.sawApplied(at, input, outputs, instance);
  }

  sawTimer(at: Gateway, timeoutMs: number): void {
    if (timeoutMs > Math.min(LONGEST_ROUND_MS, this.#modules.scenario.intervalMs))
      this.fault(`TIMER: ${at.options.name} gives a round ${timeoutMs} ms`);
  }

  /** @param at a gateway @param output of its core @param before its instance before the input that gave the output */
  sawOutput(at: Gateway, output: InstanceOutput, before: InstanceState): void {
    if (!at.options.isSound) return;
    if (output.kind === "judge") this.#judging.set(at, output.proposer);
    if (output.kind !== "recall") return;
    if (output.reason === "invalid-proposal") this.#checkBlame(at, output.detail);
    if (output.reason === "timeout") this.#checkIdle(at, before);
    this.#enteredAtMs.set(at, this.#modules.nowMs());
  }

  /**
   * Sound gateways compute alike: none finds another one's block invalid. Where messages are lost or late a sound DSO
   * may lack what another one holds; on a sound network none is ever recalled for it.
   */
  #checkBlame(at: Gateway, detail: string | undefined): void {
    if (this.#modules.scenario.mode !== "censor" && detail?.startsWith("BLOCK_OMITS_TIMELY")) return;
    const proposer = this.#judging.get(at);
    if (proposer !== undefined && !this.#liars.has(proposer))
      this.fault(`JUDGE: ${at.options.name} finds the block of sound ${proposer} invalid: ${detail}`);
  }

  /** After the heal nobody holds a mandate to propose a prepared block for a whole round, and lets it pass. */
  #checkIdle(at: Gateway, { building, round }: InstanceState): void {
    const prepared = building?.justification?.prepared ?? null;
    if (prepared === null || (this.#enteredAtMs.get(at) ?? 0) < this.#healedAtMs) return;
    const isToBeHad = this.#modules
      .gateways()
      .some((other) => other.isUp && other.life.consensus.instance.bodies.has(prepared.blockHash));
    if (isToBeHad)
      this.fault(
        `IDLE: ${at.options.name} was to propose ${prepared.blockHash} in round ${round} and did not`,
      );
  }

  /** Nobody prepares a block, its own included, before its own clock says that the interval is over. */
  #checkEnded(at: Gateway, message: Message): void {
    if (message.kind !== "prepare" || !at.isUp) return;
    const { scenario, memberOf } = this.#modules;
    if (scenario.clockSteps.some(({ member }) => member === memberOf(at))) return;
    const body = at.life.consensus.instance.bodies.get(message.blockHash);
    const read = body === undefined ? null : readBlock(body);
    if (read?.kind !== "accept") return;
    const endedAtMs = intervalEndMs(read.value.header.to, scenario.intervalMs);
    if (at.nowMs() < endedAtMs - CLOCK_SKEW_MS)
      this.fault(`${at.options.name} prepares interval ${read.value.header.to} before it ended`);
  }
}

/** The last block of an epoch may rest on PREPAREs, and on the GridAdmin's word. */
function isTakenOver({ context }: Gateway, { height, blockHash }: ChainEntry): boolean {
  return context.epochs.some(
    ({ recovery }) => recovery?.prepared?.hash === blockHash && baseOf(recovery).height === height,
  );
}
