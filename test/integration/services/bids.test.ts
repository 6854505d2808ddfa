/** Bids in a whole street: placed over a gateway's API, they stand and count on every gateway, and outlast a power cut. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GRID_ADMIN } from "../../../agent/core/ledger/state/transaction.ts";
import { height } from "../../../agent/core/units.ts";
import type { BidRequest } from "../../../agent/ports/bidView.ts";
import { signTransaction } from "../../support/chainBuilder.ts";
import { MemoryStreet } from "../../support/memoryStreet.ts";
import { signPolicy, testPolicy } from "../../support/testPolicy.ts";

const test = suite("bids of a street");

const ENERGIES = { dep1: [1_000, 0], dep2: [0, 600], dep3: [0, 400] } as const;
const NAMES = ["dep1", "dep2", "dep3", "dep4"];
const USUAL = { from: null, to: null, area: null, fuel: null } as const;

async function place(street: MemoryStreet, name: string, bid: Partial<BidRequest>): Promise<string> {
  const request = { side: "buy", limit: "0", capWh: 1, ...USUAL, ...bid } as const;
  const placed = await street.gateway(name).agent.bids.placeBid(request);
  return placed.kind === "accept" ? "placed" : placed.code;
}

async function newestInterval(street: MemoryStreet, name: string) {
  const { agent } = street.gateway(name);
  const { ledger } = await agent.status();
  return (await agent.intervals(height(ledger.height)))?.at(-1);
}

test("a bid that one gateway places counts on all, until it is withdrawn", async () => {
  const street = new MemoryStreet({ gateways: 4, mode: "grid-tied" });
  await street.start();
  await street.pass(1, ENERGIES);
  const from = street.gateway("dep1").agent.bids.bids().nextInterval + 3;
  const policy = signPolicy(testPolicy(from, { pricing: "auction" }));
  const deployment = {
    signer: GRID_ADMIN,
    sequence: 1,
    content: { kind: "policy", signed: policy },
  } as const;
  const taken = street.gateway("dep1").agent.governance.take(signTransaction(street.context, deployment));
  assert.is(taken.kind, "accept");
  assert.is(await place(street, "dep1", { side: "sell", limit: "90000", capWh: 5_000 }), "placed");
  assert.is(await place(street, "dep2", { limit: "100000", capWh: 300 }), "placed");
  assert.is(await place(street, "dep3", { capWh: 0 }), "BID_NOT_STANDING");
  await street.pass(5, ENERGIES);
  street.cutPower("dep4");
  await street.restart("dep4");
  await street.pass(2, ENERGIES);
  for (const name of NAMES) {
    const { bids, pricing } = street.gateway(name).agent.bids.bids();
    assert.equal(
      bids.map(({ member, side, limit, capWh }) => `${member} ${side} ${capWh} at ${limit}`).toSorted(),
      ["dep1 sell 5000 at 90000", "dep2 buy 300 at 100000"],
    );
    assert.equal(pricing, { kind: "auction", floor: "50000", cap: "400000" });
    // dep1 sells 1 kWh from 90 000 on; up to 100 000 dep2 buys 300 Wh and dep3, at any price, 400 Wh.
    const interval = await newestInterval(street, name);
    assert.is(interval?.settlement?.price, "95000");
    assert.is(interval?.stop, "limits");
    assert.equal(interval?.trades.map(({ from: seller, to, wh }) => `${seller} ${to} ${wh}`).toSorted(), [
      "dep1 dep2 300",
      "dep1 dep3 400",
    ]);
  }
  assert.is(await place(street, "dep2", { capWh: 0 }), "placed");
  await street.pass(3, ENERGIES);
  const after = await newestInterval(street, "dep3");
  assert.is(after?.settlement?.price, "245000", "between 90 000 and the cap");
  assert.is(after?.stop, "balanced");
  await street.stop();
});

test.run();
