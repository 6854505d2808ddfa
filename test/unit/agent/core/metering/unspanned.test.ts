/** Which gaps a gateway spans: those that nothing of its own will fill, and of which both ends are known. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Edge, Gap } from "../../../../../agent/core/metering/coverage.ts";
import type { Reading } from "../../../../../agent/core/metering/reading.ts";
import { unspanned } from "../../../../../agent/core/metering/unspanned.ts";
import { judgeReading } from "../../../../../agent/core/metering/validate.ts";
import { intervalIndex, wh } from "../../../../../agent/core/units.ts";
import {
  FIRST_INTERVAL,
  measured,
  memberNamed,
  testContext,
  testReading,
  verify,
} from "../../../../support/chainBuilder.ts";

const test = suite("gaps to span");

const context = testContext(1);
const member = memberNamed(context, "dep1");
const at = (steps: number) => intervalIndex(FIRST_INTERVAL + steps);
const edge = (register: number): Edge => ({
  registers: [[wh(BigInt(register))], [wh(BigInt(register))]],
  carry: wh(0n),
});
const GAP: Gap = { from: at(2), to: at(4), before: edge(10), after: edge(15), swaps: [] };
const own = (steps: number, content: Reading["content"]) =>
  testReading(context, "dep1", content, { interval: at(steps) }).reading;
const spansOf = (gaps: readonly Gap[], pending: readonly Reading[] = []) =>
  unspanned(member, { edge: edge(20), gaps, swaps: [] }, pending).map(({ interval, content }) => [
    content.from,
    interval,
  ]);

test("are spanned from the registers before to those after, as a reading that is accepted", () => {
  const [span] = unspanned(member, { edge: edge(20), gaps: [GAP], swaps: [] }, []);
  assert.equal(span, {
    interval: at(4),
    content: {
      kind: "spanning",
      from: at(2),
      meters: [0, 1].map((meter) => ({ meter, start: [10n], end: [15n], resolutionMilliWh: 0 })),
    },
  });
  const signed = testReading(context, "dep1", span!.content, { interval: span!.interval });
  assert.is(judgeReading(signed, context.roster, context.genesis, verify).kind, "accept");
});

test("wait for their other end, and are left where a register fell", () => {
  for (const gap of [
    { ...GAP, after: null },
    { ...GAP, before: null },
    { ...GAP, after: edge(9) },
  ])
    assert.equal(spansOf([gap]), []);
});

test("wait for own readings inside them, whatever states energy or a reset there, and for nothing else", () => {
  const span = { kind: "spanning", from: at(1), meters: [] } as const;
  for (const waiting of [
    own(2, measured([1, 1])),
    own(4, measured([1, 1])),
    own(3, { kind: "missing", reason: "register-reset" }),
    own(2, span),
    own(9, span),
  ])
    assert.equal(spansOf([GAP], [waiting]), []);
  const elsewhere = [
    own(1, measured([1, 1])),
    own(5, measured([1, 1])),
    own(3, { kind: "missing", reason: "meter-timeout" }),
  ];
  assert.equal(spansOf([GAP], elsewhere), [[at(2), at(4)]]);
});

test("are spanned one by one, oldest first", () => {
  const later = { ...GAP, from: at(7), to: at(7) };
  assert.equal(spansOf([GAP, later]), [
    [at(2), at(4)],
    [at(7), at(7)],
  ]);
  assert.equal(spansOf([GAP, later], [own(3, measured([1, 1]))]), [[at(7), at(7)]]);
});

test.run();
