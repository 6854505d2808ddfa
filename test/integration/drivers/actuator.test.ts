/** Writes over a real terminal device: an inverter's limit and a relay, with and without echo, late and lost. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type UnixMs, unixMs } from "../../../agent/core/units.ts";
import { relayCoil } from "../../../drivers/definitions/relayCoil.ts";
import { sunspecLimit } from "../../../drivers/definitions/sunspecLimit.ts";
import { type Line, openLine } from "../../../drivers/meter.ts";
import { Bus, type BusTuning, DEFAULT_BUS_TUNING } from "../../../drivers/modbus/bus.ts";
import type { Traffic } from "../../../drivers/modbus/linePort.ts";
import type { LineRequest } from "../../../drivers/modbus/lineRequest.ts";
import { constantCurve } from "../../../drivers/simulator/curve.ts";
import { type SimulatedLine, startSimulatedLine } from "../../../drivers/simulator/simulatedLine.ts";
import type { WritableSpace } from "../../../drivers/simulator/writableSpace.ts";
import { memoryHolds } from "../../support/actuatorHolds.ts";
import { failsWith } from "../../support/failure.ts";
import { INVERTER_REGISTERS, inverterSpace } from "../../support/inverterSpace.ts";
import { QUICK_SDM120, QUICK_TUNING, SETTINGS, systemNowMs } from "../../support/simulatedLine.ts";

type Context = { device: SimulatedLine; space: WritableSpace; clock: { nowMs: UnixMs } };

const UNIT = 5;
const { LIMIT, REVERT, ENABLE } = INVERTER_REGISTERS;
const LIMIT_MS = QUICK_SDM120.timing.answerTimeoutMs;
const ON: LineRequest = { kind: "coil", address: 0, isOn: true };
const OFF: LineRequest = { kind: "coil", address: 0, isOn: false };
const TWO_WORDS: LineRequest = { kind: "registers", address: LIMIT, words: [10, 258] };

const test = suite<Context>("drivers/actuator on a line");

test.before.each(async (context) => {
  context.clock = { nowMs: unixMs(1_700_000_000_000) };
  context.space = inverterSpace();
  context.device = await startSimulatedLine({
    settings: SETTINGS,
    nowMs: () => context.clock.nowMs,
    startedAtMs: context.clock.nowMs,
    startMinute: 0,
    timeLapse: 1,
    thinkTimeMs: 0,
    hasWireTime: false,
    meters: [
      {
        definition: QUICK_SDM120,
        unitId: UNIT,
        serial: 1,
        curve: constantCurve(0),
        initial: { importWh: 0n, exportWh: 0n },
        writable: context.space,
      },
    ],
  });
});

test.after.each(({ device }) => device.stop());

for (const hasEcho of [false, true]) {
  const where = hasEcho ? "on an echoing line" : "on a line without echo";

  test(`${where} an inverter is limited, read back, and what was there before is put back`, async (context) => {
    await withLine(context, hasEcho, async (line) => {
      const actuator = line.actuator({ definition: sunspecLimit, unitId: UNIT, holds: memoryHolds() });
      const limited = await actuator.limit({ limitPermille: 405, holdS: 60 });
      assert.equal(limited, { limitPermille: 405, liftAtMs: null });
      assert.equal(written(context), [
        [REVERT, 60],
        [LIMIT, 405],
        [ENABLE, 1],
      ]);
      assert.equal(await actuator.restore(), { limitPermille: 1000, liftAtMs: null });
      assert.equal(written(context).slice(3), [
        [LIMIT, 1000],
        [REVERT, 0],
        [ENABLE, 0],
      ]);
    });
  });

  test(`${where} the inverter lifts the limit by itself when nobody repeats it`, async (context) => {
    await withLine(context, hasEcho, async (line) => {
      const actuator = line.actuator({ definition: sunspecLimit, unitId: UNIT, holds: memoryHolds() });
      await actuator.limit({ limitPermille: 0, holdS: 60 });
      context.clock.nowMs = unixMs(context.clock.nowMs + 59_999);
      assert.is((await actuator.read()).limitPermille, 0);
      context.clock.nowMs = unixMs(context.clock.nowMs + 1);
      assert.is((await actuator.read()).limitPermille, 1000);
    });
  });

  test(`${where} a relay stops the generator, and the driver's dead-man lets it run again`, async (context) => {
    await withLine(context, hasEcho, async (line) => {
      const actuator = line.actuator({ definition: relayCoil, unitId: UNIT, holds: memoryHolds() });
      const liftAtMs = unixMs(context.clock.nowMs + 60_000);
      assert.equal(await actuator.limit({ limitPermille: 500, holdS: 60 }), { limitPermille: 0, liftAtMs });
      await actuator.liftWhenDue(unixMs(liftAtMs - 1));
      assert.is((await actuator.read()).limitPermille, 0);
      await actuator.liftWhenDue(liftAtMs);
      assert.equal(await actuator.read(), { limitPermille: 1000, liftAtMs: null });
    });
  });

  test(`${where} a write that is lost is read back and sent again, and is never taken for done`, async (context) => {
    await withBus(context, hasEcho, async (bus) => {
      await ask(bus, { table: "coil", address: 0, count: 1 });
      context.device.setFault(UNIT, { kind: "unheard" }, 1);
      const [answer] = await ask(bus, ON);
      assert.is(hex(answer?.frame.response), hex(answer?.frame.request));
      assert.equal(context.space.writes, [ON]);
      assert.is(bus.counters(UNIT).timeout, 1);
    });
  });

  test(`${where} a write whose answer is lost is not sent twice`, async (context) => {
    await withBus(context, hasEcho, async (bus) => {
      for (const write of [ON, TWO_WORDS]) {
        await ask(bus, { table: "coil", address: 0, count: 1 });
        context.device.setFault(UNIT, { kind: "silent" }, 1);
        await ask(bus, write);
      }
      assert.equal(context.space.writes, [ON, TWO_WORDS]);
    });
  });

  for (const extraMs of [5, 60, 200])
    test(`${where} an acknowledgement ${extraMs} ms too late is never taken for a later write's`, async (context) => {
      await withBus(context, hasEcho, async (bus) => {
        await ask(bus, { table: "coil", address: 0, count: 1 });
        context.device.setFault(UNIT, { kind: "late", byMs: LIMIT_MS + extraMs }, 1);
        await ask(bus, ON).catch(() => null);
        await ask(bus, OFF);
        context.device.setFault(UNIT, { kind: "unheard" }, 1);
        await ask(bus, ON);
        const [shown] = await ask(bus, { table: "coil", address: 0, count: 1 });
        assert.equal(shown?.words, [1]);
        assert.equal(context.space.writes.at(-1), ON);
      });
    });
}

test("on an echoing line a device that stays silent has acknowledged nothing, not even as the first thing asked", async (context) => {
  await withBus(context, true, async (bus) => {
    context.device.setFault(UNIT, { kind: "unheard" });
    await failsWith(() => ask(bus, ON), "DRIVER_TIMEOUT");
    assert.equal(context.space.writes, []);
    assert.ok(bus.counters(UNIT).echo > 0);
  });
});

test("a write is preceded by a read of its place while an acknowledgement of the same write may still come", async (context) => {
  const sent: (number | undefined)[] = [];
  const options = { tuning: { attempts: 1 }, onTraffic: noteCodes(sent) };
  await withBus(
    context,
    false,
    async (bus) => {
      await ask(bus, { table: "coil", address: 0, count: 1 });
      context.device.setFault(UNIT, { kind: "silent" }, 2);
      await failsWith(() => ask(bus, ON), "DRIVER_TIMEOUT");
      sent.length = 0;
      // The coil that was read for nothing is open, too: the probe has another length and is refused.
      await ask(bus, ON).catch(() => null);
      assert.is(sent[0], 1);
      assert.ok(sent.indexOf(5) > 0, sent.join(" "));
    },
    options,
  );
});

test("the frames on the wire are the specification's", async (context) => {
  await withBus(context, false, async (bus) => {
    const [on] = await ask(bus, ON);
    assert.is(hex(on?.frame.request).slice(0, 12), "05050000ff00");
    const [one] = await ask(bus, { kind: "registers", address: LIMIT, words: [3] });
    assert.is(hex(one?.frame.request).slice(0, 12), "05069c8b0003");
    const [two] = await ask(bus, TWO_WORDS);
    assert.is(hex(two?.frame.request).slice(0, 22), "05109c8b000204000a0102");
    assert.is(hex(two?.frame.response).slice(0, 12), "05109c8b0002");
  });
});

test("a refused write is told, counted and not repeated", async (context) => {
  await withBus(context, false, async (bus) => {
    const error = await failsWith(() => ask(bus, { ...ON, address: 9 }), "DRIVER_EXCEPTION");
    assert.is(error.detail.functionCode, 5);
    assert.equal(context.space.writes, []);
  });
});

test("an actuator at no unit is refused", async (context) => {
  await withLine(context, false, async (line) => {
    for (const unitId of [0, 248, 1.5])
      await failsWith(
        () => line.actuator({ definition: relayCoil, unitId, holds: memoryHolds() }),
        "DRIVER_OPTION",
      );
  });
});

test.run();

async function withLine(
  context: Context,
  hasEcho: boolean,
  act: (line: Line) => Promise<void>,
): Promise<void> {
  context.device.setEcho(hasEcho);
  const nowMs = () => context.clock.nowMs;
  const { path } = context.device;
  const line = await openLine({ ...SETTINGS, path, nowMs, onEvent: () => {}, tuning: QUICK_TUNING });
  await act(line).finally(() => line.close());
}

async function withBus(
  context: Context,
  hasEcho: boolean,
  act: (bus: Bus) => Promise<void>,
  {
    onTraffic = () => {},
    ...own
  }: { tuning?: Partial<BusTuning>; onTraffic?: (traffic: Traffic) => void } = {},
): Promise<void> {
  context.device.setEcho(hasEcho);
  const tuning = { ...DEFAULT_BUS_TUNING, ...QUICK_TUNING, ...own.tuning };
  const { path } = context.device;
  const bus = new Bus({ path, settings: SETTINGS, tuning, nowMs: systemNowMs, onEvent: () => {}, onTraffic });
  await bus.open(false);
  await act(bus).finally(() => bus.close());
}

function noteCodes(sent: (number | undefined)[]): (traffic: Traffic) => void {
  return ({ direction, bytes }) => {
    if (direction === "sent") sent.push(bytes[1]);
  };
}

function ask(bus: Bus, request: LineRequest): ReturnType<Bus["ask"]> {
  return bus.ask({ unitId: UNIT, definition: QUICK_SDM120, requests: [request] });
}

function written({ space }: Context): readonly unknown[] {
  return space.writes.map((write) => (write.kind === "coil" ? write : [write.address, ...write.words]));
}

function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString("hex");
}
