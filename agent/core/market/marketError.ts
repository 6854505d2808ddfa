/** The one failure of the market: an input that its caller must never have let through. */
import { AgentError } from "../errors.ts";

/** Codes of {@link MarketError}. None is worth a retry: the same input fails again. */
export type MarketErrorCode =
  | "MARKET_DUPLICATE_MEMBER"
  | "MARKET_BOTH_MEASURED_AND_MISSING"
  | "MARKET_NOT_IN_TIE_ORDER"
  | "MARKET_MEMBER_UNACCOUNTED"
  | "MARKET_NEGATIVE_ENERGY"
  | "MARKET_POSITION_MISMATCH"
  | "MARKET_ORDER_INTERVAL"
  | "MARKET_ORDER_RANGE"
  | "MARKET_PRICE_BOUNDS"
  | "MARKET_FUEL_EXCEEDED";

/** An input that breaks what the market relies on. */
export class MarketError extends AgentError<MarketErrorCode> {}
