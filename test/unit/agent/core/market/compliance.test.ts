import { suite } from "uvu";
import * as assert from "uvu/assert";
import { complianceOf, toleratedWh } from "../../../../../agent/core/market/compliance.ts";
import type { CurtailmentOrder } from "../../../../../agent/core/market/curtail.ts";
import { height, wh } from "../../../../../agent/core/units.ts";
import { consumptionOrder, generationOrder, measured, testMember } from "../../../../support/marketCases.ts";

const A = testMember(0);
const B = testMember(1);
const HEIGHT = height(8);

const compliance = suite("compliance");

/** [max, sum of the meters' steps in thousandths of a Wh, most that may be measured], each by hand. */
const TOLERANCES: readonly (readonly [bigint, number, bigint])[] = [
  [0n, 0, 0n],
  [0n, 1, 1n],
  [0n, 1000, 1n],
  [0n, 1001, 2n],
  [49n, 0, 49n],
  [50n, 0, 51n],
  [99n, 126, 101n],
  [100n, 126, 103n],
  [1_000n, 20_000, 1_040n],
  [2n ** 62n, 0, 2n ** 62n + 2n ** 62n / 50n],
];

for (const [max, resolution, most] of TOLERANCES) {
  compliance(`of at most ${max} Wh with steps of ${resolution} mWh allows ${most} Wh`, () => {
    assert.is(toleratedWh(wh(max), resolution), most);
  });
}

/** [kind, generated, consumed, measured, result] under a limit of 100 Wh and steps of 126 mWh. */
const ROWS = [
  ["consumption", 0n, 100n, 100n, "complied"],
  ["consumption", 0n, 103n, 103n, "complied"],
  ["consumption", 0n, 104n, 104n, "exceeded"],
  ["consumption", 500n, 603n, 103n, "complied"],
  ["consumption", 500n, 0n, 0n, "complied"],
  ["generation", 103n, 0n, 103n, "complied"],
  ["generation", 104n, 0n, 104n, "exceeded"],
  ["generation", 500n, 397n, 103n, "complied"],
  ["generation", 0n, 900n, 0n, "complied"],
] as const;

for (const [kind, generated, consumed, found, result] of ROWS) {
  compliance(`of a ${kind} order with E_G ${generated} and E_C ${consumed} is ${result}`, () => {
    const order =
      kind === "consumption" ? consumptionOrder(A, 3, 100n, 900n) : generationOrder(A, 3, 100n, 900n);
    assert.equal(judged(order, { generated, consumed }), [
      { member: A, kind, max: 100n, measured: found, acknowledged: true, result },
    ]);
  });
}

compliance("of a missing member is unknown", () => {
  assert.equal(judged(consumptionOrder(B, 3, 100n, 900n), { generated: 0n, consumed: 5n }), [
    { member: B, kind: "consumption", max: 100n, measured: null, acknowledged: true, result: "unknown" },
  ]);
});

compliance("with an order of the same block is unknown, whatever was measured", () => {
  for (const consumed of [5n, 500n]) {
    const [entry] = judged(consumptionOrder(A, 3, 100n, 900n), { generated: 0n, consumed }, HEIGHT);
    assert.equal([entry?.measured, entry?.result], [consumed, "unknown"]);
  }
});

compliance("stands by member, once an order", () => {
  const [first, second] = [A, B].sort() as [typeof A, typeof B];
  const orders = [second, first].map((member) => ({
    ...consumptionOrder(member, 3, 1n, 9n),
    acknowledged: member === second,
    givenAt: height(6),
  }));
  const entries = complianceOf({ height: HEIGHT, orders, positions: [], resolutions: new Map() });
  assert.equal(
    entries.map(({ member, acknowledged }) => [member, acknowledged]),
    [
      [first, false],
      [second, true],
    ],
  );
});

compliance.run();

function judged(
  order: CurtailmentOrder,
  { generated, consumed }: { readonly generated: bigint; readonly consumed: bigint },
  givenAt = height(6),
) {
  return complianceOf({
    height: HEIGHT,
    orders: [{ ...order, acknowledged: true, givenAt }],
    positions: [measured(A, generated, consumed)],
    resolutions: new Map([[A, 126]]),
  });
}
