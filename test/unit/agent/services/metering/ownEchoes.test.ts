/** Own readings that others know and the outbox does not. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeReading, type SignedReading } from "../../../../../agent/core/metering/reading.ts";
import { type IntervalIndex, intervalIndex } from "../../../../../agent/core/units.ts";
import { OwnEchoes } from "../../../../../agent/services/metering/ownEchoes.ts";
import { FIRST_INTERVAL, measured, testContext, testReading } from "../../../../support/chainBuilder.ts";
import { eventLog } from "../../../../support/eventLog.ts";
import { FakeClock } from "../../../../support/fakeClock.ts";

const echo = suite("own readings from others");

const context = testContext(2);
const at = (offset: number): IntervalIndex => intervalIndex(FIRST_INTERVAL + offset);
const said = (offset: number, sequence: number): SignedReading =>
  testReading(context, "dep1", measured([1, 1]), { interval: at(offset), sequence });
const content = measured([1, 1]);
const authentic = () => true;

type Options = {
  readonly pending?: readonly SignedReading[];
  readonly nextSequence?: number;
  readonly hasOthers?: boolean;
};

function world({ pending = [], nextSequence = 2, hasOthers = true }: Options = {}) {
  const clock = new FakeClock();
  const log = eventLog();
  const outbox = {
    pending: () =>
      pending.map((signed) => ({ sequence: signed.reading.sequence, bytes: encodeReading(signed) })),
    nextSequence: () => nextSequence,
  };
  const state = () => ({ nextInterval: at(2) });
  const echoes = new OwnEchoes({ outbox, state, hasOthers: () => hasOthers, clock, logger: log });
  const withheld = (...offsets: readonly number[]) =>
    offsets.map((offset) => echoes.withholds({ interval: at(offset), content }));
  return { clock, echoes, withheld, events: () => log.events.map(({ event }) => event) };
}

echo("forbid their intervals and those before, and take their numbers", () => {
  const { echoes, withheld, events } = world();
  assert.equal([withheld(4, 5), echoes.firstFree, echoes.lastInterval], [[false, false], 1, null]);
  echoes.hear(said(4, 70), authentic);
  assert.equal(withheld(3, 4, 5), [true, true, false]);
  assert.equal([echoes.firstFree, echoes.lastInterval], [70 + 4_096 + 1, at(4)]);
  assert.is(events().filter((event) => event === "outbox.own-reading-from-others").length, 1);
});

echo("once taken are told once, and older ones change nothing", () => {
  const { echoes, events } = world();
  for (const signed of [said(4, 70), said(4, 70), said(3, 69)]) echoes.hear(signed, authentic);
  assert.equal([echoes.firstFree, echoes.lastInterval], [70 + 4_096 + 1, at(4)]);
  assert.equal(events(), ["outbox.own-reading-from-others"]);
});

echo("that the outbox or a block holds are known: not even their signature is looked at", () => {
  const { echoes } = world({ pending: [said(4, 7), said(5, 8)], nextSequence: 9 });
  const unasked = () => {
    throw new Error("it is known");
  };
  for (const signed of [said(4, 7), said(5, 8), said(1, 3)]) echoes.hear(signed, unasked);
  assert.is(echoes.lastInterval, null);
});

echo("that are not authentic change nothing", () => {
  const { echoes, withheld, events } = world();
  echoes.hear(said(4, 70), () => false);
  assert.equal([withheld(4), echoes.firstFree, events()], [[false], 1, []]);
});

echo("that span closed intervals take a number only, and a span may be said again", () => {
  const { echoes, withheld } = world();
  const spanning = { kind: "spanning", from: at(0), meters: content.meters } as const;
  echoes.hear(testReading(context, "dep1", spanning, { interval: at(4), sequence: 70 }), authentic);
  assert.equal([withheld(4), echoes.firstFree], [[false], 70 + 4_096 + 1]);
  echoes.hear(said(4, 71), authentic);
  assert.is(echoes.withholds({ interval: at(4), content: spanning }), false);
});

echo("are asked for before the first statement of an outbox that never gave a number", () => {
  const { echoes, withheld, events } = world({ nextSequence: 1 });
  assert.equal(withheld(3, 4), [true, true]);
  echoes.noteLevel();
  assert.equal(withheld(5), [false]);
  assert.equal(events(), ["reading.waits-for-others"]);
});

echo("are not waited for where there is nobody to ask, or nobody answers for a minute", async () => {
  assert.equal(world({ nextSequence: 1, hasOthers: false }).withheld(3), [false]);
  const { clock, withheld } = world({ nextSequence: 1 });
  await clock.advance(59_000);
  assert.equal(withheld(3), [true]);
  await clock.advance(1_000);
  assert.equal(withheld(4), [false]);
});

echo.run();
