import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cbor, decode, encode } from "../../../../../agent/core/codec.ts";
import {
  type Bid,
  type BidRefusal,
  bidDecoder,
  bidsFor,
  cborBid,
  cborStandingBid,
  judgeBid,
  NO_WISH,
  openBids,
  standingBidDecoder,
  withBid,
} from "../../../../../agent/core/market/bid.ts";
import { intervalIndex, pricePerKwh, wh } from "../../../../../agent/core/units.ts";
import { testMember } from "../../../../support/marketCases.ts";

const [A, B] = [testMember(0), testMember(1)].sort() as [
  ReturnType<typeof testMember>,
  ReturnType<typeof testMember>,
];
const NEXT = intervalIndex(100);
const BUY: Bid = {
  side: "buy",
  limit: pricePerKwh(150_000n),
  cap: wh(500n),
  from: intervalIndex(90),
  to: intervalIndex(110),
  wish: { area: "north", fuel: "solar" },
};
const SELL: Bid = { ...BUY, side: "sell", to: null, wish: NO_WISH };
const WITHDRAWN: Bid = { ...SELL, cap: wh(0n) };

const judged = suite("judging a bid");

const JUDGED: readonly { name: string; bid: Bid; code: BidRefusal | null }[] = [
  { name: "takes a bid to buy with a wish", bid: BUY, code: null },
  { name: "takes a bid to sell until it is withdrawn", bid: SELL, code: null },
  { name: "takes a bid that begins later", bid: { ...SELL, from: intervalIndex(1_000) }, code: null },
  { name: "takes a bid for one interval", bid: { ...BUY, from: NEXT, to: intervalIndex(101) }, code: null },
  { name: "takes back a bid that stands", bid: { ...WITHDRAWN, side: "buy" }, code: null },
  { name: "takes back none that does not", bid: WITHDRAWN, code: "BID_NOT_STANDING" },
  { name: "knows no wish of a seller's area", bid: { ...BUY, side: "sell" }, code: "BID_PREFERENCE" },
  {
    name: "knows no wish of a seller's fuel",
    bid: { ...SELL, wish: { area: null, fuel: "wind" } },
    code: "BID_PREFERENCE",
  },
  { name: "refuses a bid that ended", bid: { ...BUY, to: NEXT }, code: "BID_WINDOW" },
  {
    name: "refuses a bid without an interval",
    bid: { ...BUY, from: intervalIndex(110) },
    code: "BID_WINDOW",
  },
];

for (const { name, bid, code } of JUDGED) {
  judged(name, () => {
    const verdict = judgeBid(bid, [{ member: A, bid: BUY }], A, NEXT);
    assert.is(verdict.kind === "accept" ? null : verdict.code, code);
  });
}

judged.run();

const standing = suite("standing bids");

standing("are one a member and side: a new one takes the place of the old", () => {
  const higher = { ...BUY, limit: pricePerKwh(160_000n) };
  const bids = [SELL, BUY, higher].reduce<ReturnType<typeof withBid>>(
    (before, bid) => withBid(before, A, bid),
    withBid([], B, SELL),
  );
  assert.equal(bids, [
    { member: A, bid: higher },
    { member: A, bid: SELL },
    { member: B, bid: SELL },
  ]);
});

standing("go with a bid for nothing", () => {
  const bids = withBid(withBid(withBid([], A, SELL), A, BUY), B, SELL);
  assert.equal(withBid(bids, A, WITHDRAWN), [
    { member: A, bid: BUY },
    { member: B, bid: SELL },
  ]);
});

standing("hold from their first interval to the one before their end", () => {
  const bids = [
    { member: A, bid: BUY },
    { member: B, bid: SELL },
  ];
  const membersAt = (side: Bid["side"], at: number) => [...bidsFor(bids, side, intervalIndex(at)).keys()];
  assert.equal(
    [89, 90, 109, 110].map((at) => membersAt("buy", at).length),
    [0, 1, 1, 0],
  );
  assert.equal(
    [89, 90, 1_000_000].map((at) => membersAt("sell", at).length),
    [0, 1, 1],
  );
});

standing("are closed when they end and when their member has left", () => {
  const bids = [
    { member: A, bid: BUY },
    { member: B, bid: SELL },
  ];
  assert.equal(
    openBids(bids, intervalIndex(109), () => true),
    bids,
  );
  assert.equal(
    openBids(bids, intervalIndex(110), () => true),
    [{ member: B, bid: SELL }],
  );
  assert.equal(
    openBids(bids, NEXT, (member) => member === A),
    [{ member: A, bid: BUY }],
  );
});

standing.run();

const format = suite("format of a bid");

format("reads back what it writes", () => {
  for (const bid of [BUY, SELL, WITHDRAWN]) {
    const entry = { member: B, bid };
    assert.equal(decode(encode(cborStandingBid(entry)), standingBidDecoder, 256), {
      kind: "accept",
      value: entry,
    });
  }
});

const FIELDS = cborBid(BUY) as readonly Cbor[];
const BAD: readonly { name: string; place: number; value: Cbor }[] = [
  { name: "another side", place: 0, value: 2 },
  { name: "a price below 0", place: 1, value: -1 },
  { name: "a price above a million coins", place: 1, value: 1_000_000_000_001n },
  { name: "energy below 0", place: 2, value: -1 },
  { name: "an interval below 0", place: 3, value: -1 },
  { name: "an area that is no label", place: 5, value: "North Street" },
  { name: "an unknown fuel", place: 6, value: "coal" },
];

for (const { name, place, value } of BAD) {
  format(`refuses ${name}`, () => {
    const fields = FIELDS.map((field, index) => (index === place ? value : field));
    assert.is(decode(encode(fields), bidDecoder, 256).kind, "reject");
  });
}

format.run();
