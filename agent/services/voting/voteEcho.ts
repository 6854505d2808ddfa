/**
 * Publishes the own votes of the height in progress again when gateways come within reach: at a start and after a
 * cut. What was signed goes out as it is; whoever has it already passes over it.
 */
import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Transport } from "../../ports/transport.ts";

/** What the echo is made of. */
export type VoteEchoModules = {
  readonly clock: Clock;
  readonly transport: Pick<Transport, "peers">;
  /** Publishes every own vote of the height in progress. */
  readonly echo: () => void;
};

/** How often the neighbours are looked at: two looks fit the shortest round. */
const LOOK_MS = 300;

/** Watches who is within reach. */
export class VoteEcho {
  readonly #modules: VoteEchoModules;
  #reached: ReadonlySet<string> = new Set();
  #isDue = false;
  #cancel: Cancel = () => {};

  constructor(modules: VoteEchoModules) {
    this.#modules = modules;
  }

  /** Begins to watch. */
  start(): void {
    this.#cancel = this.#modules.clock.after(LOOK_MS, () => this.#look());
  }

  /** Ends the watch. */
  stop(): void {
    this.#cancel();
  }

  /** Waits until nobody new comes: for two minutes the gossip passes over what it has carried once. */
  #look(): void {
    const { transport, echo } = this.#modules;
    const connected = transport.peers().filter((peer) => peer.connected);
    const reached = new Set(connected.map((peer) => peer.peerId));
    const hasGrown = [...reached].some((peerId) => !this.#reached.has(peerId));
    this.#reached = reached;
    if (!hasGrown && this.#isDue) echo();
    this.#isDue = hasGrown;
    this.start();
  }
}
