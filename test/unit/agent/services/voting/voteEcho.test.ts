/** When own votes go out again. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { VoteEcho } from "../../../../../agent/services/voting/voteEcho.ts";
import { FakeClock } from "../../../../support/fakeClock.ts";

const test = suite("echo of own votes");

/** An echo over neighbours that the test connects and cuts. */
function echoing() {
  const clock = new FakeClock();
  const connected = new Set<string>();
  const heard: number[] = [];
  const peers = () =>
    ["a", "b", "c"].map((peerId) => ({ peerId, connected: connected.has(peerId), addresses: [] }));
  const echo = new VoteEcho({ clock, transport: { peers }, echo: () => heard.push(clock.monotonicMs()) });
  return { clock, connected, heard, echo };
}

test("comes once after neighbours came within reach and no more are coming", async () => {
  const { clock, connected, heard, echo } = echoing();
  echo.start();
  await clock.advance(2_000);
  assert.equal(heard, []);
  for (const peerId of ["a", "b", "c"]) {
    connected.add(peerId);
    await clock.advance(300);
  }
  assert.equal(heard, []);
  await clock.advance(60_000);
  assert.is(heard.length, 1);
  echo.stop();
});

test("comes again for a neighbour that was away, not for one that goes", async () => {
  const { clock, connected, heard, echo } = echoing();
  connected.add("a").add("b");
  echo.start();
  await clock.advance(2_000);
  connected.delete("b");
  await clock.advance(2_000);
  assert.is(heard.length, 1);
  connected.add("b");
  await clock.advance(2_000);
  assert.is(heard.length, 2);
  echo.stop();
  assert.is(clock.pendingCount(), 0);
});

test.run();
