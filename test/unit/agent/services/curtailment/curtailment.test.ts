/** What one gateway does about its orders: says that it will act, acts before, during and after, or says why not. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { genesisState } from "../../../../../agent/core/ledger/state/context.ts";
import type { LedgerState } from "../../../../../agent/core/ledger/state/state.ts";
import type {
  SignedTransaction,
  TransactionContent,
} from "../../../../../agent/core/ledger/state/transaction.ts";
import type { CurtailmentOrder } from "../../../../../agent/core/market/curtail.ts";
import { height, intervalIndex, wh } from "../../../../../agent/core/units.ts";
import { ServiceError } from "../../../../../agent/services/base/serviceError.ts";
import {
  CurtailmentService,
  looksPerInterval,
} from "../../../../../agent/services/curtailment/curtailment.ts";
import type { LastSample } from "../../../../../agent/services/metering/meterReader.ts";
import { memberNamed, testContext } from "../../../../support/chainBuilder.ts";
import { counterMeter } from "../../../../support/counterMeter.ts";
import { eventLog } from "../../../../support/eventLog.ts";
import { type FakeActuator, fakeActuator } from "../../../../support/fakeActuator.ts";
import { FakeClock } from "../../../../support/fakeClock.ts";
import { consumptionOrder, generationOrder } from "../../../../support/marketCases.ts";

const context = testContext(2);
const SELF = memberNamed(context, "dep1").id;
const OTHER = memberNamed(context, "dep2").id;
/** Four looks an interval. */
const INTERVAL_MS = 60_000;
const RATED_W = 6_000;

const test = suite("curtailment service");

test("acknowledges an order of its own once, when an actuator of its kind answers", async () => {
  const w = world();
  await w.commit(consumptionOrder(SELF, w.now + 2, 10n, 50n), consumptionOrder(OTHER, w.now + 2, 1n, 9n));
  await w.commit(consumptionOrder(SELF, w.now + 2, 10n, 50n));
  await w.clock.advance(INTERVAL_MS / 2);
  assert.equal(w.submitted, [
    { kind: "acknowledge", interval: intervalIndex(w.now + 2), order: "consumption", max: wh(10n) },
  ]);
  await w.service.stop();
});

test("does not acknowledge without an actuator of the kind, and says why in the status and once in the log", async () => {
  const w = world();
  const order = generationOrder(SELF, w.now + 2, 10n, 50n);
  await w.commit(order);
  await w.clock.advance(INTERVAL_MS);
  assert.equal(w.submitted, []);
  assert.equal(w.service.orders(), [
    { interval: w.now + 2, kind: "generation", maxWh: 10, acknowledged: false, reason: "no actuator" },
  ]);
  assert.equal(
    w.log.events.filter(({ event }) => event === "curtailment.cannot-act").map(({ fields }) => fields.reason),
    ["no actuator"],
  );
  await w.service.stop();
});

test("does not acknowledge while the actuator is silent, and does once it answers", async () => {
  const w = world();
  w.actuator.isSilent = true;
  await w.commit(consumptionOrder(SELF, w.now + 2, 10n, 50n));
  assert.equal([w.submitted, w.service.orders()[0]?.reason], [[], "DRIVER_TIMEOUT"]);
  assert.is(w.service.devices()[0]?.reason, "DRIVER_TIMEOUT");
  w.actuator.isSilent = false;
  await w.clock.advance(INTERVAL_MS / 4);
  assert.equal([w.submitted.length, w.service.orders()[0]?.reason], [1, null]);
  await w.service.stop();
});

test("tries again when as many transactions wait as may, and not when the very same one waits", async () => {
  const w = world();
  w.refusal = "TRANSACTIONS_WAITING";
  await w.commit(consumptionOrder(SELF, w.now + 2, 10n, 50n));
  assert.is(w.service.orders()[0]?.reason, "TRANSACTIONS_WAITING");
  w.refusal = null;
  await w.clock.advance(INTERVAL_MS / 4);
  assert.is(w.submitted.length, 1);
  await w.service.stop();
  const again = world({ waiting: w.submitted });
  await again.commit(consumptionOrder(SELF, w.now + 2, 10n, 50n));
  assert.equal(again.submitted, []);
  await again.service.stop();
});

test("leaves alone what is over, and everything while others are further on", async () => {
  const w = world();
  await w.commit(consumptionOrder(SELF, w.now - 1, 10n, 50n));
  w.isBehind = true;
  await w.commit(consumptionOrder(SELF, w.now + 2, 10n, 50n));
  assert.equal(w.submitted, []);
  await w.service.stop();
});

test("limits from the last look before the interval until its end, then puts back what was there", async () => {
  const w = world();
  await w.commit(consumptionOrder(SELF, w.now + 1, 10n, 50n));
  await w.clock.advance(INTERVAL_MS);
  await w.boundary();
  await w.clock.advance(INTERVAL_MS + 1);
  const beganMs = (w.now + 1) * INTERVAL_MS;
  // 10 Wh in a minute are 600 W, 100 ‰; nothing was drawn, so what is left grows for the time that is left.
  assert.equal(
    w.actuator.told.map(({ atMs, what, permille }) => [atMs - beganMs, what, permille]),
    [
      [-INTERVAL_MS / 4, "limit", 100],
      [INTERVAL_MS / 4, "limit", 133],
      [INTERVAL_MS / 2, "limit", 200],
      [(INTERVAL_MS * 3) / 4, "limit", 400],
      [INTERVAL_MS, "restore", undefined],
    ],
  );
  assert.is(w.actuator.longestHoldS, 77, "until the end of the interval and 2 s beyond");
  await w.service.stop();
});

test("takes off what was drawn already, and counts on half of what is generated", async () => {
  const w = world();
  await w.commit(consumptionOrder(SELF, w.now + 1, 10n, 50n));
  await w.clock.advance(INTERVAL_MS);
  await w.boundary();
  w.consumption.add(9);
  w.generation.add(3);
  w.generation.show(-240);
  await w.clock.advance(INTERVAL_MS / 4);
  // 10 − 6 Wh in 45 s are 320 W, and 120 W of 240 W generated: 440 of 6000 W.
  assert.is(w.actuator.limitPermille, 73);
  await w.service.stop();
});

test("spreads an order evenly while the meters do not say what was drawn", async () => {
  const w = world();
  await w.commit(consumptionOrder(SELF, w.now, 10n, 50n));
  w.consumption.fail("DRIVER_TIMEOUT");
  await w.clock.advance(INTERVAL_MS / 4);
  assert.is(w.actuator.limitPermille, 100);
  await w.service.stop();
});

test("limits generation by what may be given and half of what is consumed", async () => {
  const w = world({ limits: "generation" });
  await w.commit(generationOrder(SELF, w.now + 1, 10n, 50n));
  w.consumption.show(300);
  await w.clock.advance(INTERVAL_MS);
  assert.equal(w.actuator.told[0]?.permille, 125);
  assert.is(w.submitted.length, 1);
  await w.service.stop();
});

test("keeps the lower limit of two orders where one ends and the next begins, and does not let go in between", async () => {
  const w = world();
  await w.commit(consumptionOrder(SELF, w.now + 1, 10n, 50n), consumptionOrder(SELF, w.now + 2, 5n, 50n));
  await w.clock.advance(INTERVAL_MS);
  await w.boundary();
  await w.clock.advance(INTERVAL_MS + 1);
  assert.not.ok(w.actuator.told.some(({ what }) => what === "restore"));
  assert.is(w.actuator.limitPermille, 50);
  await w.service.stop();
});

test("puts back at a stop what it has limited, and after a restart what an earlier life did", async () => {
  const w = world();
  await w.commit(consumptionOrder(SELF, w.now, 10n, 50n));
  await w.clock.advance(INTERVAL_MS / 4);
  assert.ok(w.service.devices()[0]?.isLimited);
  await w.service.stop();
  assert.equal([w.actuator.limitPermille, w.clock.pendingCount()], [1000, 0]);
  const after = world({ held: true });
  await after.clock.advance(INTERVAL_MS / 4);
  assert.equal(
    after.actuator.told.map(({ what }) => what),
    ["restore"],
  );
  await after.service.stop();
});

test("an actuator that fails is logged once, and ends nothing", async () => {
  const w = world();
  await w.commit(consumptionOrder(SELF, w.now, 10n, 50n));
  w.actuator.isSilent = true;
  await w.clock.advance(INTERVAL_MS / 2);
  w.actuator.isSilent = false;
  await w.clock.advance(INTERVAL_MS / 4);
  assert.is(w.actuator.told.length, 1);
  assert.is(w.log.events.filter(({ event }) => event === "curtailment.actuator-failed").length, 1);
  await w.service.stop();
});

test("looks at least four times an interval, every 30 s, at most thirty times", () => {
  assert.equal([2_000, 120_000, 300_000, 900_000, 86_400_000].map(looksPerInterval), [4, 4, 10, 30, 30]);
});

test.run();

type WorldOptions = {
  readonly limits?: "consumption" | "generation";
  readonly waiting?: readonly TransactionContent[];
  readonly held?: boolean;
};

/** One gateway with two meters and an actuator, at the beginning of an interval; the test is its ledger. */
function world({ limits = "consumption", waiting = [], held = false }: WorldOptions = {}) {
  const clock = new FakeClock();
  const now = clock.nowMs() / INTERVAL_MS;
  const [generation, consumption] = [counterMeter(clock, "generation"), counterMeter(clock, "consumption")];
  const before = { before: [1000], endsAtMs: clock.nowMs(), liftsItself: false };
  const actuator: FakeActuator = fakeActuator(clock, held ? before : null);
  const log = eventLog();
  const ledger = { state: genesisState(context) as LedgerState, listeners: new Set<() => void>() };
  let lastSamples: readonly LastSample[] = [];
  const w = {
    clock,
    now,
    generation,
    consumption,
    actuator,
    log,
    submitted: [] as TransactionContent[],
    refusal: null as "TRANSACTIONS_WAITING" | null,
    isBehind: false,
    /** A block that leaves these orders standing. */
    commit: async (...orders: readonly CurtailmentOrder[]) => {
      const standing = orders.map((order) => ({ ...order, acknowledged: false, givenAt: height(1) }));
      ledger.state = { ...ledger.state, nextInterval: intervalIndex(now), orders: standing };
      for (const listener of ledger.listeners) listener();
      await clock.advance(0);
      await clock.advance(0);
    },
    /** The metering reads both meters. */
    boundary: async () => {
      const samples = await Promise.all([generation.sample(), consumption.sample()]);
      lastSamples = samples.map((sample) => ({ kind: "measured", sample }));
    },
    service: null as unknown as CurtailmentService,
  };
  w.service = new CurtailmentService({
    self: SELF,
    context: { genesis: { ...context.genesis, intervalMs: INTERVAL_MS, timeLapse: 1 } },
    actuators: [{ definition: "fake", unitId: 3, limits, ratedW: RATED_W, actuator }],
    meters: [
      { role: "generation", definition: "counter", unitId: 1, meter: generation },
      { role: "consumption", definition: "counter", unitId: 2, meter: consumption },
    ],
    lastSamples: () => lastSamples,
    clock,
    ledger: {
      get state() {
        return ledger.state;
      },
      onCommit: (listener) => {
        const call = () => listener(undefined as never);
        ledger.listeners.add(call);
        return () => ledger.listeners.delete(call);
      },
    },
    isBehind: () => w.isBehind,
    own: {
      submit: async (content) => {
        if (w.refusal !== null) throw new ServiceError(w.refusal, { waiting: 4 });
        w.submitted.push(content);
        return undefined as unknown as SignedTransaction;
      },
      waiting: () => waiting.map((content) => ({ transaction: { content } }) as SignedTransaction),
    },
    logger: log,
  });
  w.service.start();
  return w;
}
