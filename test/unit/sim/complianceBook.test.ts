/** Orders of both kinds are given, acknowledged and judged in simulated streets, and the onlookers' book sees a wrong word. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SettledInterval } from "../../../agent/core/ledger/settlement/settledInterval.ts";
import { wh } from "../../../agent/core/units.ts";
import { specOf } from "../../sim/chunk.ts";
import { ComplianceBook } from "../../sim/complianceBook.ts";
import { playSeed } from "../../sim/runSeed.ts";
import { ChainBuilder, memberNamed, signTransaction, testContext } from "../../support/chainBuilder.ts";

const test = suite("book of curtailment orders");

const SEEDS = 25;

test("is not empty: orders of both kinds are judged, and some were acknowledged", () => {
  const sum = { judged: 0, ofGeneration: 0, acknowledged: 0 };
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const { world, result } = playSeed(specOf({ mode: "censor", members: 4, byzantine: null }, seed));
    assert.equal(result.faults, []);
    const { judged, ofGeneration, acknowledged } = world.onlookers.chain.orders;
    sum.judged += judged;
    sum.ofGeneration += ofGeneration;
    sum.acknowledged += acknowledged;
  }
  assert.ok(
    sum.judged > sum.ofGeneration && sum.ofGeneration > 0 && sum.acknowledged > 0,
    JSON.stringify(sum),
  );
});

test("sees an entry that the registers do not give, one too few and one too many", () => {
  const chain = new ChainBuilder(testContext(2));
  for (const consumed of [60, 20, 20]) chain.settle([{ dep1: [0, consumed], dep2: [20, 0] }]);
  const [first, second, third] = chain.blocks.map(({ block }) => block.body.intervals[0]!);
  const [entry] = third!.compliance;
  const faultsOf = (compliance: SettledInterval["compliance"]) => {
    const book = new ComplianceBook();
    book.settle(first!, 1);
    book.settle(second!, 2);
    return book.settle({ ...third!, compliance }, 3).length;
  };
  assert.is(faultsOf([entry!]), 0);
  assert.is(faultsOf([]), 1);
  assert.is(faultsOf([entry!, entry!]), 1);
  assert.is(faultsOf([{ ...entry!, result: "exceeded" }]), 1);
  assert.is(faultsOf([{ ...entry!, acknowledged: true }]), 1);
});

test("sees an acknowledgement that has an effect for another than the member that was ordered", () => {
  const context = testContext(2);
  const chain = new ChainBuilder(context);
  chain.settle([{ dep1: [0, 60], dep2: [20, 0] }]);
  const { interval } = chain.state.orders[0]!;
  const signed = ["dep1", "dep2"].map((name) =>
    signTransaction(context, {
      signer: memberNamed(context, name).id,
      sequence: 1,
      content: { kind: "acknowledge", interval, order: "consumption", max: wh(20n) },
    }),
  );
  const faultsOf = (refusals: readonly (string | null)[]) => {
    const book = new ComplianceBook();
    book.settle(chain.blocks[0]!.block.body.intervals[0]!, 1);
    return book.acknowledge(signed.map((one, at) => ({ signed: one, refusal: refusals[at]! }))).length;
  };
  assert.is(faultsOf([null, "ACKNOWLEDGE_NO_ORDER"]), 0);
  assert.is(faultsOf([null, null]), 1);
  assert.is(faultsOf(["ACKNOWLEDGE_NO_ORDER", "ACKNOWLEDGE_NO_ORDER"]), 1);
});

test.run();
