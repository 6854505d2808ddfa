/** One run: gateways, network, disks and clocks of one scenario, and the onlookers that judge it. */
import type { InstanceOutput, InstanceState } from "../../agent/core/consensus/instanceState.ts";
import { intervalStartMs } from "../../agent/core/metering/interval.ts";
import { SimSchedule } from "../support/simSchedule.ts";
import { Adversary } from "./adversary.ts";
import { type Counts, noCounts } from "./counts.ts";
import { type Draw, drawFor } from "./draw.ts";
import { Gateway } from "./gateway.ts";
import type { GatewayWorld } from "./gatewayWorld.ts";
import { Households } from "./households.ts";
import { SimNetwork } from "./network.ts";
import { Onlookers } from "./onlookers.ts";
import { Power } from "./power.ts";
import type { Scenario } from "./scenario.ts";
import { SimRecovery } from "./simRecovery.ts";
import { SimSync } from "./simSync.ts";
import { SimWishes } from "./simWishes.ts";
import { FIRST_INTERVAL, type SimMember, type SimStreet, simStreet } from "./street.ts";
import { Timeline } from "./timeline.ts";
import { Traffic } from "./traffic.ts";

const SYNCS_PER_INTERVAL = 4;
const NOBODY_REKEYED = { rekeyed: null, retiresAtMs: null };

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
  readonly #traffic: Traffic;
  /** In mode "recovery" alone. */
  readonly recovery: SimRecovery | null;
  readonly #memberOf: readonly number[];
  /** One for each that has a key: who is in the genesis, and who waits to be let in. */
  readonly #keyHolders: readonly SimMember[];
  readonly #households: Households;
  readonly #power: Power;
  readonly #startMs: number;
  readonly #draw: Draw;

  constructor(scenario: Scenario) {
    const { seed, gridMode: mode, liars, roster } = scenario;
    this.scenario = scenario;
    this.street = simStreet({ ...scenario, ...roster, mode });
    this.#keyHolders = [...this.street.members, ...this.street.outsiders];
    this.#draw = drawFor(seed, "world");
    this.#startMs = intervalStartMs(FIRST_INTERVAL, scenario.intervalMs) - scenario.intervalMs / 10;
    this.onlookers = new Onlookers({
      scenario,
      street: this.street,
      startMs: this.#startMs,
      nowMs: () => this.nowMs,
      gateways: () => this.gateways,
      memberOf: (gateway) => this.#member(gateway),
    });
    const adversaries = new Map(
      liars.map(({ member, lies }) => [
        member,
        new Adversary(this.street, lies, drawFor(seed, `liar ${member}`)),
      ]),
    );
    this.#households = new Households(scenario, this.#startMs);
    this.#power = this.#newPower();
    this.#network = new SimNetwork(scenario, drawFor(seed, "network"));
    this.recovery = this.#newRecovery();
    this.#traffic = this.#newTraffic(adversaries);
    const twins = liars.filter((liar) => liar.hasTwin).map(({ member }) => member);
    this.#memberOf = [...this.#keyHolders.map((_, index) => index), ...twins];
    this.gateways = this.#memberOf.map((member, place) => this.#newGateway(member, place));
    this.#sync = this.#newSync(adversaries);
  }

  get nowMs(): number {
    return this.#schedule.nowMs;
  }

  /** Sets everything in motion; nothing has happened yet. */
  begin(): void {
    for (const gateway of this.gateways) this.after(this.#draw.within(0, 50), () => gateway.boot());
    for (const crash of this.scenario.crashes)
      for (const member of crash.members) this.after(crash.atMs, () => this.#power.cut(member, crash));
    for (const { atMs, member, offsetMs } of this.scenario.clockSteps)
      this.after(atMs, () => this.setClock(member, offsetMs));
    this.#sync.start();
    this.#newWishes().start();
    this.recovery?.start();
    const { rekeyed, retiresAtMs } = this.scenario.roster ?? NOBODY_REKEYED;
    if (rekeyed !== null && retiresAtMs !== null)
      this.after(retiresAtMs, () => this.#power.retire(this.gateways[rekeyed]!));
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
    this.#network.heal();
    this.#power.heal();
    for (const gateway of this.gateways) {
      if (gateway.clockOffsetMs !== 0) this.setClock(gateway.options.place, 0);
      if (this.isGone(gateway)) this.#power.switchOff(gateway);
      else if (!gateway.isUp) gateway.boot();
    }
    this.onlookers.healed();
  }

  /** @returns true for a gateway that never comes back after the heal */
  isGone(gateway: Gateway): boolean {
    return this.#power.isGone(gateway) || this.#member(gateway) === this.scenario.straggle?.gone;
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
    const household = this.#households[isTwin ? "another" : "of"](simMember, member);
    const world: GatewayWorld = {
      street: this.street,
      fsyncMs,
      trueMs: () => this.#startMs + this.nowMs,
      after: (delayMs, run) => this.after(delayMs, run),
      publish: (from, said, wire) => {
        this.#traffic.publish(from, said, wire);
        this.recovery?.sawSaid(from, said);
      },
      onBoot: (at) => this.onlookers.sawBoot(at),
      onDurable: (at, said) => this.onlookers.sawSaid(at, said),
      onHeard: (at, message) => this.#traffic.heard(at, message),
      onDecision: (at, certificate, entry) => {
        this.word(
          at,
          `decides ${certificate.height}/${certificate.round} ${certificate.blockHash.slice(0, 8)}`,
        );
        this.onlookers.sawDecision(at, certificate, entry);
        this.recovery?.sawDecision(at);
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
    const isSound = !this.scenario.liars.some((liar) => liar.member === member);
    return new Gateway({ name, place, member: simMember, isSound, household, hasFsync, asksBack }, world);
  }

  #newTraffic(adversaries: ReadonlyMap<number, Adversary>): Traffic {
    const { scenario, timeline, onlookers, counts } = this;
    return new Traffic({
      scenario,
      gateways: () => this.gateways,
      memberOf: (gateway) => this.#member(gateway),
      twinOf: (gateway) => this.#twinOf(gateway),
      adversaries,
      network: this.#network,
      isSevered: () => this.recovery?.isSevered === true,
      draw: this.#draw,
      timeline,
      onlookers,
      counts,
      nowMs: () => this.nowMs,
      after: (delayMs, run) => this.after(delayMs, run),
    });
  }

  #newPower(): Power {
    return new Power({
      gateways: () => this.gateways,
      memberOf: (gateway) => this.#member(gateway),
      draw: this.#draw,
      counts: this.counts,
      after: (delayMs, run) => this.after(delayMs, run),
      word: (gateway, what) => this.word(gateway, what),
    });
  }

  #newRecovery(): SimRecovery | null {
    const { scenario, street, onlookers } = this;
    const { seed, intervalMs, recovery: plan } = scenario;
    if (plan === null) return null;
    return new SimRecovery({
      plan,
      street,
      intervalMs,
      gateways: () => this.gateways,
      draw: drawFor(seed, "recovery"),
      nowMs: () => this.nowMs,
      after: (delayMs, run) => this.after(delayMs, run),
      word: (gateway, what) => this.word(gateway, what),
      lose: (gateway) => this.#power.lose(gateway),
      watch: onlookers.epochs,
      onEpoch: (context) => onlookers.sawEpoch(context),
    });
  }

  #newSync(adversaries: ReadonlyMap<number, Adversary>): SimSync {
    return new SimSync({
      gateways: this.gateways,
      everyMs: this.scenario.intervalMs / SYNCS_PER_INTERVAL,
      delayMs: (from, to) => this.#traffic.delayMs(from, to),
      isCut: (from, to) => this.#traffic.isCut(from, to),
      after: (delayMs, run) => this.after(delayMs, run),
      uncertified: (from) => adversaries.get(this.#member(from))?.uncertified(from),
      carry: (from, to, said, wire) => this.#traffic.carry(from, to, said, wire),
    });
  }

  #newWishes(): SimWishes {
    const { scenario, street, gateways } = this;
    return new SimWishes({
      scenario,
      street,
      gateways,
      memberOf: (gateway) => this.#member(gateway),
      draw: this.#draw,
      after: (delayMs, run) => this.after(delayMs, run),
      word: (gateway, what) => this.word(gateway, what),
    });
  }

  #isBehind(at: Gateway): boolean {
    const { height } = at.life.ledger.state;
    return this.gateways.some(
      (other) => other.isUp && other.life.ledger.state.height > height && !this.#traffic.isCut(other, at),
    );
  }

  #member(gateway: Gateway): number {
    return this.#memberOf[gateway.options.place]!;
  }

  #twinOf({ options: { place } }: Gateway): "original" | "twin" | null {
    const member = this.#memberOf[place];
    if (this.#memberOf.filter((other) => other === member).length === 1) return null;
    return place < this.#keyHolders.length ? "original" : "twin";
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
}
