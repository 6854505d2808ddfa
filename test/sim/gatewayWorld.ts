/** What a simulated gateway is given: its place and key, and the world that it asks and tells. */
import type {
  InstanceInput,
  InstanceOutput,
  InstanceState,
} from "../../agent/core/consensus/instanceState.ts";
import type { CommitCertificate, Message } from "../../agent/core/consensus/message.ts";
import type { ChainEntry } from "../../agent/core/ledger/chain/chain.ts";
import type { SignedTransaction } from "../../agent/core/ledger/state/transaction.ts";
import type { SignedReading } from "../../agent/core/metering/reading.ts";
import type { Gateway } from "./gateway.ts";
import type { Household } from "./household.ts";
import type { SimMember, SimStreet } from "./street.ts";

/** What a gateway publishes. */
export type Said =
  | { readonly channel: "votes"; readonly message: Message }
  | { readonly channel: "readings"; readonly signed: SignedReading }
  | { readonly channel: "transactions"; readonly signed: SignedTransaction };

/** What a gateway asks of the world, and tells it. */
export type GatewayWorld = {
  readonly street: SimStreet;
  readonly fsyncMs: number;
  readonly trueMs: () => number;
  readonly after: (delayMs: number, run: () => void) => void;
  readonly publish: (from: Gateway, said: Said, wire: Uint8Array) => void;
  /** Hears of each start, before anything is said in that life. */
  readonly onBoot: (at: Gateway) => void;
  /** What stands on the disk counts as said, published or not. */
  readonly onDurable: (at: Gateway, said: Said) => void;
  readonly onHeard: (at: Gateway, message: Message) => void;
  readonly onDecision: (at: Gateway, certificate: CommitCertificate, entry: ChainEntry) => void;
  readonly onAdopted: (at: Gateway, entry: ChainEntry) => void;
  readonly onOutput: (at: Gateway, output: InstanceOutput, before: InstanceState) => void;
  readonly onApplied: (
    at: Gateway,
    input: InstanceInput,
    outputs: readonly InstanceOutput[],
    instance: InstanceState,
  ) => void;
  readonly onTimer: (at: Gateway, timeoutMs: number) => void;
  /** @returns true while one that it hears is further on */
  readonly isBehind: (at: Gateway) => boolean;
  /** Hears that this gateway lacks what others say they hold. */
  readonly onMissing: (at: Gateway) => void;
  /** Hears that this gateway holds two different statements of one member on one interval. */
  readonly onContradiction: (at: Gateway, signed: SignedReading) => void;
  readonly onFault: (fault: string) => void;
};

/** Who it is. */
export type GatewayOptions = {
  readonly name: string;
  /** Place in the world: a twin has a place of its own and its member's key. */
  readonly place: number;
  readonly member: SimMember;
  readonly isSound: boolean;
  readonly household: Household;
  readonly hasFsync: boolean;
  /** Asks for its vote when it has lost it; else it observes for good. */
  readonly asksBack: boolean;
};
