/** Blocks as bytes, and the root that commits to every fact of their body. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encode } from "../../../../../../agent/core/codec.ts";
import { MAX_BODY_BYTES } from "../../../../../../agent/core/consensus/messageCodec.ts";
import { hashOf, ZERO_HASH } from "../../../../../../agent/core/hash.ts";
import {
  type Block,
  type BlockBody,
  type BlockHeader,
  blockHash,
  bodyRoot,
  encodeBlock,
  MAX_INTERVALS_PER_BLOCK,
  readBlock,
} from "../../../../../../agent/core/ledger/blocks/block.ts";
import {
  intervalBytesAtMost,
  type SettledInterval,
} from "../../../../../../agent/core/ledger/settlement/settledInterval.ts";
import type { IntervalOutcome } from "../../../../../../agent/core/market/balance.ts";
import type { ComplianceEntry } from "../../../../../../agent/core/market/compliance.ts";
import { height, intervalIndex, term, wh } from "../../../../../../agent/core/units.ts";
import { ChainBuilder, type Did, memberNamed, testContext } from "../../../../../support/chainBuilder.ts";
import { consumptionOrder } from "../../../../../support/marketCases.ts";
import { propertySeed } from "../../../../../support/propertySeed.ts";

const seed = propertySeed("block");
const islanded = testContext(4);
const tied = testContext(4, { mode: "grid-tied" });

/** Two blocks: the first settles trades and an order, the second two intervals, one of them with a missing member. */
function chainOf(context = islanded): ChainBuilder {
  const chain = new ChainBuilder(context);
  chain.settle([{ dep1: [500, 100], dep2: [0, 300], dep3: [0, 400], dep4: [0, 0] }]);
  chain.settle([
    { dep1: [500, 100], dep2: [0, 300], dep3: "meter-timeout", dep4: [7, 7] },
    { dep1: [0, 100], dep2: [900, 0], dep3: [0, 1], dep4: [0, 2_751] },
  ]);
  return chain;
}

const blocks = suite("block");

blocks("comes back from its bytes as it was, islanded and grid-tied", () => {
  for (const context of [islanded, tied]) {
    for (const { block } of chainOf(context).blocks)
      assert.equal(readBlock(encodeBlock(block)), { kind: "accept", value: block });
  }
});

const did: fc.Arbitrary<Did> = fc.oneof(
  fc.tuple(fc.nat(3_000), fc.nat(3_000)),
  fc.constantFrom<Did>("silent", "meter-timeout", "register-reset"),
);
const street = fc.record({ dep1: did, dep2: did, dep3: did, dep4: did });

blocks("of random intervals come back as they were, within the bound a DSO counts with", () => {
  const holds = (intervals: readonly Record<string, Did>[], isTied: boolean) => {
    const chain = new ChainBuilder(isTied ? tied : islanded);
    const { block } = chain.assemble(intervals);
    assert.equal(readBlock(encodeBlock(block)), { kind: "accept", value: block });
    const empty = encodeBlock({ ...block, body: { ...block.body, intervals: [] } }).length;
    const bound = block.body.intervals.reduce((sum, settled) => sum + intervalBytesAtMost(settled), empty);
    assert.ok(encodeBlock(block).length <= bound);
  };
  fc.assert(fc.property(fc.array(street, { minLength: 1, maxLength: 3 }), fc.boolean(), holds), {
    seed,
    numRuns: 60,
  });
});

const header: BlockHeader = chainOf().blocks[1]?.block.header ?? ({} as never);
const OTHER_HEADERS: Readonly<Record<string, Partial<BlockHeader>>> = {
  chain: { chainId: ZERO_HASH },
  epoch: { epoch: 1 },
  height: { height: height(3) },
  parent: { parentHash: ZERO_HASH },
  "first interval": { from: intervalIndex(7) },
  "last interval": { to: intervalIndex(7) },
  DSO: {
    dso:
      memberNamed(islanded, "dep1").id === header.dso
        ? memberNamed(islanded, "dep2").id
        : memberNamed(islanded, "dep1").id,
  },
  term: { term: term(9) },
  mandate: { mandate: "term-end" },
  "body root": { bodyRoot: ZERO_HASH },
  "state root": { stateRoot: ZERO_HASH },
};

blocks("has another hash with another value of any field of its header", () => {
  const hashes = new Set(
    [header, ...Object.values(OTHER_HEADERS).map((other) => ({ ...header, ...other }))].map(blockHash),
  );
  assert.is(hashes.size, Object.keys(OTHER_HEADERS).length + 1);
});

const [first, second] = [...(chainOf().blocks[1]?.block.body.intervals ?? [])] as [
  SettledInterval,
  SettledInterval,
];
const body: BlockBody = chainOf().blocks[1]?.block.body ?? ({} as never);
const withFirst = (changes: Partial<IntervalOutcome>): Partial<BlockBody> => ({
  intervals: [{ ...first, outcome: { ...first.outcome, ...changes } }, second],
});
const [trade] = first.outcome.trades;
const [missing] = first.outcome.missing;
const [order] = first.outcome.orders;
const residual = { member: memberNamed(islanded, "dep1").id, kind: "bought", wh: wh(1n) } as const;
const compliance: ComplianceEntry = {
  member: memberNamed(islanded, "dep1").id,
  kind: "consumption",
  max: wh(2n),
  measured: wh(2n),
  acknowledged: true,
  result: "complied",
};
const { signal } = first.outcome;

const OTHER_BODIES: Readonly<Record<string, Partial<BlockBody>>> = {
  "no parent certificate": { parentCertificate: null },
  "another parent certificate": { parentCertificate: new Uint8Array(1) },
  "a mandate's proof": { mandateProof: new Uint8Array(1) },
  "an interval less": { intervals: [first] },
  "the intervals swapped": { intervals: [second, first] },
  "another interval number": { intervals: [{ ...first, interval: intervalIndex(9) }, second] },
  "a reading less": { intervals: [{ ...first, readings: first.readings.slice(1) }, second] },
  "the readings swapped": { intervals: [{ ...first, readings: [...first.readings].reverse() }, second] },
  "a reading in another interval": {
    intervals: [
      { ...first, readings: first.readings.slice(0, -1) },
      { ...second, readings: [...first.readings.slice(-1), ...second.readings] },
    ],
  },
  "another signature of a reading": {
    intervals: [
      { ...first, readings: first.readings.map((one) => ({ ...one, signature: new Uint8Array(64) })) },
      second,
    ],
  },
  "no trade": withFirst({ trades: [] }),
  "a trade of a Wh more": withFirst({ trades: [{ ...trade!, wh: wh(trade!.wh + 1n) }] }),
  "a trade the other way": withFirst({ trades: [{ from: trade!.to, to: trade!.from, wh: trade!.wh }] }),
  "a trade twice": withFirst({ trades: [trade!, trade!] }),
  "another excess": withFirst({ signal: { ...signal, excess: wh(1n) } }),
  "another deficit": withFirst({ signal: { ...signal, deficit: wh(1n) } }),
  "another unmet deficit": withFirst({ signal: { ...signal, unmet: wh(1n) } }),
  "another unsold excess": withFirst({ signal: { ...signal, unsold: wh(1n) } }),
  "another stop reason": withFirst({ stop: first.outcome.stop === "balanced" ? "no-excess" : "balanced" }),
  "nobody missing": withFirst({ missing: [] }),
  "another reason": withFirst({ missing: [{ ...missing!, reason: "silent" }] }),
  "another order": withFirst({
    orders: order === undefined ? [consumptionOrder(trade!.to, 9, 0n, 1n)] : [],
  }),
  "a word on an order": { intervals: [{ ...first, compliance: [compliance] }, second] },
  "a word on an order of generation": {
    intervals: [{ ...first, compliance: [{ ...compliance, kind: "generation" }] }, second],
  },
  "another limit of an order": {
    intervals: [{ ...first, compliance: [{ ...compliance, max: wh(1n) }] }, second],
  },
  "an order of whom nothing is known": {
    intervals: [{ ...first, compliance: [{ ...compliance, measured: null }] }, second],
  },
  "an order not acknowledged": {
    intervals: [{ ...first, compliance: [{ ...compliance, acknowledged: false }] }, second],
  },
  "an order exceeded": {
    intervals: [{ ...first, compliance: [{ ...compliance, result: "exceeded" }] }, second],
  },
  "a residual": withFirst({ residuals: [residual] }),
  "a residual fed in": withFirst({ residuals: [{ ...residual, kind: "fed-in" }] }),
};

blocks("has another body root with any fact changed, moved or left out", () => {
  const roots = new Map([["the body itself", bodyRoot(body)]]);
  for (const [name, other] of Object.entries(OTHER_BODIES)) roots.set(name, bodyRoot({ ...body, ...other }));
  const same = [...roots].filter(([name, root]) =>
    [...roots].some(([other, its]) => other !== name && its === root),
  );
  assert.equal(same, []);
});

const reading = suite("block, read");

const codeOf = (bytes: Uint8Array) => {
  const read = readBlock(bytes);
  return read.kind === "accept" ? "accept" : read.code;
};
const withIntervals = (intervals: readonly SettledInterval[]): Block => ({
  header,
  body: { ...body, intervals },
});

reading("is refused by value when it is none", () => {
  assert.is(codeOf(new Uint8Array()), "NOT_CBOR");
  assert.is(codeOf(new Uint8Array(MAX_BODY_BYTES + 1)), "MESSAGE_TOO_LONG");
  assert.is(codeOf(encode([])), "BAD_SHAPE");
  assert.is(codeOf(encode("block")), "BAD_SHAPE");
});

reading("takes 96 intervals and no more", () => {
  const empty: SettledInterval = { ...first, readings: [], outcome: { ...first.outcome, positions: [] } };
  const many = (count: number) => Array.from({ length: count }, () => empty);
  assert.is(codeOf(encodeBlock(withIntervals(many(MAX_INTERVALS_PER_BLOCK)))), "accept");
  assert.is(codeOf(encodeBlock(withIntervals(many(MAX_INTERVALS_PER_BLOCK + 1)))), "BAD_SHAPE");
});

const OUT_OF_BOUNDS: Readonly<Record<string, Block>> = {
  "a negative trade": { header, body: { ...body, ...withFirst({ trades: [{ ...trade!, wh: wh(-1n) }] }) } },
  "a negative signal": {
    header,
    body: { ...body, ...withFirst({ signal: { ...signal, excess: wh(-1n) } }) },
  },
  "an unknown stop reason": { header, body: { ...body, ...withFirst({ stop: "tired" as "balanced" }) } },
  "a reason of 33 letters": {
    header,
    body: { ...body, ...withFirst({ missing: [{ ...missing!, reason: "a".repeat(33) }] }) },
  },
  "an unknown residual": {
    header,
    body: { ...body, ...withFirst({ residuals: [{ ...residual, kind: "lost" as "bought" }] }) },
  },
  "an unknown word on an order": {
    header,
    body: {
      ...body,
      intervals: [{ ...first, compliance: [{ ...compliance, result: "nearly" as "complied" }] }],
    },
  },
  "an unknown mandate": { header: { ...header, mandate: "coup" as "recall" }, body },
  "a certificate beyond 128 KiB": { header, body: { ...body, parentCertificate: new Uint8Array(131_073) } },
};

for (const [name, block] of Object.entries(OUT_OF_BOUNDS)) {
  reading(`refuses ${name}`, () => assert.is(codeOf(encodeBlock(block)), "BAD_SHAPE"));
}

reading("judges any bytes without a throw", () => {
  const encoded = encodeBlock({ header, body });
  const holds = (at: number, byte: number, cut: number) => {
    codeOf(encoded.with(at % encoded.length, byte));
    codeOf(encoded.subarray(0, cut % encoded.length));
  };
  fc.assert(fc.property(fc.nat(), fc.nat(255), fc.nat(), holds), { seed, numRuns: 2_000 });
  assert.is(hashOf(encoded).length, 64);
});

blocks.run();
reading.run();
