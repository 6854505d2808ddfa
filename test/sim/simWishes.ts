/** What members and the GridAdmin, or whoever poses as it, hand in while a street runs: roster changes, policies, bids. */
import {
  GRID_ADMIN,
  MAX_WAITING_PER_SIGNER,
  type Transaction,
  transactionSignBytes,
} from "../../agent/core/ledger/state/transaction.ts";
import { simTransaction, wantedContent } from "./censorship.ts";
import { type Draw, drawFor } from "./draw.ts";
import type { Gateway } from "./gateway.ts";
import type { Scenario } from "./scenario.ts";
import { drawnBid } from "./simBids.ts";
import { drawnDeployment } from "./simPolicy.ts";
import { SimRoster } from "./simRoster.ts";
import { SimSuspension } from "./simSuspension.ts";
import type { SimStreet } from "./street.ts";

/** What wishes are handed in with. */
export type SimWishesModules = {
  readonly scenario: Scenario;
  readonly street: SimStreet;
  readonly gateways: readonly Gateway[];
  readonly memberOf: (gateway: Gateway) => number;
  /** Of what members ask for in mode "censor". */
  readonly draw: Draw;
  readonly after: (delayMs: number, run: () => void) => void;
  readonly word: (gateway: Gateway, word: string) => void;
};

/** Wishes of one run. */
export class SimWishes {
  readonly #modules: SimWishesModules;

  constructor(modules: SimWishesModules) {
    this.#modules = modules;
  }

  start(): void {
    const { seed, mode, intervalMs, roster: plan, suspension } = this.#modules.scenario;
    if (plan !== null)
      new SimRoster({ ...this.#modules, plan, draw: drawFor(seed, "roster wishes") }).start();
    if (suspension !== null) new SimSuspension({ ...this.#modules, plan: suspension, intervalMs }).start();
    if (mode === "censor") this.#submit();
    if (!this.#hasDeployments) return;
    this.#deploy(drawFor(seed, "deployments"));
    this.#bid(drawFor(seed, "bids"));
  }

  /** On a network that loses what it likes, streets with a policy get others; where transactions are watched, none. */
  get #hasDeployments(): boolean {
    const { scenario, street } = this.#modules;
    const isRough = scenario.mode === "safety" || scenario.mode === "liveness";
    return isRough && street.context.genesis.policies.length > 0;
  }

  /** Now and then somebody hands in what the GridAdmin, or whoever poses as it, asks for. */
  #deploy(draw: Draw): void {
    const { scenario, street, gateways, after } = this.#modules;
    const gateway = draw.one(gateways);
    if (gateway.isAdmitted) {
      const { content, isOwn } = drawnDeployment(street, draw, gateway.life.ledger.state);
      const { chainId, epoch } = gateway.context.roster;
      const { id, sign } = gateway.options.member;
      const signer = isOwn ? id : GRID_ADMIN;
      gateway.submit((sequence) => {
        const transaction: Transaction = { signer, sequence, content };
        const message = transactionSignBytes(transaction, chainId, epoch);
        return { transaction, signature: isOwn ? sign(message) : street.signAsAdmin(message) };
      }, signer);
    }
    after(draw.within(0.5, 2) * scenario.intervalMs, () => this.#deploy(draw));
  }

  /** Now and then a member bids. */
  #bid(draw: Draw): void {
    const { scenario, gateways, after } = this.#modules;
    const gateway = draw.one(gateways);
    if (gateway.isAdmitted) {
      const bid = drawnBid(draw, gateway.life.ledger.state.nextInterval);
      gateway.submit((sequence) => simTransaction(gateway, sequence, { kind: "bid", bid }));
    }
    after(draw.within(0.1, 0.8) * scenario.intervalMs, () => this.#bid(draw));
  }

  /** In mode "censor" members ask for something now and then; one that floods fills up what it may have waiting. */
  #submit(): void {
    const { scenario, gateways, memberOf, draw, after } = this.#modules;
    for (const gateway of gateways) {
      const lies = scenario.liars.find(({ member }) => member === memberOf(gateway))?.lies;
      const wanted = lies?.includes("flood") ? MAX_WAITING_PER_SIGNER : draw.integer(0, 1);
      for (let count = 0; count < wanted && gateway.isUp; count += 1) {
        const content = wantedContent(draw, gateway.life.ledger.state.orders);
        gateway.submit((sequence) => simTransaction(gateway, sequence, content));
      }
    }
    after(draw.within(0.1, 0.9) * scenario.intervalMs, () => this.#submit());
  }
}
