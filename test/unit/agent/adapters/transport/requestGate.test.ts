import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  REQUEST_BURST,
  REQUESTS_PER_SECOND,
  requestGate,
} from "../../../../../agent/adapters/transport/requestGate.ts";
import { FakeClock } from "../../../../support/fakeClock.ts";

const test = suite("requestGate");

function admitted(gate: ReturnType<typeof requestGate>, peerId: string, asked: number): number {
  return Array.from({ length: asked }, () => gate.admits(peerId)).filter(Boolean).length;
}

test("lets a burst pass and then a steady pace, each gateway by itself", async () => {
  const clock = new FakeClock();
  const gate = requestGate(clock);
  assert.is(admitted(gate, "a", 1_000), REQUEST_BURST);
  await clock.advance(1_000);
  assert.is(admitted(gate, "a", 1_000), REQUESTS_PER_SECOND);
  assert.is(admitted(gate, "b", 1_000), REQUEST_BURST);
});

test("saves up no more than a burst", async () => {
  const clock = new FakeClock();
  const gate = requestGate(clock);
  assert.is(admitted(gate, "a", 1), 1);
  await clock.advance(3_600_000);
  assert.is(admitted(gate, "a", 1_000), REQUEST_BURST);
});

test("being refused costs nothing", async () => {
  const clock = new FakeClock();
  const gate = requestGate(clock);
  admitted(gate, "a", REQUEST_BURST);
  for (let step = 0; step < 5; step += 1) {
    await clock.advance(10);
    assert.is(gate.admits("a"), false);
  }
  await clock.advance(1_000 / REQUESTS_PER_SECOND - 50);
  assert.is(gate.admits("a"), true);
});

test.run();
