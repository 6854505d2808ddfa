/** One interval: who is missing and why, what is set apart, and what the state remembers of it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { judgeForSettlement } from "../../../../../../agent/core/ledger/settlement/judgeForSettlement.ts";
import {
  judgeInterval,
  settleInterval,
} from "../../../../../../agent/core/ledger/settlement/settleInterval.ts";
import { genesisState, ledgerContext } from "../../../../../../agent/core/ledger/state/context.ts";
import type { LedgerState } from "../../../../../../agent/core/ledger/state/state.ts";
import { NO_MONEY } from "../../../../../../agent/core/market/accounts.ts";
import type { Measured, SignedReading } from "../../../../../../agent/core/metering/reading.ts";
import { height, intervalIndex, wh } from "../../../../../../agent/core/units.ts";
import {
  ChainBuilder,
  FIRST_INTERVAL,
  measured,
  memberNamed,
  testContext,
  testEnrolment,
  testGenesis,
  testReading,
  verify,
} from "../../../../../support/chainBuilder.ts";
import { consumptionOrder, generationOrder } from "../../../../../support/marketCases.ts";
import { signPolicy, testPolicy } from "../../../../../support/testPolicy.ts";

const context = testContext(3);
const genesis = genesisState(context);
const idOf = (name: string) => memberNamed(context, name).id;

function settled(did: Parameters<ChainBuilder["readings"]>[1], state: LedgerState = genesis) {
  const readings = new ChainBuilder(context).readings(state.nextInterval, did);
  return settleInterval(context, state, readings, state.money);
}

const settling = suite("interval, settled");

settling("trades what one has too much and another too little", () => {
  const { settled: interval, state } = settled({ dep1: [500, 100], dep2: [0, 300], dep3: [0, 0] });
  assert.is(interval.interval, FIRST_INTERVAL);
  assert.equal(interval.outcome.trades, [{ from: idOf("dep1"), to: idOf("dep2"), wh: wh(300n) }]);
  assert.equal(interval.outcome.signal, {
    excess: wh(400n),
    deficit: wh(300n),
    unmet: wh(0n),
    unsold: wh(100n),
  });
  assert.equal(state.members.get(idOf("dep1"))?.totals, {
    generated: wh(500n),
    consumed: wh(100n),
    sold: wh(300n),
    bought: wh(0n),
    corrected: { generated: wh(0n), consumed: wh(0n) },
    quarantined: { generated: wh(0n), consumed: wh(0n) },
  });
  assert.equal(state.members.get(idOf("dep2"))?.totals, {
    generated: wh(0n),
    consumed: wh(300n),
    sold: wh(0n),
    bought: wh(300n),
    corrected: { generated: wh(0n), consumed: wh(0n) },
    quarantined: { generated: wh(0n), consumed: wh(0n) },
  });
  assert.is(state.nextInterval, FIRST_INTERVAL + 1);
});

settling("lists a member without a reading as silent, and the others go on", () => {
  const { settled: interval, state } = settled({ dep1: [500, 100], dep2: [0, 300] });
  assert.equal(interval.outcome.missing, [{ member: idOf("dep3"), reason: "silent" }]);
  assert.is(interval.outcome.trades.length, 1);
  assert.equal(state.members.get(idOf("dep3"))?.coverage, {
    edge: null,
    gaps: [{ from: FIRST_INTERVAL, to: FIRST_INTERVAL, before: null, after: null, swaps: [] }],
    swaps: [],
  });
});

settling("lists a member that states a missing interval with its reason, and keeps its registers", () => {
  const chain = new ChainBuilder(context);
  chain.settle([{ dep1: [500, 100] }]);
  const { edge: before } = chain.state.members.get(idOf("dep1"))!.coverage;
  chain.settle([{ dep1: "meter-timeout" }]);
  const [interval] = chain.blocks[1]?.block.body.intervals ?? [];
  assert.ok(
    interval?.outcome.missing.some(
      ({ member, reason }) => member === idOf("dep1") && reason === "meter-timeout",
    ),
  );
  const at = intervalIndex(FIRST_INTERVAL + 1);
  assert.equal(chain.state.members.get(idOf("dep1"))?.coverage, {
    edge: null,
    gaps: [{ from: at, to: at, before, after: null, swaps: [] }],
    swaps: [],
  });
});

settling("settles without any reading at all", () => {
  const { settled: interval, state } = settled({});
  assert.is(interval.outcome.missing.length, 3);
  assert.equal(interval.outcome.trades, []);
  assert.is(interval.outcome.stop, "balanced");
  assert.is(state.nextInterval, FIRST_INTERVAL + 1);
});

/** 11 kW for a quarter of an hour are 2 750 Wh. */
settling("sets apart what exceeds the connection's rating, in either direction, and trades up to it", () => {
  const cases = [
    [[2_750, 0], false],
    [[2_751, 0], true],
    [[0, 2_750], false],
    [[0, 2_751], true],
    [[2_751, 2_751], true],
  ] as const;
  for (const [did, isSetApart] of cases) {
    const { settled: interval, state } = settled({ dep1: did, dep2: [0, 100], dep3: [100, 0] });
    const missing = interval.outcome.missing.filter((entry) => entry.member === idOf("dep1"));
    assert.equal(missing, isSetApart ? [{ member: idOf("dep1"), reason: "quarantined" }] : [], String(did));
    assert.is(interval.readings.length, 3, "the reading stays visible in the block");
    const { coverage, totals } = state.members.get(idOf("dep1"))!;
    assert.is.not(coverage.edge, null, "and the next one goes on from its registers");
    assert.equal(coverage.gaps, []);
    const counted = isSetApart ? totals.quarantined : totals;
    assert.equal([counted.generated, counted.consumed], did.map(BigInt));
    if (isSetApart) assert.equal([totals.generated, totals.consumed], [0n, 0n]);
  }
});

settling("allows a meter in time-lapse as much more energy as its time runs faster", () => {
  const fast = testContext(3, { timeLapse: 2 });
  for (const [generated, reason] of [
    [5_500, undefined],
    [5_501, "quarantined"],
  ] as const) {
    const readings = [testReading(fast, "dep1", measured([generated, 0]))];
    const { settled: interval } = settleInterval(fast, genesisState(fast), readings, NO_MONEY);
    const found = interval.outcome.missing.find((entry) => entry.member === memberNamed(fast, "dep1").id);
    assert.is(found?.reason, reason);
  }
});

settling("carries what a grid meter was read too late into the next reading", () => {
  const street = ledgerContext(testGenesis([testEnrolment("dep1", ["grid", "generation"])]), verify);
  const stated = (exported: bigint, generated: bigint, changes: Partial<Measured>): Measured =>
    measured([0, 0], {
      meters: [
        { meter: 0, start: [wh(0n), wh(0n)], end: [wh(0n), wh(exported)], resolutionMilliWh: 1 },
        { meter: 1, start: [wh(0n)], end: [wh(generated)], resolutionMilliWh: 1 },
      ],
      ...changes,
    });
  const first = testReading(street, "dep1", stated(103n, 100n, { generated: wh(100n), position: wh(100n) }));
  assert.is(judgeForSettlement(street, genesisState(street), first).kind, "accept");
  const { state } = settleInterval(street, genesisState(street), [first], NO_MONEY);
  assert.equal(state.members.get(first.reading.member)?.coverage.edge, {
    registers: [[wh(0n), wh(103n)], [wh(100n)]],
    carry: wh(-3n),
  });
});

settling("sets apart a grid meter that jumped, though the energies made of it are small", () => {
  const street = ledgerContext(testGenesis([testEnrolment("dep1", ["grid", "generation"])]), verify);
  for (const [advance, reason] of [
    [2_750n, undefined],
    [2_751n, "quarantined"],
  ] as const) {
    const jumped = measured([0, 0], {
      meters: [
        { meter: 0, start: [wh(0n), wh(0n)], end: [wh(advance), wh(advance)], resolutionMilliWh: 1 },
        { meter: 1, start: [wh(0n)], end: [wh(0n)], resolutionMilliWh: 1 },
      ],
    });
    const signed = testReading(street, "dep1", jumped);
    assert.is(judgeForSettlement(street, genesisState(street), signed).kind, "accept");
    const { settled: interval } = settleInterval(street, genesisState(street), [signed], NO_MONEY);
    assert.is(interval.outcome.missing[0]?.reason, reason);
  }
});

settling("keeps curtailment orders until their interval, and adds what this one ordered", () => {
  const chain = new ChainBuilder(context);
  chain.settle([{ dep1: [0, 60], dep2: [20, 0] }]);
  const [order] = chain.state.orders;
  assert.equal(
    chain.state.orders.map(({ member, interval }) => [member, interval]),
    [[idOf("dep1"), intervalIndex(FIRST_INTERVAL + 2)]],
  );
  assert.equal(order, {
    ...consumptionOrder(idOf("dep1"), FIRST_INTERVAL + 2, 20n, 60n),
    acknowledged: false,
    givenAt: height(1),
  });
  chain.settle([{ dep1: [0, 0], dep2: [0, 0] }]);
  assert.is(chain.state.orders.length, 1, "it binds the interval after");
  chain.settle([{ dep1: [0, 20], dep2: [500, 0] }]);
  assert.ok(chain.state.orders.every(({ interval }) => interval > FIRST_INTERVAL + 2));
});

settling(
  "judges the orders of an interval by its readings: 20 Wh, and 1 Wh that meters of 63 mWh each may hide",
  () => {
    for (const [drawn, result] of [
      [21, "complied"],
      [22, "exceeded"],
    ] as const) {
      const chain = new ChainBuilder(context);
      chain.settle([{ dep1: [0, 60], dep2: [20, 0] }]);
      chain.settle([{ dep1: [0, 20], dep2: [20, 0] }]);
      chain.settle([{ dep1: [0, drawn], dep2: [20, 0] }]);
      const entry = { member: idOf("dep1"), kind: "consumption", max: 20n, acknowledged: false };
      assert.equal(chain.blocks[2]?.block.body.intervals[0]?.compliance, [
        { ...entry, measured: BigInt(drawn), result },
      ]);
      assert.equal(chain.blocks[1]?.block.body.intervals[0]?.compliance, [], "it binds one interval only");
    }
  },
);

settling("does not blame for an order that its own block gives", () => {
  const chain = new ChainBuilder(context);
  const wants = { dep1: [0, 60], dep2: [20, 0] } as const;
  chain.settle([wants, wants, wants]);
  const [, , third] = chain.blocks[0]?.block.body.intervals ?? [];
  assert.equal(
    third?.compliance.map(({ measured, result }) => [measured, result]),
    [[60n, "unknown"]],
  );
});

settling("lets orders of whoever has left lapse", () => {
  const chain = new ChainBuilder(context);
  chain.settle([{ dep1: [0, 60], dep2: [20, 0] }]);
  const stranger = consumptionOrder(idOf("dep1").replace(/.$/, "x") as never, FIRST_INTERVAL + 1, 1n, 2n);
  const standing = { ...stranger, acknowledged: false, givenAt: height(1) };
  const state = { ...chain.state, orders: [standing, ...chain.state.orders] };
  const next = settleInterval(context, state, [], state.money);
  assert.equal(next.settled.compliance, []);
  assert.equal(
    next.state.orders.map(({ member }) => member),
    [idOf("dep1")],
  );
});

settling("orders nothing when the supplier covers the rest", () => {
  const tied = testContext(2, { mode: "grid-tied" });
  const chain = new ChainBuilder(tied);
  chain.settle([{ dep1: [0, 60], dep2: [20, 0] }]);
  assert.equal(chain.state.orders, []);
  const [interval] = chain.blocks[0]?.block.body.intervals ?? [];
  assert.equal(interval?.outcome.residuals, [
    { member: memberNamed(tied, "dep1").id, kind: "bought", wh: wh(40n) },
  ]);
});

settling("orders less generation where the policy in force limits what the street may feed in", () => {
  const policies = [signPolicy(testPolicy(FIRST_INTERVAL, { feedInLimit: wh(50n) }))];
  const tied = testContext(2, { mode: "grid-tied", policies });
  const chain = new ChainBuilder(tied);
  chain.settle([{ dep1: [300, 0], dep2: [0, 60] }]);
  const dep1 = memberNamed(tied, "dep1").id;
  assert.equal(chain.state.orders, [
    { ...generationOrder(dep1, FIRST_INTERVAL + 2, 110n, 300n), acknowledged: false, givenAt: height(1) },
  ]);
  chain.settle([{ dep1: [300, 0], dep2: [0, 60] }]);
  chain.settle([{ dep1: [115, 0], dep2: [0, 60] }]);
  assert.equal(
    chain.blocks[2]?.block.body.intervals[0]?.compliance.map(({ kind, measured, result }) => [
      kind,
      measured,
      result,
    ]),
    [["generation", 115n, "exceeded"]],
    "110 Wh, 2 % of it are 2 Wh, and the meters' step is 1 Wh",
  );
});

const judging = suite("interval, judged");

const readings = new ChainBuilder(context).readings(FIRST_INTERVAL, {
  dep1: [1, 0],
  dep2: [2, 0],
  dep3: [0, 3],
});
const codeOf = (listed: readonly SignedReading[], state = genesis, at = FIRST_INTERVAL) => {
  const judged = judgeInterval(context, state, at, listed);
  return judged.kind === "accept" ? "accept" : `${judged.kind} ${judged.code}`;
};

judging("accepts any readings of the interval in member order, none included", () => {
  assert.is(codeOf(readings), "accept");
  assert.is(codeOf(readings.slice(1)), "accept");
  assert.is(codeOf([]), "accept");
});

judging("rejects readings in another order, or one member's twice", () => {
  const [first, second, third] = readings as [SignedReading, SignedReading, SignedReading];
  assert.is(codeOf([second, first, third]), "reject READING_ORDER");
  assert.is(codeOf([first, first]), "reject READING_ORDER");
  assert.is(codeOf([...readings].reverse()), "reject READING_ORDER");
});

judging("rejects a reading of another interval", () => {
  assert.is(codeOf(readings, genesis, intervalIndex(FIRST_INTERVAL + 1)), "reject READING_OTHER_INTERVAL");
});

judging("refuses what no gateway could have stated, and what was settled before", () => {
  const [first] = readings as [SignedReading];
  const signature = new Uint8Array(64).fill(1);
  assert.is(codeOf([{ ...first, signature }]), "reject BAD_SIGNATURE");
  const { state } = settleInterval(context, genesis, readings, NO_MONEY);
  assert.is(codeOf(readings, state), "ignore READING_SETTLED");
  const span = testReading(context, "dep1", {
    kind: "spanning",
    from: FIRST_INTERVAL,
    meters: measured([0, 0]).meters,
  });
  assert.is(codeOf([span]), "reject READING_OTHER_INTERVAL", "an interval takes no spans");
});

settling.run();
judging.run();
