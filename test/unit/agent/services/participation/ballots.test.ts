import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { MemberId } from "../../../../../agent/core/membership/address.ts";
import { preferred } from "../../../../../agent/services/participation/ballots.ts";

const test = suite("preferred candidate");

const [a, b, c, d] = ["a", "b", "c", "d"] as unknown as [MemberId, MemberId, MemberId, MemberId];
const nobody: ReadonlySet<MemberId> = new Set();

test("is who did its part most often", () => {
  assert.is(
    preferred(
      [a, b, c],
      new Map([
        [a, 3],
        [b, 9],
        [c, 8],
      ]),
      nobody,
    ),
    b,
  );
});

test("is the earlier in the order among equals, also when nothing was observed", () => {
  assert.is(
    preferred(
      [c, a, b],
      new Map([
        [a, 2],
        [b, 2],
        [c, 2],
      ]),
      nobody,
    ),
    c,
  );
  assert.is(preferred([d, b], new Map(), nobody), d);
});

test("is neither the caster nor the DSO in office, and nobody where nobody else is", () => {
  assert.is(
    preferred(
      [a, b, c],
      new Map([
        [a, 9],
        [b, 8],
        [c, 1],
      ]),
      new Set([a, b]),
    ),
    c,
  );
  assert.is(preferred([a, b], new Map(), new Set([a, b])), null);
});

test.run();
