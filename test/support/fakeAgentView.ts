/** An agent that tells what a test puts into it. */
import type { Hash } from "../../agent/core/hash.ts";
import type { SignedTransaction } from "../../agent/core/ledger/state/transaction.ts";
import { type Height, height } from "../../agent/core/units.ts";
import { accept, type Refusal } from "../../agent/core/verdict.ts";
import type { AgentView, IntervalView, StatusView } from "../../agent/ports/agentView.ts";
import type { BidApi, BidRequest, BidsView } from "../../agent/ports/bidView.ts";
import type { FrameSet } from "../../agent/ports/frameStore.ts";
import type {
  DsoView,
  EvidenceView,
  GovernanceApi,
  SwapRequest,
  TransactionView,
} from "../../agent/ports/governanceView.ts";
import type { StoredBlock } from "../../agent/ports/ledgerStore.ts";
import type { AccountsView, MoneyApi, PoliciesView } from "../../agent/ports/moneyView.ts";
import type { ProfilePoint, ProfileQuery } from "../../agent/ports/profileStore.ts";

/** @param at a height @returns a digest that shows it */
export function hashAt(at: number): Hash {
  return String(at).padStart(64, "0") as Hash;
}

/** @param at height of the ledger @returns a status with every field */
export function statusAt(at: number): StatusView {
  return {
    schema: "edso.status/1",
    version: "0.1.0",
    name: "dep1",
    address: "meter1aaa.street.grid1bbb",
    microgrid: { id: "street", chainId: hashAt(0), mode: "islanded" },
    epoch: { number: 0, chainId: hashAt(0), recovery: null },
    now: "2026-01-01T00:00:00.000Z",
    clock: "synchronised",
    participation: "voter",
    observesBecause: null,
    observesCode: null,
    hindrances: [],
    bft: false,
    voters: { total: 3, quorum: 2, connected: 2 },
    ledger: { height: at, head: hashAt(at), lastInterval: at === 0 ? null : 100 + at, base: 0 },
    agreement: { height: at + 1, round: 0, since: "2026-01-01T00:00:00.000Z" },
    settlement: { state: "settling", since: null, unsettledIntervals: 0 },
    sync: { behindBy: 0, source: null, since: "2026-01-01T00:00:00.000Z" },
    office: {
      dso: "meter1aaa",
      dsoName: "dep1",
      term: 2,
      sinceHeight: 3,
      mandate: { kind: "recall", height: 3, round: 1, signedBy: ["dep2", "dep3"] },
    },
    meters: [
      {
        role: "generation",
        definition: "sdm120",
        unitId: 1,
        state: "measured",
        reason: null,
        activePowerW: -1200,
        answeredBy: null,
        sampleAgeSeconds: 2,
      },
      {
        role: "consumption",
        definition: "sdm630",
        unitId: 2,
        state: "missing",
        reason: "timeout",
        activePowerW: null,
        answeredBy: null,
        sampleAgeSeconds: null,
      },
    ],
    curtailment: { orders: [], actuators: [] },
    outboxReadings: 1,
    gossip: [{ channel: "readings", verdict: "accept", messages: 7 }],
    refusals: [{ code: "BAD_SIGNATURE", count: 3 }],
  };
}

/** @param at a height @returns the one interval of that block, with one trade */
export function intervalAtHeight(at: number): IntervalView {
  const energies = { generatedWh: 500, consumedWh: 200, positionWh: 300, curtailedWh: 0, missing: false };
  return {
    schema: "edso.interval/2",
    height: at,
    interval: 100 + at,
    dso: "meter1aaa",
    term: 1,
    members: [{ name: "dep1", address: "meter1aaa", ...energies, soldWh: at * 10, boughtWh: 0, order: null }],
    trades: [{ from: "dep1", to: "dep2", wh: at * 10 }],
    signal: { excessWh: 300, deficitWh: at * 10, unmetWh: 0, unsoldWh: 300 - at * 10 },
    stop: "no-deficit",
    settlement: null,
  };
}

/** An office in its second term, won by a recall. */
export const DSO: DsoView = {
  schema: "edso.dso/1",
  office: {
    name: "dep2",
    term: 2,
    blocksInTerm: 3,
    termMax: 96,
    sinceHeight: 5,
    mandate: { kind: "recall", height: 5, round: 1, signedBy: ["dep1", "dep2", "dep3"] },
  },
  candidates: [
    { name: "dep2", ballots: 0, absent: 0, place: "incumbent" },
    { name: "dep1", ballots: 2, absent: 0, place: "candidate" },
    { name: "dep3", ballots: 0, absent: 40, place: "candidate" },
    { name: "dep4", ballots: 0, absent: 0, place: "named-by-evidence" },
  ],
  ownBallot: "dep1",
  withoutVote: [{ name: "dep5", because: "suspended" }],
  pending: { change: "admit dep6", activeAt: 10 },
  nextAdminSequence: 3,
};
/** A policy in force. */
export const POLICIES: PoliciesView = {
  schema: "edso.policies/1",
  regulator: `02${"ab".repeat(32)}`,
  intervalMs: 900_000,
  nextInterval: 1_007,
  inForce: 2,
  policies: [
    {
      version: 2,
      hash: "11".repeat(32),
      from: 1_000,
      to: 2_000,
      pricing: "schedule",
      prices: [
        { from: 1_000, trade: "200000", supplierSells: "300000", supplierBuys: "80000" },
        { from: 1_500, trade: "250000", supplierSells: "350000", supplierBuys: "80000" },
      ],
      floor: "50000",
      cap: "400000",
      feedInLimitWh: null,
      creditLimit: "10000000",
      creditLimits: [{ member: "dep1", limit: "0" }],
      fee: "3000",
      supplierFuel: "grid-mix",
      mixTarget: [{ fuel: "solar", permille: 600 }],
      carbon: { grams: [{ fuel: "grid-mix", gramsPerKwh: 400 }], rate: "50000" },
      connectionRatings: [{ member: "dep1", ratingW: 4_000 }],
    },
  ],
};
/** Two members and what they hold. */
export const ACCOUNTS: AccountsView = {
  schema: "edso.accounts/1",
  height: 7,
  issued: "5000000",
  accounts: [
    { account: "meter1aaa", name: "dep1", balance: "5200001", mayBuy: true },
    { account: "meter1bbb", name: "dep2", balance: "-200002", mayBuy: false },
    { account: "fees", name: "fees", balance: "1", mayBuy: null },
  ],
};
/** One contradiction of each kind. */
export const EVIDENCE: readonly EvidenceView[] = [
  {
    schema: "edso.evidence/1",
    offender: "dep4",
    kind: "votes",
    place: 7,
    provenAt: 8,
    reportedBy: "dep1",
    digests: [hashAt(1), hashAt(2)],
  },
  {
    schema: "edso.evidence/1",
    offender: "dep5",
    kind: "readings",
    place: 1_007,
    provenAt: 8,
    reportedBy: "dep2",
    digests: [hashAt(3), hashAt(4)],
  },
];

/** An auction in which two members bid, one of them this gateway. */
export const BIDS: BidsView = {
  schema: "edso.bids/1",
  own: "dep1",
  nextInterval: 1_007,
  pricing: { kind: "auction", floor: "50000", cap: "400000" },
  bids: [
    {
      member: "dep1",
      side: "sell",
      limit: "150000",
      capWh: 2_000,
      from: 1_000,
      to: null,
      area: null,
      fuel: null,
    },
    {
      member: "dep2",
      side: "buy",
      limit: "212500",
      capWh: 500,
      from: 1_000,
      to: 1_100,
      area: "feeder-1",
      fuel: "solar",
    },
  ],
};

function transactionAt(sequence: number, signer: string, kind: string): TransactionView {
  return { schema: "edso.transaction/1", id: hashAt(sequence), signer, sequence, kind };
}

/** An agent whose ledger a test lets grow. */
export class FakeAgentView implements AgentView {
  /** What every question is answered with, when set. */
  failure: Error | null = null;
  /** What every foreign transaction is answered with, when set. */
  refusal: Refusal | null = null;
  /** Null where no profile is kept. */
  points: readonly ProfilePoint[] | null = null;
  readonly framesKept: FrameSet[] = [];
  readonly ballots: (string | null)[] = [];
  readonly swaps: SwapRequest[] = [];
  readonly taken: SignedTransaction[] = [];
  readonly governance: GovernanceApi = {
    dso: async () => DSO,
    evidence: async () => EVIDENCE,
    castBallot: async (candidate) => {
      if (this.failure !== null) throw this.failure;
      // There is one voter beside this gateway.
      if (candidate !== null && candidate !== "dep2") return null;
      this.ballots.push(candidate);
      return transactionAt(this.ballots.length, "dep1", "ballot");
    },
    swapMeter: async (request) => {
      if (this.failure !== null) throw this.failure;
      if (this.refusal !== null) return this.refusal;
      this.swaps.push(request);
      return accept(transactionAt(this.swaps.length, "dep1", "meter-swap"));
    },
    take: (signed) => {
      if (this.refusal !== null) return this.refusal;
      this.taken.push(signed);
      const { signer, sequence, content } = signed.transaction;
      return accept(transactionAt(sequence, signer, content.kind));
    },
  };
  readonly placed: BidRequest[] = [];
  readonly bids: BidApi = {
    bids: () => BIDS,
    placeBid: async (request) => {
      if (this.failure !== null) throw this.failure;
      if (this.refusal !== null) return this.refusal;
      this.placed.push(request);
      return accept(transactionAt(this.placed.length, "dep1", "bid"));
    },
  };
  readonly money: MoneyApi = { policies: async () => POLICIES, accounts: async () => ACCOUNTS };
  readonly #listeners = new Set<(at: Height) => void>();
  #head: number;

  constructor(head: number) {
    this.#head = head;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  commit(): void {
    this.#head += 1;
    for (const listener of this.#listeners) listener(height(this.#head));
  }

  async status(): Promise<StatusView> {
    if (this.failure !== null) throw this.failure;
    return statusAt(this.#head);
  }

  async intervals(at: Height): Promise<readonly IntervalView[] | null> {
    return this.#has(at) ? [intervalAtHeight(at)] : null;
  }

  async block(at: Height): Promise<StoredBlock | null> {
    if (!this.#has(at)) return null;
    return {
      height: at,
      blockHash: hashAt(at),
      block: Uint8Array.of(0, 255, at),
      certificate: Uint8Array.of(1),
    };
  }

  async profile({ fromMs, toMs, limit }: ProfileQuery): Promise<readonly ProfilePoint[] | null> {
    return this.points?.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).slice(0, limit) ?? null;
  }

  async frames(framesHash: Hash): Promise<FrameSet | null> {
    return this.framesKept.find((set) => set.framesHash === framesHash) ?? null;
  }

  onCommit(listener: (at: Height) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #has(at: Height): boolean {
    return at >= 1 && at <= this.#head;
  }
}
