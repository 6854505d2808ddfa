/** Writes over Modbus TCP and through a serial server: limit and relay, and acknowledgements that are lost or late. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type UnixMs, unixMs } from "../../../agent/core/units.ts";
import { relayCoil } from "../../../drivers/definitions/relayCoil.ts";
import { sunspecLimit } from "../../../drivers/definitions/sunspecLimit.ts";
import { type Line, openLine } from "../../../drivers/meter.ts";
import { Bus, DEFAULT_BUS_TUNING } from "../../../drivers/modbus/bus.ts";
import type { LineRequest } from "../../../drivers/modbus/lineRequest.ts";
import { constantCurve } from "../../../drivers/simulator/curve.ts";
import { startSimulatedLine } from "../../../drivers/simulator/simulatedLine.ts";
import type { WritableSpace } from "../../../drivers/simulator/writableSpace.ts";
import { memoryHolds } from "../../support/actuatorHolds.ts";
import { failsWith } from "../../support/failure.ts";
import { INVERTER_REGISTERS, inverterSpace } from "../../support/inverterSpace.ts";
import { startLineOverTcp } from "../../support/lineOverTcp.ts";
import { startModbusTcpDevice } from "../../support/modbusTcpDevice.ts";
import { QUICK_SDM120, QUICK_TUNING, SETTINGS } from "../../support/simulatedLine.ts";

/** A device behind a network, and what a test does to it. */
type Far = {
  readonly path: string;
  readonly space: WritableSpace;
  readonly clock: { nowMs: UnixMs };
  /** The next requests, so many of them, are not heard. */
  unheard(count: number): void;
  /** They are done, and their answers are lost. */
  unanswered(count: number): void;
  /** The next one is done, and its answer comes so much after its time limit. */
  late(byMs: number): void;
  stop(): Promise<void>;
};

const UNIT = 5;
const LIMIT_MS = QUICK_SDM120.timing.answerTimeoutMs;
const { LIMIT, REVERT, ENABLE } = INVERTER_REGISTERS;
const ON: LineRequest = { kind: "coil", address: 0, isOn: true };
const OFF: LineRequest = { kind: "coil", address: 0, isOn: false };
const TWO_WORDS: LineRequest = { kind: "registers", address: LIMIT, words: [10, 258] };

async function modbusTcp(): Promise<Far> {
  const clock = { nowMs: unixMs(1_700_000_000_000) };
  const space = inverterSpace();
  const device = await startModbusTcpDevice(space, () => clock.nowMs);
  return {
    path: device.path,
    space,
    clock,
    unheard: (count) => {
      device.unheard = count;
    },
    unanswered: (count) => {
      device.unanswered = count;
    },
    late: (byMs) => {
      device.late = { count: 1, byMs: LIMIT_MS + byMs };
    },
    stop: () => device.stop(),
  };
}

async function rtuOverTcp(): Promise<Far> {
  const clock = { nowMs: unixMs(1_700_000_000_000) };
  const space = inverterSpace();
  const meter = {
    definition: QUICK_SDM120,
    unitId: UNIT,
    serial: 1,
    curve: constantCurve(0),
    initial: { importWh: 0n, exportWh: 0n },
    writable: space,
  };
  const device = await startSimulatedLine({
    settings: SETTINGS,
    nowMs: () => clock.nowMs,
    startedAtMs: clock.nowMs,
    startMinute: 0,
    timeLapse: 1,
    thinkTimeMs: 0,
    hasWireTime: false,
    meters: [meter],
  });
  const server = await startLineOverTcp(device.path);
  return {
    path: server.path,
    space,
    clock,
    unheard: (count) => device.setFault(UNIT, { kind: "unheard" }, count),
    unanswered: (count) => device.setFault(UNIT, { kind: "silent" }, count),
    late: (byMs) => device.setFault(UNIT, { kind: "late", byMs: LIMIT_MS + byMs }, 1),
    stop: async () => {
      await server.stop();
      await device.stop();
    },
  };
}

for (const [where, start] of [
  ["over Modbus TCP", modbusTcp],
  ["through a serial server", rtuOverTcp],
] as const) {
  const test = suite<{ far: Far }>(`drivers/actuator ${where}`);
  test.before.each(async (context) => {
    context.far = await start();
  });
  test.after.each(({ far }) => far.stop());

  test(`${where} an inverter is limited, read back, and what was there before is put back`, async ({
    far,
  }) => {
    await withLine(far, async (line) => {
      const actuator = line.actuator({ definition: sunspecLimit, unitId: UNIT, holds: memoryHolds() });
      assert.equal(await actuator.limit({ limitPermille: 405, holdS: 60 }), {
        limitPermille: 405,
        liftAtMs: null,
      });
      assert.equal(written(far), [
        [REVERT, 60],
        [LIMIT, 405],
        [ENABLE, 1],
      ]);
      assert.equal(await actuator.restore(), { limitPermille: 1000, liftAtMs: null });
      assert.equal(written(far).slice(3), [
        [LIMIT, 1000],
        [REVERT, 0],
        [ENABLE, 0],
      ]);
    });
  });

  test(`${where} a relay stops the generator, and the driver's dead-man lets it run again`, async ({
    far,
  }) => {
    await withLine(far, async (line) => {
      const actuator = line.actuator({ definition: relayCoil, unitId: UNIT, holds: memoryHolds() });
      const liftAtMs = unixMs(far.clock.nowMs + 60_000);
      assert.equal(await actuator.limit({ limitPermille: 500, holdS: 60 }), { limitPermille: 0, liftAtMs });
      await actuator.liftWhenDue(liftAtMs);
      assert.equal(await actuator.read(), { limitPermille: 1000, liftAtMs: null });
      assert.equal(far.space.writes, [ON, OFF]);
    });
  });

  test(`${where} a write that is lost is read back and sent again`, async ({ far }) => {
    await withBus(far, async (bus) => {
      await ask(bus, { table: "coil", address: 0, count: 1 });
      far.unheard(1);
      await ask(bus, ON);
      assert.equal(far.space.writes, [ON]);
      assert.is(bus.counters(UNIT).timeout, 1);
    });
  });

  test(`${where} a write whose answer is lost is not sent twice`, async ({ far }) => {
    await withBus(far, async (bus) => {
      for (const write of [ON, TWO_WORDS]) {
        far.unanswered(1);
        await ask(bus, write);
      }
      assert.equal(far.space.writes, [ON, TWO_WORDS]);
    });
  });

  for (const extraMs of [5, 60, 200])
    test(`${where} an acknowledgement ${extraMs} ms too late is never taken for a later write's`, async ({
      far,
    }) => {
      await withBus(far, async (bus) => {
        await ask(bus, { table: "coil", address: 0, count: 1 });
        far.late(extraMs);
        await ask(bus, ON).catch(() => null);
        await ask(bus, OFF);
        far.unheard(1);
        await ask(bus, ON);
        const [shown] = await ask(bus, { table: "coil", address: 0, count: 1 });
        assert.equal(shown?.words, [1]);
        assert.equal(far.space.writes.at(-1), ON);
      });
    });

  test(`${where} a device that hears nothing has acknowledged nothing`, async ({ far }) => {
    await withBus(far, async (bus) => {
      far.unheard(100);
      await failsWith(() => ask(bus, ON), "DRIVER_TIMEOUT");
      assert.equal(far.space.writes, []);
    });
  });

  test(`${where} a refused write is told, counted and not repeated`, async ({ far }) => {
    await withBus(far, async (bus) => {
      // What is asked first on a line that may echo is read before it is written.
      await ask(bus, { table: "coil", address: 0, count: 1 });
      const error = await failsWith(() => ask(bus, { ...ON, address: 9 }), "DRIVER_EXCEPTION");
      assert.is(error.detail.functionCode, 5);
      assert.is(bus.counters(UNIT).exception, 1);
      assert.equal(far.space.writes, []);
    });
  });

  test.run();
}

async function withLine({ path, clock }: Far, act: (line: Line) => Promise<void>): Promise<void> {
  const nowMs = () => clock.nowMs;
  const line = await openLine({ ...SETTINGS, path, nowMs, onEvent: () => {}, tuning: QUICK_TUNING });
  await act(line).finally(() => line.close());
}

async function withBus({ path, clock }: Far, act: (bus: Bus) => Promise<void>): Promise<void> {
  const tuning = { ...DEFAULT_BUS_TUNING, ...QUICK_TUNING };
  const nowMs = () => clock.nowMs;
  const bus = new Bus({ path, settings: SETTINGS, tuning, nowMs, onEvent: () => {}, onTraffic: () => {} });
  await bus.open(false);
  await act(bus).finally(() => bus.close());
}

function ask(bus: Bus, request: LineRequest): ReturnType<Bus["ask"]> {
  return bus.ask({ unitId: UNIT, definition: QUICK_SDM120, requests: [request] });
}

function written({ space }: Far): readonly unknown[] {
  return space.writes.map((write) => (write.kind === "coil" ? write : [write.address, ...write.words]));
}
