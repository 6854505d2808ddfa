import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Hash } from "../../../agent/core/hash.ts";
import { height } from "../../../agent/core/units.ts";
import type { FoundBlock } from "../../chaos/evidence.ts";
import { intervalFigures } from "../../chaos/judgeIntervals.ts";

const INTERVAL_MS = 1_000;
const FACTS = { intervalMs: INTERVAL_MS, firstInterval: 100, untilMs: 113_000 } as const;

const intervals = suite("intervals in time");

intervals("are those committed within three intervals of their end, of those that had as long", () => {
  // Intervals 100 … 109 had three intervals until 113 s; 100 to 102 and just 109 are in time.
  const chain = [block(1, 100, 100), block(2, 101, 102), block(3, 103, 112)];
  const heardAtMs = new Map([
    [1, 101_500],
    [2, 105_000],
    [3, 113_000],
  ]);
  assert.equal(intervalFigures({ ...FACTS, chain, heardAtMs }), {
    judged: 10,
    inTime: 3 + 1,
    longestMs: 9_000,
    mostPerBlock: 10,
  });
});

intervals("that no block settled are judged and not in time", () => {
  assert.equal(intervalFigures({ ...FACTS, chain: [], heardAtMs: new Map() }), {
    judged: 10,
    inTime: 0,
    longestMs: null,
    mostPerBlock: 0,
  });
});

intervals("are none when the run was shorter than three of them", () => {
  const figures = intervalFigures({ ...FACTS, untilMs: 102_000, chain: [], heardAtMs: new Map() });
  assert.is(figures.judged, 0);
});

intervals.run();

function block(at: number, from: number, to: number): FoundBlock {
  const hash = String(at).padStart(64, "0") as Hash;
  return { height: height(at), blockHash: hash, parentHash: hash, from, to, readings: [], late: [] };
}
