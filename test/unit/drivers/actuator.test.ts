import { suite } from "uvu";
import * as assert from "uvu/assert";
import { JournalError } from "../../../agent/adapters/journal/journalError.ts";
import { unixMs } from "../../../agent/core/units.ts";
import type { ActuatorHold } from "../../../agent/ports/actuator.ts";
import { createActuator } from "../../../drivers/actuator.ts";
import { type ActuatorDefinition, defineActuator } from "../../../drivers/actuatorDefinition.ts";
import { relayCoil } from "../../../drivers/definitions/relayCoil.ts";
import { sunspecLimit } from "../../../drivers/definitions/sunspecLimit.ts";
import { memoryHolds } from "../../support/actuatorHolds.ts";
import { failsWith } from "../../support/failure.ts";
import { INVERTER_BODY, oneDevice, putModels } from "../../support/sunspecDevice.ts";
import { type WritableDevice, writableDevice } from "../../support/writableDevice.ts";

/** Address of model 123 behind model 103; offsets of its points. */
const CONTROLS = 40_122;
const LIMIT = CONTROLS + 5;
const REVERT = CONTROLS + 7;
const ENABLE = CONTROLS + 9;
/** 100.0 % with scale factor -1, window and ramp times not implemented, no revert time set, disabled. */
const IDLE = { 4: [1, 1000, 0xffff, 0, 0xffff, 0], 23: [0xffff, 0xfffe, 0x8000] };

const test = suite("drivers/actuator");

test("a limit is written with its end first and its enabling last, and read back", async () => {
  const { device, actuator } = inverter();
  assert.equal(await actuator.limit({ limitPermille: 405, holdS: 60 }), {
    limitPermille: 405,
    liftAtMs: null,
  });
  assert.equal(device.written, [
    [REVERT, 60],
    [LIMIT, 405],
    [ENABLE, 1],
  ]);
});

test("restoring puts back what was there before the first of several limits", async () => {
  const { device, actuator } = inverter({ ...IDLE, 5: [800], 7: [30], 9: [1] });
  await actuator.limit({ limitPermille: 500, holdS: 60 });
  await actuator.limit({ limitPermille: 200, holdS: 60 });
  assert.equal(actuator.hold()?.before, [800, 30, 1]);
  device.written.length = 0;
  assert.equal(await actuator.restore(), { limitPermille: 800, liftAtMs: null });
  assert.equal(device.written, [
    [LIMIT, 800],
    [REVERT, 30],
    [ENABLE, 1],
  ]);
  assert.is(actuator.hold(), null);
});

test("a limit that was set for good is put back by the driver: the device would lift that one, too", async () => {
  const { device, actuator } = inverter({ ...IDLE, 5: [700], 7: [0], 9: [1] });
  assert.equal(await actuator.limit({ limitPermille: 200, holdS: 60 }), {
    limitPermille: 200,
    liftAtMs: 60_000,
  });
  assert.equal(device.written[0], [REVERT, 0]);
  await actuator.limit({ limitPermille: 300, holdS: 60 });
  assert.equal(device.written.filter(([address]) => address === REVERT).at(-1), [REVERT, 0]);
  await actuator.liftWhenDue(unixMs(60_000));
  assert.equal(await actuator.read(), { limitPermille: 700, liftAtMs: null });
});

test("after a restart what was held before is put back", async () => {
  const { device, actuator } = inverter(
    { ...IDLE, 5: [200], 9: [1] },
    { before: [1000, 0, 0], endsAtMs: unixMs(60_000), liftsItself: true },
  );
  assert.equal(await actuator.restore(), { limitPermille: 1000, liftAtMs: null });
  assert.equal(device.written.at(-1), [ENABLE, 0]);
});

test("what is held is kept before anything is written, and forgotten when it was put back", async () => {
  const { device, actuator, holds } = relay(false);
  const writesWhenKept: number[] = [];
  const keep = holds.keep;
  holds.keep = (hold) => {
    writesWhenKept.push(device.written.length);
    return keep(hold);
  };
  await actuator.limit({ limitPermille: 0, holdS: 60 });
  await actuator.restore();
  assert.equal(writesWhenKept, [0, 2]);
  assert.equal(holds.kept, [{ before: [0], endsAtMs: 60_000, liftsItself: false }, null]);
});

test("a limit whose hold cannot be kept is not written", async () => {
  const { device, actuator, holds } = inverter();
  holds.keep = () => Promise.reject(new JournalError("JOURNAL_WRITE", {}));
  await failsWith(() => actuator.limit({ limitPermille: 405, holdS: 60 }), "JOURNAL_WRITE");
  assert.equal(device.written, []);
});

test("without a hold restoring writes nothing", async () => {
  const { device, actuator } = inverter();
  await actuator.restore();
  assert.equal(device.written, []);
});

const SCALES: readonly (readonly [scale: number, permille: number, raw: number, shown: number])[] = [
  [0xffff, 405, 405, 405],
  [0x0000, 405, 40, 400],
  [0xfffe, 405, 4050, 405],
  [0x0001, 405, 4, 400],
  [0x0000, 9, 0, 0],
];
for (const [scale, limitPermille, raw, shown] of SCALES)
  test(`with scale factor 0x${scale.toString(16)} ${limitPermille} ‰ is ${raw}, never more than asked for`, async () => {
    const { device, actuator } = inverter({ ...IDLE, 5: [1], 23: [scale, 0, 0] });
    assert.is((await actuator.limit({ limitPermille, holdS: 60 })).limitPermille, shown);
    assert.equal(device.written[1], [LIMIT, raw]);
  });

test("a limit whose scale factor is not implemented is not written at all", async () => {
  for (const scale of [0x8000, 0x000b]) {
    const { device, actuator } = inverter({ ...IDLE, 23: [scale, 0, 0] });
    await failsWith(() => actuator.limit({ limitPermille: 500, holdS: 60 }), "DRIVER_BAD_VALUE");
    assert.equal(device.written, []);
  }
});

test("a device that shows another limit than it was told has not taken it", async () => {
  const { device, actuator } = inverter();
  device.deaf = true;
  const error = await failsWith(() => actuator.limit({ limitPermille: 405, holdS: 60 }), "DRIVER_NOT_TAKEN");
  assert.equal([error.detail.address, error.detail.wanted, error.detail.found], [REVERT, 60, 0]);
  assert.ok(actuator.hold(), "what may be half written has to be put back");
});

test("a device that shows a limit a moment later has taken it", async () => {
  const { device, actuator } = inverter();
  device.slowReads = 1;
  assert.is((await actuator.limit({ limitPermille: 405, holdS: 60 })).limitPermille, 405);
});

test("without a revert time of the device the driver has to lift the limit, and does when told the time", async () => {
  const { device, actuator, clock } = inverter({ ...IDLE, 7: [0xffff] });
  clock.nowMs = 5_000;
  const state = await actuator.limit({ limitPermille: 300, holdS: 60 });
  assert.is(state.liftAtMs, 65_000);
  assert.not.ok(device.written.some(([address]) => address === REVERT));
  await actuator.liftWhenDue(unixMs(64_999));
  assert.is((await actuator.read()).limitPermille, 300);
  await actuator.liftWhenDue(unixMs(65_000));
  assert.equal(await actuator.read(), { limitPermille: 1000, liftAtMs: null });
});

test("a limit that the device lifts by itself is not lifted by the driver", async () => {
  const { device, actuator } = inverter();
  await actuator.limit({ limitPermille: 300, holdS: 60 });
  device.written.length = 0;
  await actuator.liftWhenDue(unixMs(59_999));
  assert.ok(actuator.hold());
  await actuator.liftWhenDue(unixMs(60_000));
  assert.equal([device.written, actuator.hold()], [[], null]);
});

test("what somebody sets after the device has lifted a limit is what the next one goes back to", async () => {
  const { actuator, space } = inverter();
  await actuator.limit({ limitPermille: 300, holdS: 60 });
  await actuator.liftWhenDue(unixMs(60_000));
  space.put(LIMIT, [700]);
  await actuator.limit({ limitPermille: 300, holdS: 60 });
  assert.equal((await actuator.restore()).limitPermille, 700);
});

test("a chain that has shifted is not written into: it is walked again first", async () => {
  const { device, actuator, space } = inverter();
  await actuator.limit({ limitPermille: 300, holdS: 60 });
  device.written.length = 0;
  const end = putModels(space, 40_070, [
    [103, 50, INVERTER_BODY],
    [714, 93],
    [123, 24, IDLE],
  ]);
  space.put(end, [0xffff, 0]);
  await failsWith(() => actuator.limit({ limitPermille: 200, holdS: 60 }), "DRIVER_WRONG_MODEL");
  assert.equal(device.written, []);
  await actuator.limit({ limitPermille: 200, holdS: 60 });
  assert.equal(device.written[1], [LIMIT + 95, 200]);
});

test("an inverter without the model says what it has instead", async () => {
  const space = oneDevice(40_000, [[103, 50, INVERTER_BODY]]);
  const actuator = createActuator({
    definition: sunspecLimit,
    access: writableDevice(space),
    nowMs,
    holds: memoryHolds(),
  });
  const error = await failsWith(() => actuator.read(), "DRIVER_NO_MODEL");
  assert.is(error.detail.found, "103");
});

for (const command of [
  { limitPermille: -1, holdS: 60 },
  { limitPermille: 1001, holdS: 60 },
  { limitPermille: 0.5, holdS: 60 },
  { limitPermille: 500, holdS: 0 },
  { limitPermille: 500, holdS: 65_535 },
  { limitPermille: 500, holdS: 1.5 },
])
  test(`refused: ${JSON.stringify(command)}`, async () => {
    const { device, actuator } = inverter();
    await failsWith(() => actuator.limit(command), "DRIVER_OPTION");
    assert.equal([device.written, actuator.hold()], [[], null]);
  });

test("commands given at once are performed one after another, and one that fails does not hold up the next", async () => {
  const { device, actuator } = inverter();
  const failed = failsWith(() => actuator.limit({ limitPermille: 2000, holdS: 60 }), "DRIVER_OPTION");
  const states = await Promise.all([
    actuator.limit({ limitPermille: 700, holdS: 60 }),
    actuator.limit({ limitPermille: 300, holdS: 60 }),
    actuator.restore(),
  ]);
  await failed;
  assert.equal(
    states.map(({ limitPermille }) => limitPermille),
    [700, 300, 1000],
  );
  assert.equal(device.written.at(-1), [ENABLE, 0]);
});

test("a relay stops the generator for anything less than all of its power", async () => {
  const { device, actuator } = relay(false);
  assert.is(actuator.stepPermille, 1000);
  assert.equal(await actuator.limit({ limitPermille: 999, holdS: 30 }), {
    limitPermille: 0,
    liftAtMs: 30_000,
  });
  assert.is(device.coils.get(0), true, "the relay opens the normally closed contact");
  assert.is((await actuator.limit({ limitPermille: 1000, holdS: 30 })).limitPermille, 1000);
});

test("a relay is put back as it was, by command or when its time is over", async () => {
  const { device, actuator } = relay(false);
  await actuator.limit({ limitPermille: 0, holdS: 30 });
  await actuator.liftWhenDue(unixMs(29_999));
  assert.is(device.coils.get(0), true);
  await actuator.liftWhenDue(unixMs(30_000));
  assert.is(device.coils.get(0), false);
});

test("no command loosens what somebody else has limited", async () => {
  const { device, actuator } = inverter({ ...IDLE, 5: [400], 9: [1] });
  assert.is((await actuator.limit({ limitPermille: 700, holdS: 60 })).limitPermille, 400);
  assert.is((await actuator.limit({ limitPermille: 100, holdS: 60 })).limitPermille, 100);
  assert.is((await actuator.limit({ limitPermille: 700, holdS: 60 })).limitPermille, 400);
  assert.ok(device.written.every(([address, value]) => address !== LIMIT || Number(value) <= 400));
  const stopped = relay(true);
  assert.is((await stopped.actuator.limit({ limitPermille: 1000, holdS: 30 })).limitPermille, 0);
  assert.is((await stopped.actuator.restore()).limitPermille, 0);
});

test("a relay that runs the generator while it is on is told the other way round", async () => {
  const definition = defineActuator({ ...relayCoil, coil: 3, runsWhen: "on" });
  const { device, actuator } = actuatorOn(definition, writableDevice(oneDevice(0, [])));
  device.coils.set(3, true);
  assert.is((await actuator.read()).limitPermille, 1000);
  await actuator.limit({ limitPermille: 500, holdS: 30 });
  assert.equal(device.written, [[3, false]]);
});

test("a stuck relay has not taken its command, and a board without the coil refuses it", async () => {
  const { device, actuator } = relay(false);
  device.deaf = true;
  await failsWith(() => actuator.limit({ limitPermille: 0, holdS: 30 }), "DRIVER_NOT_TAKEN");
  device.coils.clear();
  await failsWith(() => actuator.read(), "DRIVER_EXCEPTION");
});

for (const [why, definition, code] of [
  ["an identifier with spaces", { ...relayCoil, id: "Relay 1" }, "DRIVER_DEFINITION"],
  ["a coil beyond the last", { ...relayCoil, coil: 65_536 }, "DRIVER_DEFINITION"],
  ["no source", { ...relayCoil, source: "" }, "DRIVER_DEFINITION"],
  ["a point outside the model", withPoints({ limitScale: 26 }), "DRIVER_DEFINITION"],
  ["a point in the model's head", withPoints({ limit: 1 }), "DRIVER_DEFINITION"],
  ["two points in one register", withPoints({ limit: 9 }), "DRIVER_OVERLAP"],
] as const)
  test(`refused: ${why}`, async () => {
    await failsWith(() => defineActuator(definition as ActuatorDefinition), code);
  });

test.run();

function withPoints(change: object): ActuatorDefinition {
  return { ...sunspecLimit, points: { ...sunspecLimit.points, ...change } };
}

function nowMs() {
  return unixMs(0);
}

function inverter(body: object = IDLE, held: ActuatorHold | null = null) {
  const space = oneDevice(40_000, [
    [103, 50, INVERTER_BODY],
    [123, 24, { ...IDLE, ...body }],
  ]);
  return { space, ...actuatorOn(sunspecLimit, writableDevice(space), held) };
}

function relay(isOn: boolean) {
  const made = actuatorOn(relayCoil, writableDevice(oneDevice(0, [])));
  made.device.coils.set(0, isOn);
  return made;
}

function actuatorOn(
  definition: ActuatorDefinition,
  device: WritableDevice,
  held: ActuatorHold | null = null,
) {
  const clock = { nowMs: 0 };
  const holds = memoryHolds(held);
  const actuator = createActuator({ definition, access: device, nowMs: () => unixMs(clock.nowMs), holds });
  return { device, actuator, clock, holds };
}
