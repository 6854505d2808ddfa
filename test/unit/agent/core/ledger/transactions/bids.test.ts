/** Bids and auctions on a chain: from the transaction to the money, and what every other gateway makes of it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { verifyNext } from "../../../../../../agent/core/ledger/chain/chain.ts";
import type { SettledInterval } from "../../../../../../agent/core/ledger/settlement/settledInterval.ts";
import { genesisState, ledgerContext } from "../../../../../../agent/core/ledger/state/context.ts";
import { encodeState, readState } from "../../../../../../agent/core/ledger/state/state.ts";
import {
  GRID_ADMIN,
  type TransactionContent,
  type TransactionSigner,
} from "../../../../../../agent/core/ledger/state/transaction.ts";
import { applyTransactions } from "../../../../../../agent/core/ledger/transactions/applyTransactions.ts";
import { lastSequence } from "../../../../../../agent/core/ledger/transactions/judgeTransaction.ts";
import { balanceOf } from "../../../../../../agent/core/market/accounts.ts";
import { type Bid, NO_WISH } from "../../../../../../agent/core/market/bid.ts";
import type { EnrolledMeter, Fuel } from "../../../../../../agent/core/membership/enrolment.ts";
import type { Policy } from "../../../../../../agent/core/membership/policy.ts";
import { intervalIndex, pricePerKwh, wh } from "../../../../../../agent/core/units.ts";
import {
  ChainBuilder,
  FIRST_INTERVAL,
  memberNamed,
  signTransaction,
  testEnrolment,
  testGenesis,
  verify,
} from "../../../../../support/chainBuilder.ts";
import { signPolicy, testPolicy } from "../../../../../support/testPolicy.ts";

const test = suite("bids on the ledger");

/** dep1 has sun in the north, dep2 a diesel engine in the south; dep3 and dep4 are in the north. */
const MEMBERS = [
  testEnrolment("dep1", undefined, { area: "north", meters: metersOf("dep1", "solar") }),
  testEnrolment("dep2", undefined, { area: "south", meters: metersOf("dep2", "diesel") }),
  testEnrolment("dep3", undefined, { area: "north" }),
  testEnrolment("dep4", undefined, { area: "north" }),
];
const context = contextWith({});
const id = (name: string) => memberNamed(context, name).id;

/** Both sell 1 kWh, dep3 wants 1.5 kWh and dep4 0.5. */
const DAY = { dep1: [1_000, 0], dep2: [1_000, 0], dep3: [0, 1_500], dep4: [0, 500] } as const;

test("counts a bid from the block after the one that holds it", () => {
  const chain = new ChainBuilder(context);
  const { settlement: before } = place(chain, "dep3", { side: "buy", limit: pricePerKwh(101_000n) });
  assert.is(before?.price, 225_000n, "the middle of 50 000 and 400 000");
  const after = day(chain);
  // dep4 takes any price and dep3 up to 101 000: all of both is wanted up to there, 0.5 kWh above.
  assert.is(after.settlement?.price, 75_500n);
});

test("pays the auction's price and the carbon of what each buyer got", () => {
  const chain = new ChainBuilder(context);
  place(chain, "dep4", { side: "buy", limit: pricePerKwh(300_000n), wish: { area: null, fuel: "diesel" } });
  const { outcome, settlement } = day(chain);
  assert.is(settlement?.price, 175_000n);
  const entryOf = (from: string, to: string) => {
    const index = outcome.trades.findIndex((trade) => trade.from === id(from) && trade.to === id(to));
    return settlement?.trades[index];
  };
  // 0.5 kWh · 700 g/kWh · 50 000 µ/kg is 17 500 µ.
  assert.equal(entryOf("dep2", "dep4"), {
    price: 175_000n,
    paid: 87_500n,
    received: 87_500n,
    fee: 1_500n,
    carbon: 17_500n,
    fuels: [["diesel", 500n]],
  });
  assert.equal(entryOf("dep1", "dep3")?.fuels, [["solar", 1_000n]]);
  assert.is(entryOf("dep1", "dep3")?.carbon, 0n);
  assert.is(outcome.trades.length, 3);
  assert.is(balanceOf(chain.state.money, "carbon"), 2n * 35_000n, "of both intervals, whoever bought");
});

test("feeds in and buys from the supplier what limits keep apart, without a price for trades", () => {
  const chain = new ChainBuilder(context);
  place(chain, "dep1", { side: "sell", limit: pricePerKwh(400_001n) });
  place(chain, "dep2", { side: "sell", limit: pricePerKwh(400_001n) });
  const { outcome, settlement } = day(chain);
  assert.is(outcome.stop, "limits");
  assert.is(settlement?.price, null);
  assert.equal(settlement?.trades, []);
  assert.equal(outcome.residuals.map(({ kind }) => kind).toSorted(), [
    "bought",
    "bought",
    "fed-in",
    "fed-in",
  ]);
  const total = [...chain.state.money.accounts.values()].reduce<bigint>((sum, amount) => sum + amount, 0n);
  assert.is(total, 0n);
});

test("replaces a bid by the next of its side, and takes it back by one for nothing", () => {
  const chain = new ChainBuilder(context);
  place(chain, "dep3", { side: "buy", limit: pricePerKwh(101_000n) });
  place(chain, "dep3", { side: "buy", limit: pricePerKwh(103_000n) });
  assert.equal(
    chain.state.bids.map(({ bid }) => bid.limit),
    [103_000n],
  );
  const { settlement } = place(chain, "dep3", { side: "buy", cap: wh(0n) });
  assert.is(settlement?.price, 76_500n);
  assert.equal(chain.state.bids, []);
  assert.is(day(chain).settlement?.price, 225_000n);
});

test("drops a bid with its last interval, and with its member", () => {
  const chain = new ChainBuilder(context);
  place(chain, "dep3", { side: "buy", to: intervalIndex(FIRST_INTERVAL + 3) });
  place(chain, "dep4", { side: "buy" });
  assert.is(chain.state.bids.length, 2);
  chain.settle([{}]);
  assert.equal(
    chain.state.bids.map(({ member }) => member),
    [id("dep4")],
  );
  const change = { kind: "revoke", member: id("dep4") } as const;
  append(chain, GRID_ADMIN, { kind: "roster", change });
  chain.settle([{}]);
  assert.is(chain.state.bids.length, 1, "it takes part until the change is active");
  chain.settle([{}]);
  assert.equal(chain.state.bids, []);
});

test("ignores bids while the policy's pricing is the schedule", () => {
  const chain = new ChainBuilder(contextWith({ pricing: "schedule" }));
  place(chain, "dep3", { side: "buy", limit: pricePerKwh(50_000n), cap: wh(1n) });
  const { outcome, settlement } = day(chain);
  assert.is(settlement?.price, 200_000n);
  assert.is(outcome.stop, "balanced");
});

test("is computed alike by a gateway that was restarted after every block", () => {
  const chain = new ChainBuilder(context);
  place(chain, "dep3", { side: "buy", limit: pricePerKwh(101_000n), wish: { area: "south", fuel: null } });
  place(chain, "dep1", { side: "sell", limit: pricePerKwh(90_000n), cap: wh(700n) });
  day(chain);
  chain.settle([{}]);
  let state = genesisState(context);
  for (const entry of chain.entries) {
    const verified = verifyNext(context, state, entry);
    if (verified.kind !== "accept") return assert.unreachable(`${entry.height}: ${verified.code}`);
    const read = readState(encodeState(verified.value.state));
    if (read.kind !== "accept") return assert.unreachable(read.code);
    state = read.value;
  }
  assert.equal(encodeState(state), encodeState(chain.state));
});

const REFUSED: readonly {
  readonly name: string;
  readonly signer?: TransactionSigner;
  readonly bid: Partial<Bid>;
  readonly code: string;
}[] = [
  { name: "of the GridAdmin", signer: GRID_ADMIN, bid: {}, code: "BID_NOT_MEMBER" },
  { name: "that takes back none", bid: { cap: wh(0n) }, code: "BID_NOT_STANDING" },
  {
    name: "to sell with a wish",
    bid: { side: "sell", wish: { area: "north", fuel: null } },
    code: "BID_PREFERENCE",
  },
  { name: "for intervals that are settled", bid: { to: FIRST_INTERVAL }, code: "BID_WINDOW" },
];

for (const { name, signer, bid, code } of REFUSED) {
  test(`gives no effect to a bid ${name}`, () => {
    const state = genesisState(context);
    const content = { kind: "bid", bid: bidOf(bid) } as const;
    const signed = signTransaction(context, { signer: signer ?? id("dep3"), sequence: 1, content });
    const applied = applyTransactions(context, state, [signed]);
    assert.is(applied.settled[0]?.refusal, code);
    assert.equal(applied.state.bids, []);
  });
}

test.run();

function contextWith(changes: Partial<Policy>) {
  const policy = testPolicy(FIRST_INTERVAL, {
    pricing: "auction",
    carbon: { grams: [["diesel", 700]], rate: pricePerKwh(50_000n) },
    ...changes,
  });
  return ledgerContext(testGenesis(MEMBERS, { mode: "grid-tied", policies: [signPolicy(policy)] }), verify);
}

function metersOf(name: string, fuel: Fuel): readonly EnrolledMeter[] {
  return [
    { serial: `${name}-1`, role: "generation", fuel },
    { serial: `${name}-2`, role: "consumption", fuel: null },
  ];
}

function bidOf(changes: Partial<Bid>): Bid {
  const usual: Bid = {
    side: "buy",
    limit: pricePerKwh(100_000n),
    cap: wh(10_000n),
    from: FIRST_INTERVAL,
    to: null,
    wish: NO_WISH,
  };
  return { ...usual, ...changes };
}

/** One block of a day's interval that holds the bid. */
function place(chain: ChainBuilder, name: string, bid: Partial<Bid>): SettledInterval {
  return append(chain, id(name), { kind: "bid", bid: bidOf(bid) });
}

function day(chain: ChainBuilder): SettledInterval {
  chain.settle([DAY]);
  return newest(chain);
}

function append(
  chain: ChainBuilder,
  signer: TransactionSigner,
  content: TransactionContent,
): SettledInterval {
  const sequence = lastSequence(chain.state, signer) + 1;
  const signed = signTransaction(chain.context, { signer, sequence, content });
  chain.append(chain.assembleOf([chain.readings(chain.state.nextInterval, DAY)], 0, [signed]));
  return newest(chain);
}

function newest(chain: ChainBuilder): SettledInterval {
  return chain.blocks.at(-1)!.block.body.intervals[0]!;
}
