/**
 * Curtailment from the order to the meters: acknowledged on the ledger by who can act, judged by everybody; and on a
 * real terminal device, where the load that the meter measures follows what the service has written.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { systemClock } from "../../../agent/adapters/clock/systemClock.ts";
import { genesisState } from "../../../agent/core/ledger/state/context.ts";
import type { LedgerState } from "../../../agent/core/ledger/state/state.ts";
import { height, intervalIndex, unixMs } from "../../../agent/core/units.ts";
import type { OrderView } from "../../../agent/ports/agentView.ts";
import { CurtailmentService } from "../../../agent/services/curtailment/curtailment.ts";
import { configuredActuators } from "../../../drivers/configuredActuators.ts";
import { openLine } from "../../../drivers/meter.ts";
import { meterDefinition } from "../../../drivers/registry.ts";
import { startPlannedLine } from "../../../drivers/simulator/plannedLine.ts";
import { memoryHolds } from "../../support/actuatorHolds.ts";
import { memberNamed, testContext } from "../../support/chainBuilder.ts";
import { eventLog } from "../../support/eventLog.ts";
import { type FakeActuator, fakeActuator } from "../../support/fakeActuator.ts";
import { consumptionOrder } from "../../support/marketCases.ts";
import { MemoryStreet } from "../../support/memoryStreet.ts";
import { until } from "../../support/until.ts";

const test = suite("curtailment, end to end");

const SHORT = { dep1: [40, 0], dep2: [0, 60], dep3: [0, 60], dep4: [0, 0] } as const;

test("an order is acknowledged by who can act on it, acted on, and judged by its readings", async () => {
  const actuators = new Map<string, FakeActuator>();
  const street = new MemoryStreet({
    gateways: 4,
    actuators: (name, clock) => {
      if (name !== "dep2") return [];
      const actuator = fakeActuator(clock);
      actuators.set(name, actuator);
      return [{ definition: "fake", unitId: 3, limits: "consumption", ratedW: 11_000, actuator }];
    },
  });
  await street.start();
  // The first whole interval is ordered after, and binds two later.
  await street.pass(3, SHORT);
  assert.ok((actuators.get("dep2")?.limitPermille ?? 1000) < 1000, "limited before the interval begins");
  await street.pass(1, { ...SHORT, dep2: [0, 20] });
  await street.pass(1, { ...SHORT, dep2: [0, 20] });
  await street.pass(1, SHORT);
  assert.equal(await firstJudged(street), [
    ["dep2", { kind: "consumption", maxWh: 20, measuredWh: 20, acknowledged: true, result: "complied" }],
    ["dep3", { kind: "consumption", maxWh: 20, measuredWh: 60, acknowledged: false, result: "exceeded" }],
  ]);
  const { curtailment } = await street.gateway("dep3").agent.status();
  assert.equal(new Set(curtailment.orders.map(({ reason }) => reason)), new Set(["no actuator"]));
  await street.stop();
  assert.is(actuators.get("dep2")?.limitPermille, 1000, "put back at the stop");
});

test("on a terminal device the load follows the limit, and goes back", async () => {
  const INTERVAL_MS = 4_000;
  const { nowMs } = systemClock({ trust: "assume" });
  const startedAtMs = unixMs(Math.ceil(nowMs() / INTERVAL_MS + 1) * INTERVAL_MS);
  const device = await startPlannedLine(
    {
      baudRate: 38_400,
      timeLapse: 225,
      startedAtMs,
      startMinute: 540,
      meters: [
        {
          role: "consumption",
          definition: "eastron-sdm630",
          unitId: 2,
          serial: "1",
          curve: { kind: "household", seed: 3 },
          registerSeed: 1,
          limiter: { ratedW: 10_000, isObeyed: true },
        },
      ],
    },
    nowMs,
  );
  const settings = { baudRate: 38_400, parity: "none", dataBits: 8, stopBits: 1 } as const;
  const line = await openLine({ ...settings, path: device.path, nowMs, onEvent: () => {} });
  const holds = memoryHolds();
  const context = testContext(1);
  const self = memberNamed(context, "dep1").id;
  const interval = intervalIndex(startedAtMs / INTERVAL_MS);
  const order = { ...consumptionOrder(self, interval, 0n, 50n), acknowledged: true, givenAt: height(1) };
  const state: LedgerState = { ...genesisState(context), nextInterval: interval, orders: [order] };
  const actuators = configuredActuators(
    line,
    {
      port: "line",
      actuators: [
        {
          definition: "sunspec-model-123",
          unitId: 2,
          coil: 0,
          limits: "consumption" as const,
          ratedW: 10_000,
        },
      ],
    },
    () => holds,
  );
  const log = eventLog();
  const service = new CurtailmentService({
    self,
    context: { genesis: { ...context.genesis, intervalMs: INTERVAL_MS, timeLapse: 225 } },
    actuators,
    meters: [
      {
        role: "consumption",
        definition: "eastron-sdm630",
        unitId: 2,
        meter: line.meter({ definition: meterDefinition("eastron-sdm630"), unitId: 2 }),
      },
    ],
    lastSamples: () => [],
    clock: systemClock({ trust: "assume" }),
    ledger: { state, onCommit: () => () => {} },
    isBehind: () => false,
    own: { submit: () => Promise.reject(new Error("acknowledged already")), waiting: () => [] },
    logger: log,
  });
  try {
    service.start();
    await until(
      "nothing is drawn",
      () => service.devices()[0]?.isLimited === true && device.stateOf(2).powerW === 0,
    );
    await until(
      "it is drawn again",
      () => service.devices()[0]?.isLimited === false && device.stateOf(2).powerW > 0,
    );
    assert.is(holds.kept.at(-1), null);
    assert.equal(
      log.events.filter(({ level }) => level === "error"),
      [],
    );
  } finally {
    await service.stop();
    await line.close();
    await device.stop();
  }
});

test.run();

/** What became of the orders of the first interval that had any. */
async function firstJudged(street: MemoryStreet): Promise<readonly (readonly [string, OrderView | null])[]> {
  const { agent } = street.gateway("dep1");
  const { ledger } = await agent.status();
  for (let at = 1; at <= ledger.height; at += 1) {
    const [view] = (await agent.intervals(height(at))) ?? [];
    const judged = view?.members.filter(({ order }) => order !== null) ?? [];
    if (judged.length > 0) return judged.map(({ name, order }) => [name, order] as const);
  }
  return [];
}
