/** Bids that members of a simulated street place, take back and get wrong while it runs. */
import type { Bid } from "../../agent/core/market/bid.ts";
import { intervalIndex, pricePerKwh, wh } from "../../agent/core/units.ts";
import type { Draw } from "./draw.ts";

/** From below every floor of the simulator to above every cap. */
const HIGHEST_LIMIT = 420_000;
/** Few prices, so that bids meet at the margin. */
const LIMIT_STEP = 30_000;
const CAPS = [0, 1, 300, 1_500, 1_000_000_000] as const;
const AREAS = ["north", "south", "nowhere", null] as const;
const WISHED_FUELS = ["solar", "diesel", "hydro", null] as const;
const WRONG_SHARE = 0.1;

/** @param draw of the bids @param nextInterval as its gateway sees it @returns a bid, which may be one that is refused */
export function drawnBid(draw: Draw, nextInterval: number): Bid {
  const side = draw.one(["buy", "sell"] as const);
  const isWished = (side === "buy") !== draw.chance(WRONG_SHARE);
  const limit = draw.chance(0.5)
    ? draw.integer(0, HIGHEST_LIMIT)
    : draw.integer(0, HIGHEST_LIMIT / LIMIT_STEP) * LIMIT_STEP;
  return {
    side,
    limit: pricePerKwh(BigInt(limit)),
    cap: wh(BigInt(draw.one(CAPS))),
    from: intervalIndex(nextInterval + draw.integer(-2, 3)),
    to: draw.chance(0.5) ? null : intervalIndex(nextInterval + draw.integer(-1, 8)),
    wish: isWished ? { area: draw.one(AREAS), fuel: draw.one(WISHED_FUELS) } : { area: null, fuel: null },
  };
}
