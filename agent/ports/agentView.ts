/**
 * What a running gateway tells: the bodies of the local API, each with a versioned schema name.
 * Energies are integers in Wh as JSON numbers; `null` is unknown, never zero. Instants are RFC 3339 UTC.
 */
import type { Hash } from "../core/hash.ts";
import type { Height } from "../core/units.ts";
import type { BidApi } from "./bidView.ts";
import type { ClockTrust } from "./clock.ts";
import type { FrameSet } from "./frameStore.ts";
import type { GovernanceApi, MandateView } from "./governanceView.ts";
import type { StoredBlock } from "./ledgerStore.ts";
import type { MicroCoinsText, MoneyApi } from "./moneyView.ts";
import type { ProfilePoint, ProfileQuery } from "./profileStore.ts";

/** How a gateway takes part in the agreement. */
export type Participation = "voter" | "observer";

/** `GET /api/v1/status` */
export type StatusView = {
  readonly schema: "edso.status/1";
  readonly version: string;
  readonly name: string;
  readonly address: string;
  readonly microgrid: {
    readonly id: string;
    readonly chainId: Hash;
    readonly mode: "islanded" | "grid-tied";
  };
  readonly epoch: EpochView;
  readonly now: string;
  readonly clock: ClockTrust;
  readonly participation: Participation;
  /** Why it only observes; null for a voter. */
  readonly observesBecause: string | null;
  /** The same as a stable code; the codes are in docs/protocol.md. */
  readonly observesCode: string | null;
  /** Everything that keeps it from voting, worst first; none for a voter. */
  readonly hindrances: readonly HindranceView[];
  /** False below 4 voters: a crash is survived, a liar is not. */
  readonly bft: boolean;
  readonly voters: { readonly total: number; readonly quorum: number; readonly connected: number };
  readonly ledger: {
    readonly height: number;
    readonly head: Hash;
    readonly lastInterval: number | null;
    /** Height of the block that the chain here begins with; 0 when it begins with the genesis. */
    readonly base: number;
  };
  readonly agreement: { readonly height: number; readonly round: number; readonly since: string };
  readonly settlement: SettlementView;
  readonly sync: SyncView;
  readonly office: OfficeView | null;
  readonly meters: readonly MeterView[];
  readonly curtailment: {
    /** Own orders whose intervals are not settled yet. */
    readonly orders: readonly CurtailmentView[];
    readonly actuators: readonly ActuatorView[];
  };
  readonly outboxReadings: number;
  readonly gossip: readonly {
    readonly channel: string;
    readonly verdict: string;
    readonly messages: number;
  }[];
  /** Refused input by stable code since start. */
  readonly refusals: readonly { readonly code: string; readonly count: number }[];
};

/** The epoch in progress; every recovery of the street begins another. */
export type EpochView = {
  readonly number: number;
  /** What its signatures are bound to; the microgrid's own chain id in the first. */
  readonly chainId: Hash;
  /** Null in the first epoch. */
  readonly recovery: {
    /** False when fewer gateways reported than prove that every decided block was taken over. */
    readonly proven: boolean;
    /** The last block of the epoch before. */
    readonly afterHeight: number;
    /** Names of the voters whose reports it rests on, and of those declared lost for good. */
    readonly reporters: readonly string[];
    readonly lost: readonly string[];
  } | null;
};

/** Whether a quorum settles intervals; without one, metering goes on and every balance stands as it was. */
export type SettlementView = {
  readonly state: "settling" | "no-quorum";
  /** When the oldest unsettled interval could have been settled; null while all goes well. */
  readonly since: string | null;
  /** Intervals that have ended and that no block has closed. */
  readonly unsettledIntervals: number;
};

/** One thing that keeps a gateway from voting. */
export type HindranceView = {
  readonly code: string;
  readonly because: string;
  readonly since: string;
  /** What to do about it. */
  readonly next: string;
};

/** How far behind the others this gateway is. */
export type SyncView = {
  /** Heights that others claim to be further on: a hint until their blocks are here; 0 when caught up. */
  readonly behindBy: number;
  /** Name of the gateway that blocks are fetched from at present; null when none are. */
  readonly source: string | null;
  /** When it fell behind, or caught up. */
  readonly since: string;
};

/** Who is DSO, since when, and what proves it. */
export type OfficeView = {
  readonly dso: string;
  readonly dsoName: string;
  readonly term: number;
  readonly sinceHeight: number;
  readonly mandate: MandateView;
};

/** One meter, and the age of what was last read from it. */
export type MeterView = {
  readonly role: string;
  readonly definition: string;
  readonly unitId: number;
  readonly state: "measured" | "missing" | "never-read";
  readonly reason: string | null;
  /** Serial number that answers in place of the enrolled one; null when none does. */
  readonly answeredBy: string | null;
  readonly activePowerW: number | null;
  readonly sampleAgeSeconds: number | null;
};

/** An own order that is not settled yet. */
export type CurtailmentView = {
  readonly interval: number;
  readonly kind: "consumption" | "generation";
  readonly maxWh: number;
  /** True once the ledger has the acknowledgement. */
  readonly acknowledged: boolean;
  /** Why this gateway cannot act on it, such as "no actuator" or a driver's code; null when it can, or was not asked yet. */
  readonly reason: string | null;
};

/** One actuator, and what is known of it. */
export type ActuatorView = {
  readonly definition: string;
  readonly unitId: number;
  readonly limits: "consumption" | "generation";
  readonly ratedW: number;
  readonly isLimited: boolean;
  /** Code of its last failure; null when the last thing it was told worked. */
  readonly reason: string | null;
};

/** One settled interval: the line of `edso demo --json`, without the other gateways' heads. */
export type IntervalView = {
  readonly schema: "edso.interval/2";
  readonly height: number;
  readonly interval: number;
  readonly dso: string;
  readonly term: number;
  readonly members: readonly MemberView[];
  readonly trades: readonly TradeView[];
  readonly signal: {
    readonly excessWh: number;
    readonly deficitWh: number;
    readonly unmetWh: number;
    readonly unsoldWh: number;
  };
  readonly stop: "no-deficit" | "no-excess" | "balanced" | "limits";
  /** What it cost; null without a policy in force. */
  readonly settlement: IntervalMoneyView | null;
};

/** The money of one interval, by names; amounts in whole micro-coins as text. */
export type IntervalMoneyView = {
  readonly policyVersion: number;
  /** Of every trade, per kWh; null when an auction traded nothing. */
  readonly price: MicroCoinsText | null;
  /** Members whose deficit took no part, since their account was too far below 0. */
  readonly ineligible: readonly string[];
  /** One for each trade, in its order: what the buyer paid for it, fee and carbon beside it, and what the seller received. */
  readonly trades: readonly {
    readonly paid: MicroCoinsText;
    readonly received: MicroCoinsText;
    readonly fee: MicroCoinsText;
    readonly carbon: MicroCoinsText;
  }[];
  /** What members bought from the supplier, fed in to it or, without one, drew unpaid. */
  readonly residuals: readonly {
    readonly member: string;
    readonly kind: "bought" | "fed-in" | "imbalance";
    readonly wh: number;
    readonly price: MicroCoinsText;
    readonly amount: MicroCoinsText;
    readonly carbon: MicroCoinsText;
  }[];
  /** What each account changed by, members by name. */
  readonly accounts: readonly { readonly account: string; readonly change: MicroCoinsText }[];
};

/** A member in one interval; energies are null when it is missing. */
export type MemberView = {
  readonly name: string;
  readonly address: string;
  readonly generatedWh: number | null;
  readonly consumedWh: number | null;
  readonly positionWh: number | null;
  readonly soldWh: number;
  readonly boughtWh: number;
  /** What this interval's outcome orders it to do without in the interval two later. */
  readonly curtailedWh: number;
  /** The order that bound this interval, and what became of it. */
  readonly order: OrderView | null;
  readonly missing: boolean;
};

/** A curtailment order whose interval is settled. */
export type OrderView = {
  readonly kind: "consumption" | "generation";
  readonly maxWh: number;
  /** Deficit or excess; null when the member is missing. */
  readonly measuredWh: number | null;
  readonly acknowledged: boolean;
  readonly result: "complied" | "exceeded" | "unknown";
};

/** One trade, by names as in the paper's Fig. 9. */
export type TradeView = { readonly from: string; readonly to: string; readonly wh: number };

/** What the local API asks of the agent. */
export interface AgentView {
  status(): Promise<StatusView>;
  /** @returns the intervals that block settled, in order; null when there is no such block */
  intervals(height: Height): Promise<readonly IntervalView[] | null>;
  block(height: Height): Promise<StoredBlock | null>;
  /** @returns what an own reading was decoded from; null when it is not kept any more */
  frames(framesHash: Hash): Promise<FrameSet | null>;
  /** @returns points of the own profile, oldest first; null where none is kept */
  profile(query: ProfileQuery): Promise<readonly ProfilePoint[] | null>;
  readonly governance: GovernanceApi;
  readonly bids: BidApi;
  readonly money: MoneyApi;
  /** @param listener called after each commit with its height @returns stops the calls */
  onCommit(listener: (height: Height) => void): () => void;
}
