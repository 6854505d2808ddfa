import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ApiClient } from "../../../../agent/cli/dependencies.ts";
import type { BidRequest, BidsView } from "../../../../agent/ports/bidView.ts";
import { edso } from "../../../support/cliWorld.ts";
import { BIDS, hashAt } from "../../../support/fakeAgentView.ts";

const test = suite("edso bid");

async function ran(args: readonly string[], placed: BidRequest[] = [], view: BidsView = BIDS) {
  const client: Partial<ApiClient> = {
    bids: async () => view,
    placeBid: async (request) => {
      placed.push(request);
      return { schema: "edso.transaction/1", id: hashAt(9), signer: "dep1", sequence: 4, kind: "bid" };
    },
  };
  return edso(["bid", ...args, "--socket", "x"], { agentClient: () => client as ApiClient });
}

test("asks the agent to sell from a price on", async () => {
  const placed: BidRequest[] = [];
  const { exit, out } = await ran(["sell", "--limit", "0.15", "--cap", "2000"], placed);
  assert.is(exit, 0);
  assert.match(out, "bid of dep1, transaction 4, waits for a block");
  assert.equal(placed, [
    { side: "sell", limit: "150000", capWh: 2_000, from: null, to: null, area: null, fuel: null },
  ]);
});

test("asks the agent to buy up to a price, in some intervals, rather near and from the sun", async () => {
  const placed: BidRequest[] = [];
  const wish = ["--near", "feeder-1", "--fuel", "solar"];
  const window = ["--from", "1010", "--to", "1020"];
  await ran(["buy", "--limit", "0.212501", "--cap", "1", ...window, ...wish], placed);
  assert.equal(placed, [
    { side: "buy", limit: "212501", capWh: 1, from: 1_010, to: 1_020, area: "feeder-1", fuel: "solar" },
  ]);
});

test("takes a bid back by its side", async () => {
  const placed: BidRequest[] = [];
  await ran(["withdraw", "--side", "buy"], placed);
  assert.equal(placed, [{ side: "buy", limit: "0", capWh: 0, from: null, to: null, area: null, fuel: null }]);
});

test("lists the bids that stand, with the bounds of the price", async () => {
  const { out } = await ran(["list"]);
  assert.match(out, "interval 1007: auction between 0.050000 and 0.400000 coins/kWh");
  assert.match(out, /dep1 \(own\) +sell +0\.150000 +2000 +1000 +- +-/);
  assert.match(out, /dep2 +buy +0\.212500 +500 +1000 +1100 +feeder-1, solar/);
  assert.equal(JSON.parse((await ran(["list", "--json"])).out), BIDS);
});

test("says when bids do not count, and when there are none", async () => {
  const schedule = { kind: "schedule" as const, floor: "0", cap: "1" };
  assert.match((await ran(["list"], [], { ...BIDS, pricing: schedule })).out, "bids do not count");
  const none = await ran(["list"], [], { ...BIDS, pricing: null, bids: [] });
  assert.match(none.out, "no policy");
  assert.match(none.out, "no bids stand");
});

const MISUSED: readonly (readonly string[])[] = [
  ["sell", "--limit", "0.15"],
  ["sell", "--cap", "5"],
  ["sell", "--limit", "0.1234567", "--cap", "5"],
  ["sell", "--limit", "-1", "--cap", "5"],
  ["sell", "--limit", "1000000.000001", "--cap", "5"],
  ["sell", "--limit", "0,15", "--cap", "5"],
  ["sell", "--limit", "0.15", "--cap", "0"],
  ["sell", "--limit", "0.15", "--cap", "5", "--fuel", "solar"],
  ["buy", "--limit", "0.15", "--cap", "5", "--fuel", "coal"],
  ["buy", "--limit", "0.15", "--cap", "5", "--near", "Feeder 1"],
  ["buy", "--limit", "0.15", "--cap", "5", "--to", "tomorrow"],
  ["withdraw"],
  ["withdraw", "--side", "both"],
];

for (const args of MISUSED) {
  test(`refuses \`edso bid ${args.join(" ")}\``, async () => {
    const placed: BidRequest[] = [];
    assert.is((await ran(args, placed)).exit, 64);
    assert.equal(placed, []);
  });
}

test.run();
