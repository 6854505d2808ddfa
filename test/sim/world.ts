/** One run: gateways, network, disks and clocks of one scenario, and the onlookers that judge it. */
import type { InstanceOutput, InstanceState } from "../../agent/core/consensus/instanceState.ts";
import type { Message } from "../../agent/core/consensus/message.ts";
import {
  GRID_ADMIN,
  MAX_WAITING_PER_SIGNER,
  type Transaction,
  transactionSignBytes,
} from "../../agent/core/ledger/transaction.ts";
import { intervalStartMs } from "../../agent/core/metering/interval.ts";
import { SimSchedule } from "../support/simSchedule.ts";
import { Adversary, type Outgoing } from "./adversary.ts";
import { simTransaction, wantedContent } from "./censorship.ts";
import { type Counts, noCounts } from "./counts.ts";
import { type Draw, drawFor } from "./draw.ts";
import { Gateway, type GatewayWorld, type Said } from "./gateway.ts";
import { Household } from "./household.ts";
import { SimNetwork } from "./network.ts";
import { Onlookers } from "./onlookers.ts";
import type { Crash, Scenario } from "./scenario.ts";
import { drawnBid } from "./simBids.ts";
import { areLinked } from "./simLinks.ts";
import { drawnDeployment } from "./simPolicy.ts";
import { SimRoster } from "./simRoster.ts";
import { SimSync } from "./simSync.ts";
import { FIRST_INTERVAL, type SimMember, type SimStreet, simStreet } from "./street.ts";
import { Timeline } from "./timeline.ts";

/** A twin talks to the other half only once in a while. */
const TWIN_LEAK_SHARE = 0.1;
const SYNCS_PER_INTERVAL = 4;
/** Everything of one run. */
export class World {
  readonly scenario: Scenario;
  readonly street: SimStreet;
  readonly gateways: readonly Gateway[];
  readonly timeline = new Timeline();
  readonly onlookers: Onlookers;
  readonly counts: Counts = noCounts();
  readonly #sync: SimSync;
  readonly #schedule = new SimSchedule();
  readonly #network: SimNetwork;
  readonly #adversaries = new Map<number, Adversary>();
  readonly #memberOf: readonly number[];
  /** One for each that has a key: who is in the genesis, and who waits to be let in. */
  readonly #keyHolders: readonly SimMember[];
  readonly #households = new Map<string, Household>();
  readonly #retired = new Set<Gateway>();
  readonly #startMs: number;
  readonly #draw: Draw;

  constructor(scenario: Scenario) {
    const { seed, gridMode: mode, liars, roster } = scenario;
    this.scenario = scenario;
    this.street = simStreet({ ...scenario, ...roster, mode });
    this.#keyHolders = [...this.street.members, ...this.street.outsiders];
    this.#draw = drawFor(seed, "world");
    this.#network = new SimNetwork(scenario, drawFor(seed, "network"));
    this.#startMs = intervalStartMs(FIRST_INTERVAL, scenario.intervalMs) - scenario.intervalMs / 10;
    this.onlookers = new Onlookers({
      scenario,
      street: this.street,
      startMs: this.#startMs,
      nowMs: () => this.nowMs,
      gateways: () => this.gateways,
      memberOf: (gateway) => this.#member(gateway),
    });
    for (const { member, lies } of liars)
      this.#adversaries.set(member, new Adversary(this.street, lies, drawFor(seed, `liar ${member}`)));
    const twins = liars.filter((liar) => liar.hasTwin).map(({ member }) => member);
    this.#memberOf = [...this.#keyHolders.map((_, index) => index), ...twins];
    this.gateways = this.#memberOf.map((member, place) => this.#newGateway(member, place));
    this.#sync = this.#newSync();
  }

  get nowMs(): number {
    return this.#schedule.nowMs;
  }

  /** Sets everything in motion; nothing has happened yet. */
  begin(): void {
    for (const gateway of this.gateways) this.after(this.#draw.within(0, 50), () => gateway.boot());
    for (const crash of this.scenario.crashes)
      for (const member of crash.members) this.after(crash.atMs, () => this.#crash(member, crash));
    for (const { atMs, member, offsetMs } of this.scenario.clockSteps)
      this.after(atMs, () => this.setClock(member, offsetMs));
    this.#sync.start();
    this.#changeRoster();
    if (this.scenario.mode === "censor") this.#submit();
    if (!this.#hasDeployments) return;
    this.#deploy(drawFor(this.scenario.seed, "deployments"));
    this.#bid(drawFor(this.scenario.seed, "bids"));
  }

  /** On a network that loses what it likes, streets with a policy get others; where transactions are watched, none. */
  get #hasDeployments(): boolean {
    const { mode } = this.scenario;
    const isRough = mode === "safety" || mode === "liveness";
    return isRough && this.street.context.genesis.policies.length > 0;
  }

  /** Now and then somebody hands in what the GridAdmin, or whoever poses as it, asks for. */
  #deploy(draw: Draw): void {
    const gateway = draw.one(this.gateways);
    if (gateway.isAdmitted) {
      const { content, isOwn } = drawnDeployment(this.street, draw, gateway.life.ledger.state);
      const { chainId, epoch } = this.street.context.roster;
      const { id, sign } = gateway.options.member;
      const signer = isOwn ? id : GRID_ADMIN;
      gateway.submit((sequence) => {
        const transaction: Transaction = { signer, sequence, content };
        const message = transactionSignBytes(transaction, chainId, epoch);
        return { transaction, signature: isOwn ? sign(message) : this.street.signAsAdmin(message) };
      }, signer);
    }
    this.after(draw.within(0.5, 2) * this.scenario.intervalMs, () => this.#deploy(draw));
  }

  #changeRoster(): void {
    const { scenario, street, gateways } = this;
    const { seed, roster: plan } = scenario;
    if (plan === null) return;
    const draw = drawFor(seed, "roster wishes");
    const after = (delayMs: number, run: () => void) => this.after(delayMs, run);
    const word = (gateway: Gateway, what: string) => this.word(gateway, what);
    new SimRoster({ street, plan, draw, gateways, after, word }).start();
    const { rekeyed, retiresAtMs } = plan;
    if (rekeyed !== null && retiresAtMs !== null)
      this.after(retiresAtMs, () => this.#retire(gateways[rekeyed]!));
  }

  /** A gateway is taken off the wall: another one has its household. */
  #retire(gateway: Gateway): void {
    this.#retired.add(gateway);
    if (gateway.isUp) gateway.crash("cache-only", this.#draw);
    this.word(gateway, "is taken off the wall");
  }

  /** Now and then a member bids. */
  #bid(draw: Draw): void {
    const gateway = draw.one(this.gateways);
    if (gateway.isAdmitted) {
      const bid = drawnBid(draw, gateway.life.ledger.state.nextInterval);
      gateway.submit((sequence) => simTransaction(this.street, gateway, sequence, { kind: "bid", bid }));
    }
    this.after(draw.within(0.1, 0.8) * this.scenario.intervalMs, () => this.#bid(draw));
  }

  /** In mode "censor" members ask for something now and then; one that floods fills up what it may have waiting. */
  #submit(): void {
    for (const gateway of this.gateways) {
      const lies = this.scenario.liars.find(({ member }) => member === this.#member(gateway))?.lies;
      const wanted = lies?.includes("flood") ? MAX_WAITING_PER_SIGNER : this.#draw.integer(0, 1);
      for (let count = 0; count < wanted && gateway.isUp; count += 1) {
        const content = wantedContent(this.#draw, gateway.life.ledger.state.orders);
        gateway.submit((sequence) => simTransaction(this.street, gateway, sequence, content));
      }
    }
    this.after(this.#draw.within(0.1, 0.9) * this.scenario.intervalMs, () => this.#submit());
  }

  /** Runs until a fault, a condition or an instant. @returns true when the condition came true */
  runUntil(untilMs: number, isDone: () => boolean = () => false): boolean {
    while (!this.onlookers.hasFault && this.nowMs < untilMs) {
      if (isDone()) return true;
      if (!this.#schedule.step()) break;
    }
    return isDone();
  }

  after(delayMs: number, run: () => void): void {
    this.#schedule.after(delayMs, run);
  }

  setClock(member: number, offsetMs: number): void {
    for (const gateway of this.gateways) {
      if (this.#member(gateway) !== member) continue;
      gateway.clockOffsetMs = offsetMs;
      gateway.mostClockOffsetMs = Math.max(gateway.mostClockOffsetMs, Math.abs(offsetMs));
      this.word(gateway, `clock is ${offsetMs} ms off`);
    }
  }

  /** Links are whole again; now everybody is up with a right clock, but for whoever is gone for good. */
  heal(): void {
    for (const gateway of this.gateways) {
      if (gateway.clockOffsetMs !== 0) this.setClock(gateway.options.place, 0);
      if (this.isGone(gateway)) {
        if (gateway.isUp) gateway.crash("cache-only", this.#draw);
      } else if (!gateway.isUp) gateway.boot();
    }
    this.onlookers.healed();
  }

  /** @returns true for a gateway that never comes back after the heal */
  isGone(gateway: Gateway): boolean {
    return this.#retired.has(gateway) || this.#member(gateway) === this.scenario.straggle?.gone;
  }

  /** @returns true for one that takes part when every change so far is active */
  isMember({ options: { member } }: Gateway): boolean {
    return this.onlookers.roster.newest.members.has(member.id);
  }

  word(gateway: Gateway, word: string): void {
    this.timeline.note(this.nowMs, gateway.options.name, { kind: "word", word });
  }

  #newGateway(member: number, place: number): Gateway {
    const { hasFsync = true, fsyncMs, hasReturns: asksBack } = this.scenario;
    const simMember = this.#keyHolders[member]!;
    const isTwin = place >= this.#keyHolders.length;
    const household = isTwin ? this.#newHousehold(simMember, member) : this.#householdOf(simMember, member);
    const world: GatewayWorld = {
      street: this.street,
      fsyncMs,
      trueMs: () => this.#startMs + this.nowMs,
      after: (delayMs, run) => this.after(delayMs, run),
      publish: (from, said, wire) => this.#publish(from, said, wire),
      onDurable: (at, said) => this.onlookers.sawSaid(at, said),
      onHeard: (at, message) => this.#heard(at, message),
      onDecision: (at, certificate, entry) => {
        this.word(
          at,
          `decides ${certificate.height}/${certificate.round} ${certificate.blockHash.slice(0, 8)}`,
        );
        this.onlookers.sawDecision(at, certificate, entry);
      },
      onAdopted: (at, entry) => {
        this.word(at, `adopts ${entry.height} ${entry.blockHash.slice(0, 8)}`);
        this.onlookers.sawAdopted(at, entry);
      },
      onOutput: (at, output, before) => this.#output(at, output, before),
      onApplied: (at, input, outputs, instance) => this.onlookers.sawApplied(at, input, outputs, instance),
      onTimer: (at, timeoutMs) => this.onlookers.sawTimer(at, timeoutMs),
      isBehind: (at) => this.#isBehind(at),
      onMissing: (at) => this.#sync.pull(at),
      onContradiction: (at, signed) => this.onlookers.sawContradiction(at, signed),
      onFault: (fault) => this.onlookers.fault(fault),
    };
    const name = simMember.name + (isTwin ? "'" : "");
    const isSound = !this.#adversaries.has(member);
    return new Gateway({ name, place, member: simMember, isSound, household, hasFsync, asksBack }, world);
  }

  /** Two gateways of one household read the same meters. */
  #householdOf(member: SimMember, place: number): Household {
    const { name } = member.enrolment.body;
    const household = this.#households.get(name) ?? this.#newHousehold(member, place);
    this.#households.set(name, household);
    return household;
  }

  #newHousehold({ enrolment }: SimMember, place: number): Household {
    const { seed, intervalMs, silentMeterShare, consumesShare, skewShare } = this.scenario;
    const roles = enrolment.body.meters.map((meter) => meter.role);
    return new Household(roles, drawFor(seed, `household ${place}`), {
      startMs: this.#startMs,
      bucketMs: intervalMs,
      silentShare: silentMeterShare,
      consumesShare,
      skewShare,
    });
  }

  #newSync(): SimSync {
    return new SimSync({
      gateways: this.gateways,
      context: this.street.context,
      everyMs: this.scenario.intervalMs / SYNCS_PER_INTERVAL,
      delayMs: (from, to) =>
        this.#talksTo(from, to)
          ? this.#network.delays(this.#member(from), this.#member(to), this.nowMs)[0]
          : undefined,
      isCut: (from, to) =>
        !this.#areLinked(from, to) || this.#network.isCut(this.#member(from), this.#member(to), this.nowMs),
      after: (delayMs, run) => this.after(delayMs, run),
      uncertified: (from) => this.#adversaries.get(this.#member(from))?.uncertified(from),
      carry: (from, to, said, wire) => this.#carry(from, to, said, wire),
    });
  }

  #isBehind(at: Gateway): boolean {
    const { height } = at.life.ledger.state;
    return this.gateways.some(
      (other) =>
        other.isUp &&
        other.life.ledger.state.height > height &&
        this.#areLinked(other, at) &&
        !this.#network.isCut(this.#member(other), this.#member(at), this.nowMs),
    );
  }

  #member(gateway: Gateway): number {
    return this.#memberOf[gateway.options.place]!;
  }

  #output(at: Gateway, output: InstanceOutput, before: InstanceState): void {
    this.onlookers.sawOutput(at, output, before);
    const { counts } = this;
    counts.highestRound = Math.max(
      counts.highestRound,
      at.isUp && at.options.isSound ? at.life.consensus.instance.round : 0,
    );
    if (output.kind === "need-body") this.#sync.fetchBody(at, output.blockHash);
    if (output.kind === "equivocation") counts.equivocations += 1;
    if (output.kind !== "recall") return;
    counts.recalls += 1;
    this.word(
      at,
      `leaves ${output.fromRound} for ${output.toRound}: ${output.reason} ${output.detail ?? ""}`,
    );
  }

  #crash(member: number, crash: Crash): void {
    for (const gateway of this.gateways) {
      if (this.#member(gateway) !== member || !gateway.isUp) continue;
      gateway.crash(crash.disk, this.#draw);
      this.word(gateway, `power cut, disk ${crash.disk}`);
      this.after(crash.downMs, () => {
        if (gateway.isUp || this.#retired.has(gateway)) return;
        this.counts.restarts += 1;
        gateway.boot();
        this.word(
          gateway,
          `is back at height ${gateway.life.ledger.state.height}${gateway.isObserver ? ", observing" : ""}`,
        );
      });
    }
  }

  #publish(from: Gateway, said: Said, wire: Uint8Array): void {
    this.onlookers.sawSaid(from, said);
    this.onlookers.sawPublished(from, said);
    if (said.channel === "readings")
      this.timeline.note(this.nowMs, from.options.name, { kind: "reading", signed: said.signed });
    else if (
      said.channel === "votes" &&
      said.message.kind === "proposal" &&
      said.message.justification?.prepared
    )
      this.counts.proposedAgain += 1;
    const adversary = this.#adversaries.get(this.#member(from));
    const outgoing = adversary?.publish(from, said, wire) ?? [{ said, wire, to: () => true }];
    this.#send(from, outgoing);
  }

  #heard(at: Gateway, message: Message): void {
    const adversary = this.#adversaries.get(this.#member(at));
    if (adversary !== undefined) this.#send(at, adversary.heard(at, message));
  }

  #send(from: Gateway, outgoing: readonly Outgoing[]): void {
    for (const { said, wire, to, arrivesInMs } of outgoing)
      for (const gateway of this.gateways) {
        if (!to(gateway.options.place) || !this.#talksTo(from, gateway)) continue;
        if (arrivesInMs === undefined) this.#carry(from, gateway, said, wire);
        else this.after(arrivesInMs, () => this.#deliver(from, gateway, said, wire));
      }
  }

  /** Twins are one member: each talks to half of the street, mostly, and not to the other. */
  #talksTo(from: Gateway, to: Gateway): boolean {
    const member = this.#member(from);
    if (this.#member(to) === member || !this.#areLinked(from, to)) return false;
    const hasTwin = this.#memberOf.filter((other) => other === member).length > 1;
    if (!hasTwin) return true;
    const isOriginal = from.options.place < this.#keyHolders.length;
    return (to.options.place % 2 === 0) === isOriginal || this.#draw.chance(TWIN_LEAK_SHARE);
  }

  #areLinked(from: Gateway, to: Gateway): boolean {
    return this.scenario.roster === null || areLinked(from, to);
  }

  #carry(from: Gateway, to: Gateway, said: Said, wire: Uint8Array): void {
    const delays = this.#isLost(said)
      ? []
      : this.#network.delays(this.#member(from), this.#member(to), this.nowMs);
    if (said.channel === "votes") {
      const kind = delays.length === 0 ? "lost" : "sent";
      this.timeline.note(this.nowMs, from.options.name, { kind, message: said.message, to: to.options.name });
    }
    for (const delayMs of delays) this.after(delayMs, () => this.#deliver(from, to, said, wire));
  }

  #isLost(said: Said): boolean {
    const { straggle, faultsEndMs } = this.scenario;
    return said.channel === "votes" && said.message.kind === straggle?.lost && this.nowMs < faultsEndMs;
  }

  #deliver(from: Gateway, to: Gateway, said: Said, wire: Uint8Array): void {
    if (!to.isUp || !this.#areLinked(from, to)) return;
    this.counts.messages += 1;
    const verdict = to.receive(said.channel, wire, from.options.name);
    const message = said.channel === "votes" ? said.message : null;
    if (verdict.kind === "accept") {
      if (this.scenario.mode === "censor" && message === null) this.#forward(to, said, wire);
      else if (this.scenario.roster !== null) this.#passOn(from, to, said, wire);
      if (message !== null)
        this.timeline.note(this.nowMs, to.options.name, { kind: "taken", message, to: from.options.name });
      return;
    }
    this.counts.refusals += 1;
    const { code } = verdict;
    this.timeline.note(this.nowMs, to.options.name, {
      kind: "refused",
      code,
      from: from.options.name,
      message,
    });
    if (verdict.kind === "reject" && from.options.isSound && to.options.isSound)
      this.onlookers.fault(
        `${to.options.name} blames sound ${from.options.name}: ${code} ${verdict.detail ?? ""}`,
      );
  }

  /** Gossip also takes what is said to those who do not let its sender in, or not any more. */
  #passOn(from: Gateway, by: Gateway, said: Said, wire: Uint8Array): void {
    for (const gateway of this.gateways)
      if (gateway !== by && gateway !== from && !this.#areLinked(from, gateway) && this.#talksTo(by, gateway))
        this.#carry(by, gateway, said, wire);
  }

  /** Gossip passes an item on when it comes first; among sound gateways everybody has sent to everybody already. */
  #forward(from: Gateway, said: Said, wire: Uint8Array): void {
    for (const gateway of this.gateways)
      if (from.options.isSound && gateway !== from) this.#carry(from, gateway, said, wire);
  }
}
