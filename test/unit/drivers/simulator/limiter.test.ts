import { suite } from "uvu";
import * as assert from "uvu/assert";
import { unixMs } from "../../../../agent/core/units.ts";
import { constantCurve } from "../../../../drivers/simulator/curve.ts";
import { CHAIN, simulatedLimiter } from "../../../../drivers/simulator/limiter.ts";

/** Model 123 behind model 1 of 66 registers; by hand from the models. */
const CONTROLS = CHAIN + 70;
const [LIMIT, REVERT, ENABLE] = [CONTROLS + 5, CONTROLS + 7, CONTROLS + 9];
/** A virtual minute is a second. */
const TIME = { startedAtMs: unixMs(0), startMinute: 540, timeLapse: 60 };

const test = suite("drivers/simulator/limiter");

test("limits from the first whole minute after it was told, in either direction, until it is lifted", () => {
  const { load, roof, write } = limited(true);
  write(1_500, [LIMIT, 100], [ENABLE, 1]);
  assert.equal([540, 541, 542, 543].map(load), [3000, 3000, 1000, 1000]);
  assert.equal([541, 542].map(roof), [-2000, -1000]);
  write(5_000, [ENABLE, 0]);
  assert.equal([544, 545, 600].map(load), [1000, 3000, 3000]);
});

test("lifts a limit by itself after its time, unless it is told again", () => {
  const { load, write } = limited(true);
  write(0, [REVERT, 4], [LIMIT, 50], [ENABLE, 1]);
  assert.equal([540, 543, 544].map(load), [500, 500, 3000]);
  write(2_000, [REVERT, 4], [LIMIT, 100], [ENABLE, 1]);
  assert.equal([541, 542, 545, 546].map(load), [500, 1000, 1000, 3000]);
});

test("never changes what has passed, so that no register falls", () => {
  const { load, write } = limited(true);
  const before = [540, 541, 542].map(load);
  write(2_999, [LIMIT, 0], [ENABLE, 1]);
  assert.equal([540, 541, 542].map(load), before);
  assert.is(load(543), 0);
});

test("takes every limit and ignores it where it is not obeyed", () => {
  const { load, write, read } = limited(false);
  write(0, [LIMIT, 0], [ENABLE, 1]);
  assert.equal([load(541), read(ENABLE)], [3000, 1]);
});

test.run();

function limited(isObeyed: boolean) {
  const limiter = simulatedLimiter({ ratedW: 10_000, isObeyed }, TIME);
  const [load, roof] = [constantCurve(3000), constantCurve(-2000)].map((curve) => limiter.limited(curve));
  return {
    load: (minute: number) => load!.wattsInMinute(minute),
    roof: (minute: number) => roof!.wattsInMinute(minute),
    write: (atMs: number, ...words: readonly (readonly [number, number])[]) => {
      for (const [address, word] of words) {
        const answer = limiter.space.write({ kind: "registers", address, words: [word] }, unixMs(atMs));
        assert.is(answer.kind, "written");
      }
    },
    read: (address: number) => {
      const answer = limiter.space.read({ table: "holding", address, count: 1 }, unixMs(0));
      return answer?.kind === "registers" ? answer.words[0] : null;
    },
  };
}
