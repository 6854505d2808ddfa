/** What the demo is given by the composition root: keys, simulated meters, and a client of each gateway. */
import type { FollowedGateway } from "./demoFollow.ts";
import type { CurvePlan } from "./demoStreet.ts";

/** A key pair that can sign, and what of it is public. */
export type DemoIdentity = {
  /** Compressed P-256 key, 33 bytes. */
  readonly publicKey: Uint8Array;
  readonly peerId: string;
  /** X25519 public key, 32 bytes. */
  readonly recordsKey: Uint8Array;
  /** @param message bytes of core/signature, not yet hashed @returns r‖s, 64 bytes */
  sign(message: Uint8Array): Promise<Uint8Array>;
};

/** One simulated meter on a line. */
export type SimulatedMeter = {
  readonly definition: string;
  readonly unitId: number;
  readonly serial: string;
  readonly role: "generation" | "consumption";
  readonly curve: CurvePlan;
};

/** One simulated line: a tty on which its meters answer. */
export type SimulatedLineOptions = {
  readonly baudRate: number;
  readonly meters: readonly SimulatedMeter[];
  /** Metered seconds per second. */
  readonly timeLapse: number;
  /** The real instant, Unix ms, at which the simulated day stands at `virtualStartSeconds`. */
  readonly startsAtMs: number;
  /** Seconds after the simulated day's midnight. */
  readonly virtualStartSeconds: number;
};

/** A running simulated line. */
export type SimulatedLine = {
  /** Path of the tty that a gateway opens. */
  readonly path: string;
  stop(): Promise<void>;
};

/** What the demo is given. */
export interface DemoDependencies {
  /** @param directory where the three secrets are made; created when absent */
  createKeys(directory: string): Promise<unknown>;
  /** @param directory where they were made */
  loadIdentity(directory: string): Promise<DemoIdentity>;
  startSimulatedLine(options: SimulatedLineOptions): Promise<SimulatedLine>;
  agentClient(socketPath: string): FollowedGateway;
}
