/** Late readings of a block: what they become, in what order they may stand, and that each settles once. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeBlock, readBlock } from "../../../../../../agent/core/ledger/blocks/block.ts";
import { judgeBlock } from "../../../../../../agent/core/ledger/blocks/judgeBlock.ts";
import {
  judgeLate,
  judgeLateReading,
  MAX_LATE_PER_BLOCK,
} from "../../../../../../agent/core/ledger/settlement/lateSection.ts";
import { ledgerContext } from "../../../../../../agent/core/ledger/state/context.ts";
import type { MemberState } from "../../../../../../agent/core/ledger/state/state.ts";
import { NO_LATE_MONEY } from "../../../../../../agent/core/market/settleLate.ts";
import type { Reading, SignedReading, Spanning } from "../../../../../../agent/core/metering/reading.ts";
import { intervalIndex, wh } from "../../../../../../agent/core/units.ts";
import {
  ChainBuilder,
  type Did,
  FIRST_INTERVAL,
  measured,
  measuredFrom,
  memberNamed,
  testContext,
  testEnrolment,
  testGenesis,
  testReading,
  verify,
} from "../../../../../support/chainBuilder.ts";

const context = testContext(3);
const idOf = (name: string) => memberNamed(context, name).id;
const at = (steps: number) => intervalIndex(FIRST_INTERVAL + steps);
const START = 123_456n;

/** dep1 is silent in intervals 1 to 3, then goes on with registers that have counted on meanwhile. */
function gapped(mode: "islanded" | "grid-tied" = "islanded", advanceWh = 60n) {
  const street = mode === "islanded" ? context : testContext(3, { mode });
  const chain = new ChainBuilder(street);
  chain.settle([{ dep1: [10, 20], dep2: [0, 0], dep3: [5, 0] }, {}, {}, {}]);
  const after = [START + 10n + advanceWh, START + 20n + advanceWh] as const;
  const next = testReading(street, "dep1", measuredFrom(after, [1, 2]), { interval: at(4), sequence: 5 });
  chain.append(chain.assembleOf([[next]]));
  return { chain, street, after };
}

const late = (steps: number, content: Reading["content"], street = context): SignedReading =>
  testReading(street, "dep1", content, { interval: at(steps) });
const span = (fromSteps: number, start: bigint, advanceWh: bigint): Spanning => ({
  kind: "spanning",
  from: at(fromSteps),
  meters: [START + 10n + start, START + 20n + start].map((register, meter) => ({
    meter,
    start: [wh(register)],
    end: [wh(register + advanceWh)],
    resolutionMilliWh: 0,
  })),
});
const codeOf = (chain: ChainBuilder, readings: readonly SignedReading[]): string => {
  const judged = judgeLate(chain.context, chain.state, readings);
  return judged.kind === "accept" ? "accept" : `${judged.kind} ${judged.code}`;
};
const memberState = (chain: ChainBuilder): MemberState => chain.state.members.get(idOf("dep1"))!;

const settling = suite("late readings, settled");

for (const [mode, against] of [
  ["islanded", "imbalance"],
  ["grid-tied", "supplier"],
] as const) {
  settling(`stand against the ${against} in a street that is ${mode}, and no closed interval changes`, () => {
    const { chain, street } = gapped(mode);
    const totals = memberState(chain).totals;
    const entry = chain.append(chain.assembleOf([[]], 0, [], [late(3, span(1, 0n, 60n), street)]));
    const [correction] = chain.blocks.at(-1)!.block.body.late;
    assert.equal(correction?.correction, {
      member: idOf("dep1"),
      against,
      generated: wh(60n),
      consumed: wh(60n),
      ...NO_LATE_MONEY,
    });
    assert.equal(memberState(chain).totals, {
      ...totals,
      corrected: { generated: wh(60n), consumed: wh(60n) },
    });
    assert.equal(
      memberState(chain).coverage.gaps.map(({ from }) => from),
      [at(5)],
    );
    const read = readBlock(entry.block);
    assert.ok(read.kind === "accept");
    assert.equal(encodeBlock(read.value), entry.block);
  });
}

settling("make up for an outage reading by reading, a span for what is left", () => {
  const { chain } = gapped();
  const registers = (since: bigint) => [START + 10n + since, START + 20n + since] as const;
  const first = late(1, measuredFrom(registers(0n), [30, 30]));
  const last = late(3, measuredFrom(registers(50n), [10, 10]));
  assert.is(codeOf(chain, [first, last]), "accept");
  chain.append(chain.assembleOf([[]], 0, [], [first, last]));
  assert.is(codeOf(chain, [late(2, span(2, 30n, 20n))]), "accept");
  chain.append(chain.assembleOf([[]], 0, [], [late(2, span(2, 30n, 20n))]));
  const { corrected } = memberState(chain).totals;
  assert.equal(corrected, { generated: wh(60n), consumed: wh(60n) });
});

settling(
  "beyond what the connection carries in their intervals are quarantined, up to it set against",
  () => {
    for (const [advance, key] of [
      [3n * 2_750n, "corrected"],
      [3n * 2_750n + 1n, "quarantined"],
    ] as const) {
      const { chain } = gapped("islanded", advance);
      chain.append(chain.assembleOf([[]], 0, [], [late(3, span(1, 0n, advance))]));
      assert.is(memberState(chain).totals[key].generated, advance);
      assert.is(
        chain.blocks.at(-1)!.block.body.late[0]?.correction.against === "quarantined",
        key === "quarantined",
      );
    }
  },
);

settling("of a reset close their interval without energy, and nothing is spanned across it", () => {
  const { chain } = gapped();
  chain.append(chain.assembleOf([[]], 0, [], [late(2, { kind: "missing", reason: "register-reset" })]));
  assert.equal(memberState(chain).totals.corrected, { generated: wh(0n), consumed: wh(0n) });
  assert.equal(
    memberState(chain)
      .coverage.gaps.slice(0, 2)
      .map(({ from, to, after }) => [from, to, after === null]),
    [
      [at(1), at(1), true],
      [at(3), at(3), false],
    ],
  );
  assert.is(codeOf(chain, [late(3, span(1, 0n, 60n))]), "ignore READING_SETTLED");
});

settling("take up the carry before a gap and leave the one after it", () => {
  const street = ledgerContext(testGenesis([testEnrolment("dep1", ["grid", "generation"])]), verify);
  const chain = new ChainBuilder(street);
  const stated = (steps: number, base: readonly [bigint, bigint], carryIn = 0n) => {
    const [exported, generated] = base;
    const content = measured([0, 0], {
      meters: [
        { meter: 0, start: [wh(0n), wh(exported)], end: [wh(0n), wh(exported + 103n)], resolutionMilliWh: 1 },
        { meter: 1, start: [wh(generated)], end: [wh(generated + 100n)], resolutionMilliWh: 1 },
      ],
      carryIn: wh(carryIn),
      generated: wh(100n),
      position: wh(100n),
    });
    return testReading(street, "dep1", content, { interval: at(steps) });
  };
  chain.append(chain.assembleOf([[stated(0, [0n, 0n])], [], [stated(2, [203n, 201n], -1n)]]));
  const content: Spanning = {
    kind: "spanning",
    from: at(1),
    meters: [
      { meter: 0, start: [wh(0n), wh(103n)], end: [wh(0n), wh(203n)], resolutionMilliWh: 0 },
      { meter: 1, start: [wh(100n)], end: [wh(201n)], resolutionMilliWh: 0 },
    ],
  };
  chain.append(chain.assembleOf([[]], 0, [], [testReading(street, "dep1", content, { interval: at(1) })]));
  const { corrected } = chain.state.members.get(memberNamed(street, "dep1").id)!.totals;
  assert.equal(corrected, { generated: wh(101n), consumed: wh(-1n) }, "1 Wh, 3 carried into it, 1 out of it");
});

const judging = suite("late readings, judged");

judging("settle once in a block and once in the chain", () => {
  const { chain } = gapped();
  const one = late(3, span(1, 0n, 60n));
  assert.is(codeOf(chain, [one]), "accept");
  assert.is(codeOf(chain, [one, one]), "reject LATE_ORDER");
  chain.append(chain.assembleOf([[]], 0, [], [one]));
  assert.is(codeOf(chain, [one]), "ignore READING_SETTLED");
});

judging("of one gateway must not overlap, whichever comes first", () => {
  const { chain } = gapped();
  const inside = late(2, measuredFrom([START + 20n, START + 30n], [10, 10]));
  const over = late(3, span(1, 0n, 60n));
  assert.is(codeOf(chain, [inside, over]), "ignore READING_SETTLED");
  assert.is(codeOf(chain, [over]), "accept");
  assert.is(codeOf(chain, [inside]), "accept");
});

judging("stand by member and then by time", () => {
  const { chain } = gapped();
  const meters = measuredFrom([START, START], [1, 1]);
  const others = ["dep2", "dep3"].map((name) => testReading(context, name, meters, { interval: at(2) }));
  const all = [
    late(1, measuredFrom([START + 10n, START + 20n], [1, 1])),
    late(3, measuredFrom([START + 69n, START + 79n], [1, 1])),
    ...others,
  ].sort((a, b) =>
    a.reading.member === b.reading.member
      ? a.reading.interval - b.reading.interval
      : a.reading.member < b.reading.member
        ? -1
        : 1,
  );
  assert.is(codeOf(chain, all), "accept");
  assert.is(codeOf(chain, [...all].reverse()), "reject LATE_ORDER");
  assert.is(
    codeOf(
      chain,
      Array.from({ length: MAX_LATE_PER_BLOCK + 1 }, () => all[0]!),
    ),
    "reject LATE_TOO_MANY",
  );
});

judging("are signed, enrolled, and of closed intervals", () => {
  const { chain } = gapped();
  const one = late(3, span(1, 0n, 60n));
  const refusal = (signed: SignedReading) => {
    const judged = judgeLateReading(context, chain.state, signed);
    return judged.kind === "accept" ? "accept" : judged.code;
  };
  assert.is(refusal({ ...one, signature: new Uint8Array(64).fill(1) }), "BAD_SIGNATURE");
  assert.is(refusal(late(5, span(1, 0n, 60n))), "LATE_OPEN_INTERVAL");
  const stranger = testReading(testContext(4), "dep4", one.reading.content, { interval: at(3) });
  assert.is(refusal(stranger), "NOT_IN_ROSTER");
});

judging("are recomputed: another correction makes another block", () => {
  const { chain } = gapped();
  const { block } = chain.assembleOf([[]], 0, [], [late(3, span(1, 0n, 60n))]);
  const [entry] = block.body.late;
  const altered = { ...entry!, correction: { ...entry!.correction, generated: wh(61n) } };
  const bytes = encodeBlock({ ...block, body: { ...block.body, late: [altered] } });
  const judged = judgeBlock(context, chain.state, bytes, null);
  assert.equal(judged.kind === "accept" ? null : [judged.code, judged.detail], [
    "RECOMPUTED_OTHERWISE",
    "late: 0",
  ]);
});

/** Σ settled + Σ set against + Σ quarantined = last register − first register, whatever came in time. */
judging("leave nothing over: what all readings settle is what the registers say", () => {
  const patterns: readonly (readonly Did[])[] = [
    [[1, 2], "silent", [3_000, 4], "meter-timeout", "silent", [5, 6]],
    ["silent", [1, 2], "silent", [2_751, 0], [7, 0]],
    [[0, 0], "port-gone", "port-gone", "port-gone", [9, 9]],
  ];
  for (const pattern of patterns) {
    const chain = new ChainBuilder(context);
    let [generated, consumed] = [START, START];
    const first: bigint[] = [];
    for (const [steps, did] of pattern.entries()) {
      const moved = typeof did === "string" ? ([11, 13] as const) : did;
      const content = measuredFrom([generated, consumed], moved);
      const stated =
        typeof did === "string" ? [] : [testReading(context, "dep1", content, { interval: at(steps) })];
      if (stated.length > 0 && first.length === 0) first.push(generated, consumed);
      generated += BigInt(moved[0]);
      consumed += BigInt(moved[1]);
      chain.append(chain.assembleOf([stated]));
    }
    const spans = memberState(chain).coverage.gaps.flatMap(({ from, to, before, after }) => {
      if (before === null || after === null) return [];
      const meters = [0, 1].map((meter) => ({
        meter,
        start: before.registers[meter]!,
        end: after.registers[meter]!,
        resolutionMilliWh: 0,
      }));
      return [testReading(context, "dep1", { kind: "spanning", from, meters }, { interval: to })];
    });
    chain.append(chain.assembleOf([[]], 0, [], spans));
    const { totals } = memberState(chain);
    assert.is(
      totals.generated + totals.corrected.generated + totals.quarantined.generated,
      generated - first[0]!,
    );
    assert.is(
      totals.consumed + totals.corrected.consumed + totals.quarantined.consumed,
      consumed - first[1]!,
    );
  }
});

settling.run();
judging.run();
