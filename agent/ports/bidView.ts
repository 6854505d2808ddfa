/** What a running gateway tells of the street's bids, and takes for its own: bodies of the local API. */
import type { Fuel } from "../core/membership/enrolment.ts";
import type { Verdict } from "../core/verdict.ts";
import type { TransactionView } from "./governanceView.ts";
import type { MicroCoinsText } from "./moneyView.ts";

/** A bid as people see it. */
export type BidView = {
  readonly member: string;
  readonly side: "buy" | "sell";
  /** Per kWh. */
  readonly limit: MicroCoinsText;
  readonly capWh: number;
  /** The first interval it holds for. */
  readonly from: number;
  /** The first it no longer holds for; null until it is replaced or withdrawn. */
  readonly to: number | null;
  /** What a buyer wishes; null where it does not mind. */
  readonly area: string | null;
  readonly fuel: string | null;
};

/** `GET /api/v1/bids` */
export type BidsView = {
  readonly schema: "edso.bids/1";
  /** Name of this gateway. */
  readonly own: string;
  /** The first interval that is not settled. */
  readonly nextInterval: number;
  /** What its policy says of prices; null without a policy. */
  readonly pricing: {
    readonly kind: "schedule" | "auction";
    /** Per kWh. */
    readonly floor: MicroCoinsText;
    readonly cap: MicroCoinsText;
  } | null;
  /** Every bid that stands, by member. */
  readonly bids: readonly BidView[];
};

/** What this gateway is to bid: the body of `POST /api/v1/bid`; `capWh` 0 withdraws. */
export type BidRequest = Omit<BidView, "member" | "from" | "fuel"> & {
  /** Null for the next interval. */
  readonly from: number | null;
  readonly fuel: Fuel | null;
};

/** What the local API asks of the agent about bids. */
export interface BidApi {
  bids(): BidsView;
  /**
   * @param request within the bounds of a bid
   * @returns the transaction, once it would survive a power cut, or why the ledger would give it no effect
   * @throws ServiceError `TRANSACTIONS_WAITING`, `TRANSACTION_NOT_DURABLE`
   */
  placeBid(request: BidRequest): Promise<Verdict<TransactionView>>;
}
