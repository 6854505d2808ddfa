import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type AccountId, balanceOf } from "../../../agent/core/market/accounts.ts";
import { curtailedWh } from "../../../agent/core/market/curtail.ts";
import { stepAt } from "../../../agent/core/market/policy.ts";
import { parseAddress } from "../../../agent/core/membership/address.ts";
import { height, intervalIndex } from "../../../agent/core/units.ts";
import { caseChain } from "../../case-study/caseChain.ts";
import { type CaseStudy, caseStudy, sumOf, verifiedStudy } from "../../case-study/caseStudy.ts";
import { DEPS } from "../../case-study/demand.ts";
import { obeyed } from "../../case-study/household.ts";
import { labelsOf, paperName } from "../../case-study/labels.ts";
import { DEFAULT_HOURS, DEFAULT_SEED, HOURS } from "../../case-study/options.ts";
import { casePolicy } from "../../case-study/policy.ts";
import { caseStreet, memberNamed, NAMES } from "../../case-study/street.ts";
import { limitOf } from "../../support/curtailmentProperties.ts";
import { consumptionOrder, testMember } from "../../support/marketCases.ts";

/** The run of the repository's files, and two that nobody chose. */
const STUDIES = [DEFAULT_SEED, "a", "b"].map((seed) => caseStudy(seed, DEFAULT_HOURS));
const [study] = STUDIES as [CaseStudy, ...CaseStudy[]];

const golden = suite("the golden case on a chain");

for (const { seed, context, hours } of STUDIES) {
  const seven = hours[6]!;
  const dep2 = memberNamed(context, "dep2").id;

  golden(`seed ${seed}: at t = 7 DEP 2 generates 20 and needs 60, and nobody has excess`, () => {
    assert.is(seven.t, 7);
    assert.is(seven.deps.dep2.generated, 20_000n);
    assert.is(seven.deps.dep2.consumed, 60_000n);
    const signal = { excess: 0n, deficit: 40_000n, unmet: 40_000n, unsold: 0n };
    assert.equal(seven.outcome.signal, signal);
    assert.is(seven.outcome.stop, "no-excess");
    assert.equal(seven.outcome.trades, []);
  });

  golden(`seed ${seed}: 40 are ordered to be curtailed at t = 9, so that 20 are served`, () => {
    const { orders } = seven.outcome;
    assert.equal(orders, [consumptionOrder(dep2, 9, 0n, 40_000n)]);
    assert.is(curtailedWh(orders[0]!), 40_000n);
    assert.is(seven.deps.dep2.consumed - curtailedWh(orders[0]!), 20_000n);
    const standing = { ...orders[0]!, acknowledged: false, givenAt: height(7) };
    assert.equal(hours[8]!.deps.dep2.order, standing);
  });
}
golden.run();

const run = suite("the case study");

run("has three DEPs and a DSO that is in office for every block", () => {
  assert.equal(study.context.roster.members.map(({ name }) => name).sort(), [...NAMES].sort());
  assert.equal(new Set(study.hours.map(({ dso }) => dso)), new Set(["dso"]));
  assert.is(study.state.office?.term, 1);
});

run("has the same outcome when the office goes round", () => {
  const round = caseStudy(study.seed, DEFAULT_HOURS, 1);
  assert.ok(new Set(round.hours.map(({ dso }) => dso)).size > 1);
  assert.not.equal(round.context.roster.chainId, study.context.roster.chainId);
  assert.equal(
    round.hours.map(({ outcome }) => outcome),
    study.hours.map(({ outcome }) => outcome),
  );
});

run("sells what is bought, and leaves excess and deficit on one side only", () => {
  for (const { hours, state } of STUDIES) {
    for (const { outcome, deps } of hours) {
      const traded = sumOf(outcome.trades);
      assert.is(
        DEPS.reduce((total, dep) => total + deps[dep].sold, 0n),
        traded,
      );
      assert.is(
        DEPS.reduce((total, dep) => total + deps[dep].bought, 0n),
        traded,
      );
      const after = DEPS.map((dep) => deps[dep].after);
      assert.not(after.some((one) => one > 0n) && after.some((one) => one < 0n));
    }
    const totals = [...state.members.values()].map((member) => member.totals);
    const total = (of: (one: (typeof totals)[number]) => bigint) =>
      totals.reduce((sum, one) => sum + of(one), 0n);
    assert.is(
      total(({ sold }) => sold),
      total(({ bought }) => bought),
    );
  }
});

run("obeys every order, and has some that bind", () => {
  const under = STUDIES.flatMap(({ hours }) => hours).flatMap(({ deps }) =>
    DEPS.map((dep) => deps[dep]).filter(({ order }) => order !== null),
  );
  assert.ok(under.some(({ need, consumed }) => consumed < need));
  for (const { before, order } of under) assert.ok(before >= -limitOf(order!));
});

run("is refused with one byte of a block changed", () => {
  const street = caseStreet(study.seed);
  const entries = caseChain(street, study.seed, 9);
  const whole = verifiedStudy(study.seed, street.context, entries);
  assert.is(whole.hours.length, 9);
  const altered = entries.map((entry) => ({ ...entry, block: Uint8Array.from(entry.block) }));
  const { block } = altered[6]!;
  block[block.length - 200] = block[block.length - 200]! ^ 1;
  assert.throws(() => verifiedStudy(study.seed, street.context, altered), /block 7 is refused/);
});

run("labels a gateway with its full address, or with what was given", () => {
  const given = labelsOf(study, new Map([["dep1", "0x01"]]));
  assert.is(given.of("dep1"), "0x01");
  const parsed = parseAddress(given.of("dep2"));
  assert.ok(parsed.kind === "accept" && parsed.value.member === memberNamed(study.context, "dep2").id);
  assert.is(paperName("dep2"), "DEP 2");
  assert.is(paperName("dso"), "DSO");
});
run.run();

const money = suite("coins of the case study");

/** 1 581 Wh at 0.104500 coins per kWh are 165 214.5 micro-coins; a fee of 0.001250 makes 1 976.25. Worked by hand. */
money("are rounded up for who pays and down for who is paid, at t = 3 of the committed run", () => {
  const { outcome, settlement } = study.hours[2]!;
  const at = outcome.trades.findIndex(({ wh }) => wh === 1_581n);
  const { price, paid, received, fee } = settlement.trades[at]!;
  assert.equal(
    { price, paid, received, fee },
    { price: 104_500n, paid: 165_215n, received: 165_214n, fee: 1_977n },
  );
});

money("are as many as were issued, in all accounts together", () => {
  for (const { state, issued } of STUDIES) {
    const held = [...state.money.accounts.values()].reduce((total, amount) => total + amount, 0n);
    assert.is(held, 300_000_000n);
    assert.is(state.money.issued, 300_000_000n);
    assert.is(
      [...issued.values()].reduce((total, amount) => total + amount, 0n),
      300_000_000n,
    );
  }
});

money(
  "of an account are what was issued and received less what was paid, and the odd ones are in rounding",
  () => {
    for (const { context, hours, issued, state } of STUDIES) {
      const own = new Map<string, bigint>(issued);
      const add = (account: string, amount: bigint) => own.set(account, (own.get(account) ?? 0n) + amount);
      for (const { outcome, settlement } of hours) {
        for (const [index, { from, to }] of outcome.trades.entries()) {
          const { paid, received, fee } = settlement.trades[index]!;
          add(from, received);
          add(to, -paid - fee);
          add("fees", fee);
          add("rounding", paid - received);
        }
      }
      for (const [account, amount] of own)
        assert.is(balanceOf(state.money, account as AccountId), amount, account);
      assert.ok(balanceOf(state.money, "rounding") > 0n);
      assert.is(balanceOf(state.money, memberNamed(context, "dso").id), 0n);
    }
  },
);

money("follow the price of the hour, and nobody is left out for want of them", () => {
  for (const { hours } of STUDIES) {
    for (const { t, settlement } of hours) {
      const price = t < 7 ? 104_500n : t < 18 ? 151_300n : t < 22 ? 203_900n : 118_700n;
      assert.is(settlement.price, price, `t = ${t}`);
      assert.equal(settlement.ineligible, []);
    }
  }
});

money("have a price in the longest run that can be asked for", () => {
  const policy = casePolicy("case-study", intervalIndex(1));
  assert.is(stepAt(policy, intervalIndex(HOURS.max)).trade, 118_700n);
  assert.ok(policy.to > HOURS.max);
});
money.run();

const household = suite("an obedient household");
const order = (maxDeficit: bigint) => consumptionOrder(testMember(1), 9, maxDeficit, 40_000n);

for (const [maxDeficit, consumed] of [
  [undefined, 60_000n],
  [0n, 20_000n],
  [15_000n, 35_000n],
  [40_000n, 60_000n],
  [50_000n, 60_000n],
] as const) {
  household(
    `that generates 20 and needs 60 consumes ${consumed} Wh when it may draw ${maxDeficit ?? "anything"}`,
    () => {
      const bound = maxDeficit === undefined ? undefined : order(maxDeficit);
      assert.equal(obeyed({ generationKwh: 20, needKwh: 60 }, bound), { generated: 20_000n, consumed });
    },
  );
}
household.run();
