/** Planted bugs of bids, auctions and provenance. */
import type { PlantedBug } from "../plantedBugSpec.ts";

const AUCTION = "agent/core/market/auction.ts";
const SETTLE_INTERVAL = "agent/core/ledger/settlement/settleInterval.ts";
const HUNTS = [
  { mode: "safety", members: 6 },
  { mode: "liveness", members: 6 },
] as const;

export const AUCTION_BUGS: readonly PlantedBug[] = [
  {
    name: "the price of an auction is the highest that clears",
    patches: [{ file: AUCTION, from: "pricePerKwh((lo + hi) / 2n)", to: "pricePerKwh(lo > hi ? lo : hi)" }],
    hunts: HUNTS,
  },
  {
    name: "an auction counts an offer to buy one above its limit",
    patches: [{ file: AUCTION, from: "starts.add(limit + 1n)", to: "starts.add(limit + 2n)" }],
    hunts: HUNTS,
  },
  {
    name: "an auction serves the worst limit first",
    patches: [
      {
        file: AUCTION,
        from: ".sort((left, right) => compare(left.limit, right.limit))",
        to: ".sort((left, right) => compare(right.limit, left.limit))",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "an auction prefers volume that nobody balances",
    patches: [
      { file: AUCTION, from: "left.imbalance < right.imbalance", to: "left.imbalance > right.imbalance" },
    ],
    hunts: HUNTS,
  },
  {
    name: "a bid's cap does not bind",
    patches: [
      { file: "agent/core/market/offers.ts", from: "wh: lesser(wh, bid.cap)", to: "wh: lesser(wh, wh)" },
    ],
    hunts: HUNTS,
  },
  {
    name: "a bid holds for one interval too many",
    // Where it is read and where it is dropped: either alone hides the other.
    patches: [
      { file: "agent/core/market/bid.ts", from: "at < bid.to)", to: "at <= bid.to)" },
      { file: "agent/core/market/bid.ts", from: "bid.to > nextInterval)", to: "bid.to >= nextInterval)" },
    ],
    hunts: HUNTS,
  },
  {
    name: "a bid that is over stays on the ledger",
    patches: [
      { file: "agent/core/market/bid.ts", from: "bid.to > nextInterval)", to: "bid.to >= nextInterval)" },
    ],
    hunts: HUNTS,
  },
  {
    name: "a second bid of a side stands beside the first",
    patches: [
      {
        file: "agent/core/market/bid.ts",
        from: "other.member !== member || other.bid.side !== bid.side",
        to: "other.member !== member || other.bid.side !== bid.side || other.bid.cap !== bid.cap",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a wish is taken for met by every seller",
    patches: [
      {
        file: "agent/core/market/pairing.ts",
        from: "(area === null || origin.area === area)",
        to: "(area === null || origin.area !== fuel)",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "energy of a diesel engine is sold as undeclared",
    patches: [
      {
        file: "agent/core/market/provenance.ts",
        from: "return listed((fuel) => byFuel.get(fuel) ?? 0n);",
        to: "return measured.generated > 0n ? [[UNDECLARED, measured.generated]] : [];",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "large bids are left out",
    patches: [
      {
        file: SETTLE_INTERVAL,
        from: "bids: state.bids, sources",
        to: "bids: state.bids.filter(({ bid }) => bid.cap < 1_000n), sources",
      },
    ],
    hunts: HUNTS,
  },
];
