/** A large street on a sound network, and what each height costs its gateways. */
import type { Message } from "../../agent/core/consensus/message.ts";
import { intervalStartMs } from "../../agent/core/metering/interval.ts";
import { SimSchedule } from "../support/simSchedule.ts";
import { ChainWatch } from "./chainWatch.ts";
import { type Draw, drawFor } from "./draw.ts";
import { EpochBooks } from "./epochBooks.ts";
import { Gateway } from "./gateway.ts";
import type { GatewayWorld, Said } from "./gatewayWorld.ts";
import { Household, USUAL_MANNERS } from "./household.ts";
import { FIRST_INTERVAL, type SimStreet, simStreet } from "./street.ts";
import type { VoteWatch } from "./voteWatch.ts";

/** What one height cost; the largest figure that any gateway had. */
export type HeightCost = {
  readonly height: number;
  /** Bytes that one gateway published itself: of whoever was not in office, and of the DSO. */
  readonly ownBytes: number;
  readonly dsoBytes: number;
  /** Bytes of all messages of the height: what everybody has to hear once. */
  readonly heardBytes: number;
  readonly blockBytes: number;
  readonly certificateBytes: number;
  /** Signatures verified by a gateway that shares no work with others. */
  readonly verifications: number;
  readonly fsyncs: number;
};

const INTERVAL_MS = 60_000;
const DELAY_MS = [5, 60] as const;
const FSYNC_MS = 5;
const SEED = 1;
/** Gateways that do all of their work themselves, so that it can be counted; the others share theirs. */
const COUNTED = 2;
/** Simulated time after which a height that is not there never comes. */
const INTERVALS_TO_WAIT = 3;

/** One run. */
export class ScaleStreet {
  readonly #street: SimStreet;
  readonly #schedule = new SimSchedule();
  readonly #draw: Draw = drawFor(SEED, "scale");
  readonly #gateways: readonly Gateway[];
  readonly #votes: VoteWatch;
  readonly #chain: ChainWatch;
  readonly #faults: string[] = [];
  readonly #published = new Map<Gateway, number>();
  readonly #verified = new Map<Gateway, number>();
  readonly #startMs = intervalStartMs(FIRST_INTERVAL, INTERVAL_MS) - INTERVAL_MS / 10;
  #heardBytes = 0;
  #proposer: Gateway | null = null;
  #certificateBytes = 0;
  #blockBytes = 0;

  constructor(members: number) {
    this.#street = simStreet({
      seed: SEED,
      members,
      intervalMs: INTERVAL_MS,
      mode: "grid-tied",
      termMax: 96,
      hasRealSignatures: false,
    });
    const { context } = this.#street;
    const liars = new Set<string>();
    const books = new EpochBooks(context, liars);
    this.#votes = books.newest.votes;
    this.#chain = new ChainWatch({ books, liars });
    this.#gateways = this.#street.members.map((_, place) => this.#newGateway(place));
  }

  /** @returns what must not be and was */
  get faults(): readonly string[] {
    return [...this.#faults, ...this.#votes.faults, ...this.#chain.faults];
  }

  /** @param heights to commit everywhere @param onHeight hears of each @throws RangeError when one does not come */
  run(heights: number, onHeight: (cost: HeightCost) => void): void {
    for (const gateway of this.#gateways) gateway.boot();
    for (let height = 1; height <= heights; height += 1) {
      const fsyncs = new Map(this.#gateways.map((gateway) => [gateway, gateway.disk.syncs]));
      const untilMs = this.#schedule.nowMs + INTERVALS_TO_WAIT * INTERVAL_MS;
      const isThere = () => this.#gateways.every(({ life }) => life.ledger.state.height >= height);
      while (!isThere() && this.#schedule.nowMs < untilMs && this.faults.length === 0)
        for (let events = 0; events < this.#gateways.length; events += 1) this.#schedule.step();
      if (!isThere()) throw new RangeError(`height ${height}: ${this.faults[0] ?? "not committed in time"}`);
      const spent = this.#gateways.map((gateway) => gateway.disk.syncs - fsyncs.get(gateway)!);
      onHeight(this.#costOf(height, Math.max(...spent)));
    }
  }

  #costOf(height: number, fsyncs: number): HeightCost {
    const others = [...this.#published].filter(([gateway]) => gateway !== this.#proposer);
    const cost = {
      height,
      ownBytes: Math.max(0, ...others.map(([, bytes]) => bytes)),
      dsoBytes: this.#proposer === null ? 0 : (this.#published.get(this.#proposer) ?? 0),
      heardBytes: this.#heardBytes,
      blockBytes: this.#blockBytes,
      certificateBytes: this.#certificateBytes,
      verifications: Math.max(...this.#verified.values()),
      fsyncs,
    };
    this.#published.clear();
    for (const gateway of this.#verified.keys()) this.#verified.set(gateway, 0);
    this.#heardBytes = 0;
    return cost;
  }

  #newGateway(place: number): Gateway {
    const member = this.#street.members[place]!;
    const roles = member.enrolment.body.meters.map((meter) => meter.role);
    const options = { startMs: this.#startMs, bucketMs: INTERVAL_MS, silentShare: 0, ...USUAL_MANNERS };
    const household = new Household(roles, drawFor(SEED, `household ${place}`), options);
    const street = place < COUNTED ? this.#countedStreet(() => gateway) : this.#street;
    const gateway = new Gateway(
      { name: member.name, place, member, isSound: true, household, hasFsync: true, asksBack: false },
      this.#worldOf(street),
    );
    if (place < COUNTED) this.#verified.set(gateway, 0);
    return gateway;
  }

  /** The same street for one gateway alone: a context of its own shares nothing, and its verifier counts. */
  #countedStreet(gateway: () => Gateway): SimStreet {
    const { context } = this.#street;
    const { verify } = context.voters;
    const voters = {
      ...context.voters,
      verify: (...facts: Parameters<typeof verify>) => {
        this.#verified.set(gateway(), (this.#verified.get(gateway()) ?? 0) + 1);
        return verify(...facts);
      },
    };
    // Derived contexts are remembered by epoch: one of its own keeps them apart.
    const epoch = { ...context.epoch };
    return { ...this.#street, context: { ...context, epoch, epochs: [epoch], voters } };
  }

  #worldOf(street: SimStreet): GatewayWorld {
    return {
      street,
      fsyncMs: FSYNC_MS,
      trueMs: () => this.#startMs + this.#schedule.nowMs,
      after: (delayMs, run) => this.#schedule.after(delayMs, run),
      publish: (from, said, wire) => this.#publish(from, said, wire),
      onDurable: (at, said) => this.#said(at, said),
      onHeard: () => {},
      onDecision: (at, certificate, entry) => {
        this.#votes.sawDecision(at.options.name, certificate);
        this.#chain.sawBlock(entry);
        this.#certificateBytes = entry.certificate.length;
        this.#blockBytes = entry.block.length;
      },
      onAdopted: () => {},
      onOutput: () => {},
      onApplied: () => {},
      onTimer: () => {},
      isBehind: () => false,
      onMissing: () => {},
      onContradiction: () => {},
      onBoot: () => {},
      onFault: (fault) => this.#faults.push(fault),
    };
  }

  #said(at: Gateway, said: Said): void {
    if (said.channel === "readings") this.#chain.sawReading(said.signed, "nothing");
    if (said.channel === "votes") this.#votes.sawVote(at.options.member.id, said.message);
  }

  #publish(from: Gateway, said: Said, wire: Uint8Array): void {
    this.#said(from, said);
    this.#published.set(from, (this.#published.get(from) ?? 0) + wire.length);
    this.#heardBytes += wire.length;
    if (said.channel === "votes" && isProposal(said.message)) this.#proposer = from;
    for (const to of this.#gateways) {
      if (to === from) continue;
      this.#schedule.after(this.#draw.within(...DELAY_MS), () => {
        const verdict = to.receive(said.channel, wire, from.options.name);
        if (verdict.kind === "reject") this.#faults.push(`${to.options.name} blames: ${verdict.code}`);
      });
    }
  }
}

function isProposal(message: Message): boolean {
  return message.kind === "proposal";
}
