/** What the demo is given by the composition root: keys, simulated meters, and a client of each gateway. */
import type { UnixMs } from "../core/units.ts";
import type { FollowedGateway } from "./demoFollow.ts";
import type { MeterPlan } from "./demoStreet.ts";
import type { Terminal } from "./terminal.ts";

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

/** One simulated line: a tty on which its meters answer at the pace of a real wire, 8N1. */
export type SimulatedLineOptions = {
  readonly baudRate: number;
  readonly meters: readonly MeterPlan[];
  /** Metered seconds per second. */
  readonly timeLapse: number;
  /** Real instant, Unix ms, at which the simulated day begins; before it no register advances. */
  readonly startedAtMs: UnixMs;
  /** Minutes after the simulated day's midnight at that instant. */
  readonly startMinute: number;
};

/** A running simulated line. */
export type SimulatedLine = {
  /** Path of the tty that a gateway opens. */
  readonly path: string;
  stop(): Promise<void>;
};

/** What the demo is given. */
export interface DemoDependencies {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Pick<Terminal, "hasColour" | "out" | "error">;
  /** @param directory of the three secrets themselves; created when absent */
  createKeys(directory: string): Promise<unknown>;
  /** @param dataDirectory of a gateway whose key was just made: a key without a vote journal has lost one */
  createVoteJournal(dataDirectory: string): Promise<void>;
  /** @param directory as given to `createKeys` */
  loadIdentity(directory: string): Promise<DemoIdentity>;
  startSimulatedLine(options: SimulatedLineOptions): Promise<SimulatedLine>;
  agentClient(socketPath: string): FollowedGateway;
}
