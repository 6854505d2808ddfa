/** Policies and accounts of the committed state, as the local API tells them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { intervalIndex, microCoins } from "../../../../../agent/core/units.ts";
import { accountsView, policiesView } from "../../../../../agent/services/views/moneyView.ts";
import { ChainBuilder, FIRST_INTERVAL, memberNamed, testContext } from "../../../../support/chainBuilder.ts";
import { signPolicy, testPolicy } from "../../../../support/testPolicy.ts";

const { id } = memberNamed(testContext(2), "dep1");
const policy = testPolicy(FIRST_INTERVAL, {
  to: intervalIndex(FIRST_INTERVAL + 2),
  creditLimit: microCoins(500n),
  creditLimits: [[id, microCoins(7n)]],
  connectionRatings: [[id, 4_000]],
});
const context = testContext(2, { mode: "grid-tied", policies: [signPolicy(policy)] });
const chain = new ChainBuilder(context);
chain.settle([{ dep1: [9, 0], dep2: [0, 7] }]);

const views = suite("money view");

views("shows members by name with what they hold and whether they may buy, then the named accounts", () => {
  const view = accountsView(context, chain.state);
  assert.equal(
    view.accounts.map(({ name, balance, mayBuy }) => [name, balance, mayBuy]),
    [
      ["dep1", "1560", true],
      ["dep2", "-1421", false],
      ["supplier", "-160", null],
      ["imbalance", "0", null],
      ["fees", "21", null],
      ["rounding", "0", null],
      ["carbon", "0", null],
    ],
  );
  assert.is(view.issued, "0");
  assert.is(view.accounts[0]?.account, id);
});

views("shows every policy with its members by name, and which is in force next", () => {
  const view = policiesView(context, chain.state);
  assert.is(view.inForce, 1);
  const [shown] = view.policies;
  assert.equal(shown?.creditLimits, [{ member: "dep1", limit: "7" }]);
  assert.equal(shown?.connectionRatings, [{ member: "dep1", ratingW: 4_000 }]);
  assert.equal(shown?.prices[0]?.supplierSells, "300000");
  chain.settle([{}]);
  assert.is(policiesView(context, chain.state).inForce, null);
});

views("is plain JSON", () => {
  for (const view of [accountsView(context, chain.state), policiesView(context, chain.state)])
    assert.equal(JSON.parse(JSON.stringify(view)), view);
});

views.run();
