import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatLineRef, parseLineRef } from "../../../../../../agent/core/ledger/reports/lineRef.ts";
import { height, intervalIndex } from "../../../../../../agent/core/units.ts";

const test = suite("reference of a line");

test("is one text for one fact, both ways", () => {
  const ref = { height: height(12), section: "t", interval: intervalIndex(359_083_579), place: 0 } as const;
  assert.is(formatLineRef(ref), "12-359083579-t0");
  assert.equal(parseLineRef("12-359083579-t0"), ref);
});

test("refuses every other text", () => {
  for (const text of [
    "",
    "12",
    "12-3-t",
    "12-3-q0",
    "012-3-t0",
    "12-3-t00",
    "-1-3-t0",
    "12-3-t0 ",
    "12-3-t0x",
    "9999999999999999-3-t0",
    "12-3-t-1",
    "1.5-3-t0",
  ])
    assert.is(parseLineRef(text), null, text);
});

test.run();
