/** Routes for bids. Only who may open the socket gets here: the user of the agent and its group. */
import type { Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { MAX_PRICE } from "../../core/codec.ts";
import { isAgentError } from "../../core/errors.ts";
import { FUELS, type Fuel, MEMBER_NAME } from "../../core/membership/enrolment.ts";
import type { BidApi, BidRequest } from "../../ports/bidView.ts";
import { NOT_NOW } from "./governanceRoutes.ts";

/** Longest bid as JSON. */
const MAX_BID_BYTES = 512;
/** Whole micro-coins, one text for each. */
const PRICE = /^(0|[1-9]\d{0,12})$/;

/** @param api to add the routes to @param bids of the agent */
export function addBidRoutes(api: Hono, bids: BidApi): void {
  const limit = bodyLimit({
    maxSize: MAX_BID_BYTES,
    onError: (context) => refuse(context, 413, "API_TOO_LONG", `${MAX_BID_BYTES} bytes at most`),
  });
  api.get("/api/v1/bids", (context) => context.json(bids.bids()));
  api.post("/api/v1/bid", limit, (context) => placeBid(context, bids));
}

async function placeBid(context: Context, bids: BidApi): Promise<Response> {
  const request = requestOf(await context.req.json().catch(() => null));
  if (request === null)
    return refuse(context, 400, "API_BAD_BID", "a bid is side, limit, capWh, from, to, area, fuel");
  try {
    const placed = await bids.placeBid(request);
    if (placed.kind === "accept") return context.json(placed.value, 202);
    return refuse(context, 409, placed.code, placed.detail ?? "the bid would have no effect");
  } catch (error) {
    if (isAgentError(error) && NOT_NOW.includes(error.code))
      return refuse(context, 503, error.code, error.message);
    throw error;
  }
}

function requestOf(body: unknown): BidRequest | null {
  if (typeof body !== "object" || body === null) return null;
  const { side, limit, capWh, from, to, area, fuel } = body as Record<string, unknown>;
  if (side !== "buy" && side !== "sell") return null;
  if (!isPrice(limit) || !isCount(capWh)) return null;
  if (!isCountOrNull(from) || !isCountOrNull(to)) return null;
  if (area !== null && (typeof area !== "string" || !MEMBER_NAME.test(area))) return null;
  if (fuel !== null && !isFuel(fuel)) return null;
  return { side, limit, capWh, from, to, area, fuel };
}

function isPrice(value: unknown): value is string {
  return typeof value === "string" && PRICE.test(value) && BigInt(value) <= MAX_PRICE;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isCountOrNull(value: unknown): value is number | null {
  return value === null || isCount(value);
}

function isFuel(value: unknown): value is Fuel {
  return FUELS.some((fuel) => fuel === value);
}

function refuse(context: Context, status: 400 | 409 | 413 | 503, code: string, message: string): Response {
  return context.json({ code, message }, status);
}
