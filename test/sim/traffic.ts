/** What gateways say to each other in a run: links, liars between code and link, delivery, and what gossip passes on. */
import type { Message } from "../../agent/core/consensus/message.ts";
import type { Hash } from "../../agent/core/hash.ts";
import type { Adversary } from "./adversary.ts";
import type { Counts } from "./counts.ts";
import type { Draw } from "./draw.ts";
import type { Gateway } from "./gateway.ts";
import type { Said } from "./gatewayWorld.ts";
import type { SimNetwork } from "./network.ts";
import type { Onlookers } from "./onlookers.ts";
import type { Outgoing } from "./outgoing.ts";
import type { Scenario } from "./scenario.ts";
import { areLinked } from "./simLinks.ts";
import type { Timeline, TimelineEvent } from "./timeline.ts";

/** What messages travel on. */
export type TrafficModules = {
  readonly scenario: Scenario;
  readonly gateways: () => readonly Gateway[];
  /** Members by gateway; a twin has its original's. */
  readonly memberOf: (gateway: Gateway) => number;
  /** Which of two gateways with one key it is; null for one whose key runs once. */
  readonly twinOf: (gateway: Gateway) => "original" | "twin" | null;
  readonly adversaries: ReadonlyMap<number, Adversary>;
  readonly network: SimNetwork;
  /** True while nobody hears anybody. */
  readonly isSevered: () => boolean;
  /** Of what leaks between twins. */
  readonly draw: Draw;
  readonly timeline: Timeline;
  readonly onlookers: Onlookers;
  readonly counts: Counts;
  readonly nowMs: () => number;
  readonly after: (delayMs: number, run: () => void) => void;
};

/** A twin talks to the other half only once in a while. */
const TWIN_LEAK_SHARE = 0.1;

/** Messages of one run. */
export class Traffic {
  readonly #modules: TrafficModules;

  constructor(modules: TrafficModules) {
    this.#modules = modules;
  }

  /** @param from a gateway @param said as its code says it @param wire the same in bytes */
  publish(from: Gateway, said: Said, wire: Uint8Array): void {
    const { onlookers, counts } = this.#modules;
    onlookers.sawSaid(from, said);
    onlookers.sawPublished(from, said);
    if (said.channel === "readings") this.#note(from, { kind: "reading", signed: said.signed });
    else if (
      said.channel === "votes" &&
      said.message.kind === "proposal" &&
      said.message.justification?.prepared
    )
      counts.proposedAgain += 1;
    const outgoing = this.#adversaryAt(from)?.publish(from, said, wire);
    this.#send(from, outgoing ?? [{ said, wire, to: () => true }]);
  }

  /** A liar answers what it hears with votes of its own. */
  heard(at: Gateway, message: Message): void {
    const adversary = this.#adversaryAt(at);
    if (adversary !== undefined) this.#send(at, adversary.heard(at, message));
  }

  /** Over the network, which may lose, double and delay it. */
  carry(from: Gateway, to: Gateway, said: Said, wire: Uint8Array): void {
    const { network, memberOf, nowMs, after } = this.#modules;
    const delays = this.#isLost(said) ? [] : network.delays(memberOf(from), memberOf(to), nowMs());
    if (said.channel === "votes") {
      const kind = delays.length === 0 ? "lost" : "sent";
      this.#note(from, { kind, message: said.message, to: to.options.name });
    }
    const { chainId } = from.context.roster;
    for (const delayMs of delays) after(delayMs, () => this.#deliver(from, to, said, wire, chainId));
  }

  /** @returns how long an answer takes; undefined when it does not come */
  delayMs(from: Gateway, to: Gateway): number | undefined {
    const { network, memberOf, nowMs } = this.#modules;
    return this.#talksTo(from, to) ? network.delays(memberOf(from), memberOf(to), nowMs())[0] : undefined;
  }

  /** @returns true while nothing that the one says comes to the other */
  isCut(from: Gateway, to: Gateway): boolean {
    const { network, memberOf, nowMs } = this.#modules;
    return !this.#areLinked(from, to) || network.isCut(memberOf(from), memberOf(to), nowMs());
  }

  #adversaryAt(gateway: Gateway): Adversary | undefined {
    return this.#modules.adversaries.get(this.#modules.memberOf(gateway));
  }

  #send(from: Gateway, outgoing: readonly Outgoing[]): void {
    const { gateways, after } = this.#modules;
    for (const { said, wire, to, arrivesInMs } of outgoing)
      for (const gateway of gateways()) {
        if (!to(gateway.options.place) || !this.#talksTo(from, gateway)) continue;
        if (arrivesInMs === undefined) this.carry(from, gateway, said, wire);
        else after(arrivesInMs, () => this.#deliver(from, gateway, said, wire, from.context.roster.chainId));
      }
  }

  /** Twins are one member: each talks to half of the street, mostly, and not to the other. */
  #talksTo(from: Gateway, to: Gateway): boolean {
    const { memberOf, twinOf, draw } = this.#modules;
    if (memberOf(to) === memberOf(from) || !this.#areLinked(from, to)) return false;
    const twin = twinOf(from);
    if (twin === null) return true;
    return (to.options.place % 2 === 0) === (twin === "original") || draw.chance(TWIN_LEAK_SHARE);
  }

  /** Two epochs do not hear each other. */
  #areLinked(from: Gateway, to: Gateway): boolean {
    const { scenario, isSevered } = this.#modules;
    if (isSevered() || from.context.roster.chainId !== to.context.roster.chainId) return false;
    return scenario.roster === null || areLinked(from, to);
  }

  #isLost(said: Said): boolean {
    const { scenario, nowMs } = this.#modules;
    const { straggle, faultsEndMs } = scenario;
    return said.channel === "votes" && said.message.kind === straggle?.lost && nowMs() < faultsEndMs;
  }

  /** @param chainId of the epoch that it was said in; topics and marks of messages are those of an epoch */
  #deliver(from: Gateway, to: Gateway, said: Said, wire: Uint8Array, chainId: Hash): void {
    if (!to.isUp || !this.#areLinked(from, to) || to.context.roster.chainId !== chainId) return;
    const { scenario, counts, onlookers } = this.#modules;
    counts.messages += 1;
    const verdict = to.receive(said.channel, wire, from.options.name);
    const message = said.channel === "votes" ? said.message : null;
    if (verdict.kind === "accept") {
      if (scenario.mode === "censor" && message === null) this.#forward(to, said, wire);
      else if (scenario.roster !== null) this.#passOn(from, to, said, wire);
      if (message !== null) this.#note(to, { kind: "taken", message, to: from.options.name });
      return;
    }
    counts.refusals += 1;
    const { code } = verdict;
    this.#note(to, { kind: "refused", code, from: from.options.name, message });
    if (verdict.kind === "reject" && from.options.isSound && to.options.isSound)
      onlookers.fault(
        `${to.options.name} blames sound ${from.options.name}: ${code} ${verdict.detail ?? ""}`,
      );
  }

  #note(at: Gateway, event: TimelineEvent): void {
    this.#modules.timeline.note(this.#modules.nowMs(), at.options.name, event);
  }

  /** Gossip also takes what is said to those who do not let its sender in, or not any more. */
  #passOn(from: Gateway, by: Gateway, said: Said, wire: Uint8Array): void {
    for (const gateway of this.#modules.gateways())
      if (gateway !== by && gateway !== from && !this.#areLinked(from, gateway) && this.#talksTo(by, gateway))
        this.carry(by, gateway, said, wire);
  }

  /** Gossip passes an item on when it comes first; among sound gateways everybody has sent to everybody already. */
  #forward(from: Gateway, said: Said, wire: Uint8Array): void {
    for (const gateway of this.#modules.gateways())
      if (from.options.isSound && gateway !== from) this.carry(from, gateway, said, wire);
  }
}
