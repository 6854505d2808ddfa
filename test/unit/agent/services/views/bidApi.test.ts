/** What a gateway tells of bids, and how it places its own. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contextOfNext } from "../../../../../agent/core/ledger/state/context.ts";
import type { TransactionContent } from "../../../../../agent/core/ledger/state/transaction.ts";
import { NO_WISH, type StandingBid } from "../../../../../agent/core/market/bid.ts";
import { intervalIndex, pricePerKwh, wh } from "../../../../../agent/core/units.ts";
import type { BidRequest } from "../../../../../agent/ports/bidView.ts";
import { bidApi } from "../../../../../agent/services/views/bidApi.ts";
import {
  ChainBuilder,
  FIRST_INTERVAL,
  memberNamed,
  signTransaction,
  testContext,
} from "../../../../support/chainBuilder.ts";
import { signPolicy, testPolicy } from "../../../../support/testPolicy.ts";

const test = suite("bids of a running gateway");

const policy = testPolicy(FIRST_INTERVAL, { pricing: "auction" });
const context = testContext(2, { policies: [signPolicy(policy)] });
const self = memberNamed(context, "dep1").id;
const standing: StandingBid = {
  member: self,
  bid: {
    side: "buy",
    limit: pricePerKwh(90_000n),
    cap: wh(700n),
    from: intervalIndex(FIRST_INTERVAL),
    to: null,
    wish: { area: "street", fuel: null },
  },
};
const REQUEST: BidRequest = {
  side: "sell",
  limit: "120000",
  capWh: 900,
  from: null,
  to: null,
  area: null,
  fuel: null,
};

function apiWith(bids: readonly StandingBid[], submitted: TransactionContent[] = []) {
  const chain = new ChainBuilder(context);
  const state = { ...chain.state, bids };
  return bidApi({
    self,
    ledger: { state, next: contextOfNext(context, state) },
    submit: async (content) => {
      submitted.push(content);
      return signTransaction(context, { signer: self, sequence: 1, content });
    },
  });
}

test("tells the bids that stand and what the policy says of prices", () => {
  assert.equal(apiWith([standing]).bids(), {
    schema: "edso.bids/1",
    own: "dep1",
    nextInterval: FIRST_INTERVAL,
    pricing: { kind: "auction", floor: "50000", cap: "400000" },
    bids: [
      {
        member: "dep1",
        side: "buy",
        limit: "90000",
        capWh: 700,
        from: FIRST_INTERVAL,
        to: null,
        area: "street",
        fuel: null,
      },
    ],
  });
});

test("submits a bid from the next interval on", async () => {
  const submitted: TransactionContent[] = [];
  const placed = await apiWith([], submitted).placeBid(REQUEST);
  assert.is(placed.kind === "accept" && placed.value.kind, "bid");
  const bid = {
    side: "sell",
    limit: 120_000n,
    cap: 900n,
    from: FIRST_INTERVAL,
    to: null,
    wish: NO_WISH,
  };
  assert.equal(submitted, [{ kind: "bid", bid }]);
});

test("submits nothing that the ledger would give no effect", async () => {
  const submitted: TransactionContent[] = [];
  const api = apiWith([], submitted);
  for (const [request, code] of [
    [{ ...REQUEST, capWh: 0 }, "BID_NOT_STANDING"],
    [{ ...REQUEST, fuel: "solar" }, "BID_PREFERENCE"],
    [{ ...REQUEST, to: FIRST_INTERVAL }, "BID_WINDOW"],
  ] as const) {
    const placed = await api.placeBid(request);
    assert.is(placed.kind === "accept" ? "" : placed.code, code);
  }
  assert.equal(submitted, []);
});

test("places none for a gateway that is no member yet", async () => {
  const chain = new ChainBuilder(context);
  const stranger = memberNamed(testContext(3), "dep3").id;
  const api = bidApi({
    self: stranger,
    ledger: { state: chain.state, next: contextOfNext(context, chain.state) },
    submit: () => Promise.reject(new Error("not asked here")),
  });
  const placed = await api.placeBid(REQUEST);
  assert.is(placed.kind === "accept" ? "" : placed.code, "BID_NOT_MEMBER");
});

test.run();
