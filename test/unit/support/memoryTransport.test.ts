import { suite } from "uvu";
import * as assert from "uvu/assert";
import { accept } from "../../../agent/core/verdict.ts";
import type { Transport } from "../../../agent/ports/transport.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { MemoryHub } from "../../support/memoryTransport.ts";

const NAMES = ["a", "b", "c", "d"] as const;

/** Four started gateways, all connected, and what each has heard. */
async function street() {
  const clock = new FakeClock();
  const hub = new MemoryHub(clock);
  const heard = new Map<string, string[]>(NAMES.map((name) => [name, []]));
  const gateways = new Map<string, Transport>();
  const join = async (name: string) => {
    const roster = NAMES.filter((other) => other !== name);
    const transport = hub.join({
      peerId: name,
      roster,
      onFault: (error) => {
        throw error;
      },
    });
    gateways.set(name, transport);
    await transport.start(({ bytes }) => {
      heard.get(name)?.push(new TextDecoder().decode(bytes));
      return accept(null);
    });
  };
  for (const name of NAMES) await join(name);
  const say = (name: string, text: string) =>
    gateways.get(name)?.publish("votes", new TextEncoder().encode(text));
  return { clock, hub, heard, say, join, gateways };
}

const test = suite("MemoryHub");

test("a partition keeps groups apart, lets each talk, and heals without what was lost", async () => {
  const { clock, hub, heard, say } = await street();
  hub.partition(["a", "b"], ["c", "d"]);
  assert.is(await say("a", "1"), 1);
  await say("c", "2");
  await clock.advance(100);
  assert.equal([...heard.values()], [[], ["1"], [], ["2"]]);
  hub.heal();
  assert.is(await say("a", "3"), 3);
  await clock.advance(100);
  assert.equal([...heard.values()], [[], ["1", "3"], ["3"], ["2", "3"]]);
});

test("who is in no group is alone", async () => {
  const { clock, hub, heard, say } = await street();
  hub.partition(["a", "b", "c"]);
  assert.is(await say("d", "1"), 0);
  await say("a", "2");
  await clock.advance(100);
  assert.equal(heard.get("d"), []);
  assert.equal(heard.get("b"), ["2"]);
});

test("a one-way cut loses one direction; others carry the message round", async () => {
  const { clock, hub, heard, say, gateways } = await street();
  hub.cutOneWay("a", "b");
  assert.is(await say("a", "1"), 2);
  await clock.advance(100);
  assert.equal(heard.get("b"), ["1"]);
  await say("b", "2");
  await clock.advance(100);
  assert.equal(heard.get("a"), ["2"]);
  assert.is(
    gateways
      .get("a")
      ?.peers()
      .find(({ peerId }) => peerId === "b")?.connected,
    false,
  );
});

test("what is under way when a link is cut is lost", async () => {
  const { clock, hub, heard, say } = await street();
  hub.delayWhere(() => 50);
  await say("a", "1");
  await clock.advance(49);
  hub.partition(["a"], ["b", "c", "d"]);
  await clock.advance(100);
  assert.equal(heard.get("b"), []);
});

test("a delay is per message and link", async () => {
  const { clock, hub, heard, say } = await street();
  hub.delayWhere(({ to }) => (to === "d" ? 30 : 10));
  hub.dropWhere(({ from }) => from !== "a");
  await say("a", "1");
  await clock.advance(10);
  assert.equal([...heard.values()], [[], ["1"], ["1"], []]);
  await clock.advance(20);
  assert.equal(heard.get("d"), ["1"]);
});

test("a dropped message counts as sent and does not arrive", async () => {
  const { clock, hub, heard, say } = await street();
  hub.dropWhere(({ to }) => to === "b");
  assert.is(await say("a", "1"), 3);
  await clock.advance(100);
  assert.equal([...heard.values()], [[], [], ["1"], ["1"]]);
});

test("who joins again gets nothing that was on the way to who it was before", async () => {
  const { clock, heard, say, join } = await street();
  await say("a", "1");
  await join("b");
  await clock.advance(0);
  assert.equal(heard.get("b"), []);
  await clock.advance(100);
  assert.equal(heard.get("b"), ["1"], "forwarded by c or d, which had it later");
});

test("a message is known for two minutes", async () => {
  const { clock, heard, say } = await street();
  await say("a", "1");
  await clock.advance(119_999);
  assert.is(await say("a", "1"), 0);
  await clock.advance(10);
  assert.is(await say("a", "1"), 3);
  await clock.advance(100);
  assert.equal(heard.get("b"), ["1", "1"]);
});

test("the receiver's bytes are its own", async () => {
  const clock = new FakeClock();
  const hub = new MemoryHub(clock);
  const seen: number[] = [];
  const onFault = (error: unknown) => {
    throw error;
  };
  const [a, b, c] = ["a", "b", "c"].map((peerId) =>
    hub.join({ peerId, roster: ["a", "b", "c"].filter((other) => other !== peerId), onFault }),
  ) as [Transport, Transport, Transport];
  const spoil = (bytes: Uint8Array) => {
    seen.push(bytes[0] ?? -1);
    bytes.fill(9);
    return accept(null);
  };
  await a.start(() => accept(null));
  await b.start(({ bytes }) => spoil(bytes));
  await c.start(({ bytes }) => spoil(bytes));
  const message = Uint8Array.of(1);
  await a.publish("votes", message);
  message.fill(8);
  await clock.advance(10);
  assert.equal(seen, [1, 1]);
});

test.run();
