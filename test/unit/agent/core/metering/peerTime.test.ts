/** The time of a quorum: what liars and stragglers cannot move. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { quorum } from "../../../../../agent/core/consensus/quorum.ts";
import { agreedOffset, MOST_APART_MS } from "../../../../../agent/core/metering/peerTime.ts";
import { propertySeed } from "../../../../support/propertySeed.ts";

const seed = propertySeed("peer time");
const test = suite("core/metering/peerTime");

test("is the median of as many as are needed", () => {
  assert.is(agreedOffset([], 1), null);
  assert.is(agreedOffset([5], 1), 5);
  assert.is(agreedOffset([5], 2), null);
  assert.is(agreedOffset([30, 10, 20], 3), 20);
  assert.is(agreedOffset([40, 10, 20, 30], 3), 20);
});

test("is nobody's where too many are apart", () => {
  assert.is(agreedOffset([0, MOST_APART_MS, 500], 3), 500);
  assert.is(agreedOffset([0, 2 * MOST_APART_MS + 1, MOST_APART_MS], 3), null);
  assert.is(agreedOffset([0, 0, 3_600_000], 3), null, "two of three are no quorum");
  assert.is(agreedOffset([0, 0, 0, 3_600_000], 3), 0);
});

test("lies among the honest, however f of n voters lie", () => {
  const street = fc.integer({ min: 3, max: 40 }).chain((n) => {
    const faulty = Math.floor((n - 1) / 3);
    const others = n - 1;
    return fc.record({
      n: fc.constant(n),
      honest: fc.array(fc.integer({ min: -400, max: 400 }), {
        minLength: others - faulty,
        maxLength: others - faulty,
      }),
      lies: fc.array(fc.integer({ min: -10_000, max: 10_000 }), { minLength: faulty, maxLength: faulty }),
    });
  });
  const holds = ({ n, honest, lies }: { n: number; honest: number[]; lies: number[] }) => {
    const agreed = agreedOffset([...honest, ...lies], quorum(n));
    if (agreed === null) return;
    assert.ok(agreed >= Math.min(...honest) && agreed <= Math.max(...honest), `${agreed}`);
  };
  fc.assert(fc.property(street, holds), { seed, numRuns: 2_000 });
});

test.run();
