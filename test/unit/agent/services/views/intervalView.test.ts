/** A committed block as people see it: names, integers, null for what is not known. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { intervalViews } from "../../../../../agent/services/views/intervalView.ts";
import { ChainBuilder, FIRST_INTERVAL, memberNamed, testContext } from "../../../../support/chainBuilder.ts";
import { signPolicy, testPolicy } from "../../../../support/testPolicy.ts";

const context = testContext(3);
const chain = new ChainBuilder(context);
chain.settle([
  { dep1: [20, 60], dep2: [10, 0], dep3: "meter-timeout" },
  { dep1: [5, 5], dep2: [0, 0], dep3: [0, 0] },
]);
const [first, second] = intervalViews(chain.blocks[0]!.block, context.roster);

const views = suite("interval view");

views("shows each interval of a block with height, DSO by name, and term", () => {
  const dso = context.roster.byId.get(chain.blocks[0]!.block.header.dso)?.name;
  assert.equal(
    [first, second].map((view) => [view?.schema, view?.height, view?.interval, view?.dso, view?.term]),
    [
      ["edso.interval/2", 1, FIRST_INTERVAL, dso, 1],
      ["edso.interval/2", 1, FIRST_INTERVAL + 1, dso, 1],
    ],
  );
});

views("shows trades by name, and the signal", () => {
  assert.equal(first?.trades, [{ from: "dep2", to: "dep1", wh: 10 }]);
  assert.equal(first?.signal, { excessWh: 10, deficitWh: 40, unmetWh: 30, unsoldWh: 0 });
  assert.is(first?.stop, "no-excess");
  assert.is(second?.stop, "balanced");
});

views("shows members by name, with what they did, traded and must curtail", () => {
  assert.equal(first?.members, [
    {
      name: "dep1",
      address: memberNamed(context, "dep1").address,
      generatedWh: 20,
      consumedWh: 60,
      positionWh: -40,
      soldWh: 0,
      boughtWh: 10,
      curtailedWh: 30,
      order: null,
      missing: false,
    },
    {
      name: "dep2",
      address: memberNamed(context, "dep2").address,
      generatedWh: 10,
      consumedWh: 0,
      positionWh: 10,
      soldWh: 10,
      boughtWh: 0,
      curtailedWh: 0,
      order: null,
      missing: false,
    },
    {
      name: "dep3",
      address: memberNamed(context, "dep3").address,
      generatedWh: null,
      consumedWh: null,
      positionWh: null,
      soldWh: 0,
      boughtWh: 0,
      curtailedWh: 0,
      order: null,
      missing: true,
    },
  ]);
});

views("shows the order that bound an interval, and what became of it", () => {
  const obeyed = new ChainBuilder(context);
  obeyed.settle([{ dep1: [0, 60], dep2: [20, 0], dep3: [0, 0] }]);
  obeyed.settle([{ dep1: [0, 20], dep2: [20, 0], dep3: [0, 0] }]);
  obeyed.settle([{ dep1: [0, 22], dep2: [20, 0], dep3: [0, 0] }]);
  const [view] = intervalViews(obeyed.blocks[2]!.block, context.roster);
  const orders = view?.members.map(({ order }) => order);
  const order = { kind: "consumption", maxWh: 20, measuredWh: 22, acknowledged: false, result: "exceeded" };
  assert.equal(orders, [order, null, null]);
});

views("shows what it cost by names, and no money where no policy holds", () => {
  assert.is(first?.settlement, null);
  const policies = [signPolicy(testPolicy(FIRST_INTERVAL))];
  const paid = new ChainBuilder(testContext(2, { mode: "grid-tied", policies }));
  paid.settle([{ dep1: [0, 7], dep2: [5, 0] }]);
  const [view] = intervalViews(paid.blocks[0]!.block, paid.context.roster);
  assert.equal(view?.settlement, {
    policyVersion: 1,
    price: "200000",
    ineligible: [],
    trades: [{ paid: "1000", received: "1000", fee: "15", carbon: "0" }],
    residuals: [{ member: "dep1", kind: "bought", wh: 2, price: "300000", amount: "600", carbon: "40" }],
    accounts: [
      { account: "carbon", change: "40" },
      { account: "dep1", change: "-1655" },
      { account: "dep2", change: "1000" },
      { account: "fees", change: "15" },
      { account: "supplier", change: "600" },
    ],
  });
});

views("is plain JSON", () => assert.equal(JSON.parse(JSON.stringify(first)), first));

views.run();
