/**
 * The market twice: the product and a second implementation in Python, written from docs/market.md, settle the same
 * intervals to the same bytes.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { equalBytes, toHex } from "../../../agent/core/bytes.ts";
import { encode } from "../../../agent/core/codec.ts";
import { wh } from "../../../agent/core/units.ts";
import {
  caseOf,
  caseOfLate,
  claimCases,
  compare,
  drawIntervals,
  drawLate,
  readable,
} from "../../secondMarket/compare.ts";
import { claimsOfFirst, type DrawnClaims, lineOfClaims } from "../../secondMarket/drawClaims.ts";
import { drawnByHand, encodedByHand } from "../../secondMarket/handInterval.ts";
import { encodedLateByHand, lateByHand } from "../../secondMarket/handLate.ts";
import { lineOf, lineOfLate } from "../../secondMarket/line.ts";
import { settleFirst } from "../../secondMarket/settleFirst.ts";
import { settleLateFirst } from "../../secondMarket/settleLateFirst.ts";
import { lackingForSecond, PLANTED_FAULTS, settleSecond } from "../../secondMarket/settleSecond.ts";
import { whatWasSeen, whatWasSeenLate } from "../../secondMarket/whatWasSeen.ts";
import { leaveOut } from "../../support/leaveOut.ts";
import { propertySeed } from "../../support/propertySeed.ts";
import { HAND_LATE } from "../../vectors/lateReadings.ts";
import { HAND_INTERVALS } from "../../vectors/marketIntervals.ts";
import { HAND_TERMS } from "../../vectors/marketTerms.ts";

/** The rarest of what has to occur comes up fifteen times in so many; `npm run market:second` compares more. */
const INTERVALS = 700;

/** All intervals that were worked by hand. */
const BY_HAND = [...HAND_INTERVALS, ...HAND_TERMS];

const seed = propertySeed("secondMarket.test.ts");
const second = suite("second market");
const lacking = lackingForSecond();

second("the product settles five late readings as they were worked by hand", () => {
  assert.is(HAND_LATE.length, 5);
  for (const hand of HAND_LATE)
    assert.is(readable(settleLateFirst(lateByHand(hand))), readable(encodedLateByHand(hand)), hand.name);
});

second("the product settles seventeen intervals as they were worked by hand", () => {
  assert.is(BY_HAND.length, 17);
  for (const hand of BY_HAND) {
    const encoded = settleFirst(drawnByHand(hand));
    assert.is(readable(encoded), readable(encodedByHand(hand)), hand.name);
    assert.ok(equalBytes(encoded, encodedByHand(hand)), hand.name);
    if (hand.encodedAfterReadings !== undefined)
      assert.ok(toHex(encoded).includes(hand.encodedAfterReadings), hand.name);
  }
});

if (lacking === null) {
  const intervals = drawIntervals(INTERVALS, seed);
  const late = drawLate(INTERVALS, seed);
  const cases = [...intervals.map(caseOf), ...late.map(caseOfLate), ...claimCases(INTERVALS, seed)];

  second("the second market settles them the same", () => {
    const settled = settleSecond(BY_HAND.map(drawnByHand).map(lineOf));
    for (const [index, hand] of BY_HAND.entries())
      assert.is(readable(settled[index]!), readable(encodedByHand(hand)), hand.name);
    const corrected = settleSecond(HAND_LATE.map(lateByHand).map(lineOfLate));
    for (const [index, hand] of HAND_LATE.entries())
      assert.is(readable(corrected[index]!), readable(encodedLateByHand(hand)), hand.name);
  });

  second("they split a seller's fuels as it was worked by hand", () => {
    // 6 Wh solar and 4 diesel, of which 3 were consumed: 7 are 4.2 and 2.8, so 4 and 3. Of these the first 3 are 1.71 and
    // 1.29, so 2 and 1; of the 2 and 2 left the next 2 are 1 and 1; 1 and 1 are fed in.
    const byHand: DrawnClaims = {
      generated: [
        ["solar", wh(6n)],
        ["diesel", wh(4n)],
      ],
      excess: wh(7n),
      trades: [wh(3n), wh(2n)],
      fedIn: wh(2n),
    };
    const fuels = (solar: number, diesel: number) => [
      ["solar", solar],
      ["diesel", diesel],
    ];
    const expected = toHex(encode([[fuels(4, 3), [fuels(2, 1), fuels(1, 1)]], [fuels(1, 1)]]));
    assert.is(toHex(claimsOfFirst(byHand)), expected);
    assert.equal(settleSecond([lineOfClaims(byHand)]).map(toHex), [expected]);
  });

  second("both come to the same bytes on random intervals, in which everything happens", () => {
    assert.equal(compare(cases), []);
    const seen = [...whatWasSeen(intervals), ...whatWasSeenLate(late)];
    assert.equal(
      seen.filter(([, times]) => times === 0),
      [],
      "each occurs",
    );
  });

  for (const fault of PLANTED_FAULTS) {
    second(`a second market with ${fault} is found`, () => {
      assert.ok(compare(cases, fault).length > 0);
    });
  }

  second("a disagreement shows the interval and both readings of it", () => {
    const [found] = compare(cases, "unrotated-ties");
    const [interval, edso, python] = found!.split("\n");
    assert.match(interval!, /^case {4}\{"interval":/);
    assert.match(edso!, /^edso/);
    assert.match(python!, /^second/);
    assert.is.not(edso!.replace(/^edso +/, ""), python!.replace(/^second +/, ""));
  });
} else {
  leaveOut("the second market", lacking);
}

second.run();
