// time limit: 300 s
/** Stored chains: what was built verifies, and no altered byte of block or certificate does. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { quorum } from "../../../../../../agent/core/consensus/quorum.ts";
import { hashOf, ZERO_HASH } from "../../../../../../agent/core/hash.ts";
import { type ChainEntry, verifyNext } from "../../../../../../agent/core/ledger/chain/chain.ts";
import { genesisState, type LedgerContext } from "../../../../../../agent/core/ledger/state/context.ts";
import { encodeState, type LedgerState, stateRoot } from "../../../../../../agent/core/ledger/state/state.ts";
import { height } from "../../../../../../agent/core/units.ts";
import { ChainBuilder, type Did, testContext } from "../../../../../support/chainBuilder.ts";
import { propertySeed } from "../../../../../support/propertySeed.ts";

const seed = propertySeed("chain");

const codeOf = (context: LedgerContext, state: LedgerState, entry: ChainEntry): string => {
  const verified = verifyNext(context, state, entry);
  return verified.kind === "accept" ? "accept" : verified.code;
};

/** Walks a chain from the genesis. @returns states before and after each entry, and the signatures verified */
function walk(chain: ChainBuilder): {
  readonly states: readonly LedgerState[];
  readonly signatures: readonly number[];
} {
  const states: LedgerState[] = [genesisState(chain.context)];
  const signatures: number[] = [];
  for (const entry of chain.entries) {
    const verified = verifyNext(chain.context, states.at(-1)!, entry);
    if (verified.kind !== "accept")
      throw new Error(`height ${entry.height}: ${verified.code} ${verified.detail}`);
    states.push(verified.value.state);
    signatures.push(verified.value.signatures);
  }
  return { states, signatures };
}

/** Four heights: plain, with a missing member, two intervals under a recall, and continued by who came in. */
function street(count: number): ChainBuilder {
  const chain = new ChainBuilder(testContext(count));
  chain.settle([{ dep1: [500, 100], dep2: [0, 300], dep3: [0, 400], dep4: [0, 0] }]);
  chain.settle([{ dep1: [500, 100], dep2: "meter-timeout", dep3: [0, 400] }]);
  chain.settle(
    [
      { dep1: [10, 100], dep2: [0, 300] },
      { dep3: [900, 0], dep4: [0, 60] },
    ],
    1,
  );
  chain.settle([{ dep1: [1, 1] }]);
  return chain;
}

const verified = suite("chain, verified");

for (const count of [1, 4]) {
  verified(`of ${count} members recomputes to the state it was built with`, () => {
    const chain = street(count);
    const { states } = walk(chain);
    assert.equal(encodeState(states.at(-1)!), encodeState(chain.state));
    for (const [index, { block }] of chain.blocks.entries()) {
      assert.is(block.header.stateRoot, stateRoot(states[index + 1]!));
      assert.is(block.header.parentHash, index === 0 ? ZERO_HASH : chain.entries[index - 1]!.blockHash);
    }
  });

  verified(`of ${count} members counts readings, mandate, own and parent's certificate`, () => {
    const chain = street(count);
    const q = quorum(count);
    const readings = chain.blocks.map(({ block }) =>
      block.body.intervals.reduce((sum, interval) => sum + interval.readings.length, 0),
    );
    const expected = readings.map((here, index) => here + q + (index > 0 ? q : 0) + (index === 2 ? q : 0));
    assert.equal(walk(chain).signatures, expected);
  });
}

verified("gives the office to the next candidate in a recall, who then continues", () => {
  const [first, second, third, fourth] = street(4).blocks.map(({ block }) => block.header);
  assert.is(second?.dso, first?.dso);
  assert.is.not(third?.dso, first?.dso);
  assert.is(fourth?.dso, third?.dso);
  assert.equal(
    [first, second, third, fourth].map((header) => [header?.term, header?.mandate]),
    [
      [1, "genesis"],
      [1, "continued"],
      [2, "recall"],
      [2, "continued"],
    ],
  );
});

verified("ends terms after as many blocks as the genesis says", () => {
  const chain = new ChainBuilder(testContext(4, { termMax: 2 }));
  for (let count = 0; count < 5; count += 1) chain.settle([{}]);
  const headers = chain.blocks.map(({ block }) => block.header);
  assert.equal(
    headers.map(({ term, mandate }) => [term, mandate]),
    [
      [1, "genesis"],
      [1, "continued"],
      [2, "term-end"],
      [2, "continued"],
      [3, "term-end"],
    ],
  );
  assert.is.not(headers[2]?.dso, headers[1]?.dso);
  walk(chain);
});

const did: fc.Arbitrary<Did> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.nat(3_000), fc.nat(3_000)) },
  { weight: 1, arbitrary: fc.constantFrom<Did>("silent", "meter-timeout", "port-gone") },
);
const day = fc.array(
  fc.record({
    intervals: fc.array(fc.record({ dep1: did, dep2: did, dep3: did, dep4: did }), {
      minLength: 1,
      maxLength: 2,
    }),
    round: fc.constantFrom(0, 0, 0, 1, 2),
  }),
  { minLength: 1, maxLength: 4 },
);

verified("of random streets recomputes, sells what is bought, and forgets no energy", () => {
  const holds = (
    heights: readonly { intervals: readonly Record<string, Did>[]; round: number }[],
    isTied: boolean,
  ) => {
    const chain = new ChainBuilder(testContext(4, { mode: isTied ? "grid-tied" : "islanded" }));
    for (const { intervals, round } of heights) chain.settle(intervals, round);
    const { states } = walk(chain);
    const totals = [...states.at(-1)!.members.values()].map((member) => member.totals);
    const sum = (pick: (total: (typeof totals)[number]) => bigint) =>
      totals.reduce((all, one) => all + pick(one), 0n);
    assert.is(
      sum((one) => one.sold),
      sum((one) => one.bought),
    );
  };
  fc.assert(fc.property(day, fc.boolean(), holds), { seed, numRuns: 25 });
});

const altered = suite("chain, altered");

altered("is refused with any byte of a stored block or certificate changed, at every position", () => {
  const chain = street(4);
  const { states } = walk(chain);
  let salt = seed;
  for (const [index, entry] of chain.entries.entries()) {
    const before = states[index]!;
    for (const part of ["block", "certificate"] as const) {
      for (let at = 0; at < entry[part].length; at += 1) {
        salt = (Math.imul(salt, 1_103_515_245) + 12_345) >>> 0;
        const flip = 1 + ((salt >>> 8) % 255);
        const other = { ...entry, [part]: entry[part].with(at, (entry[part][at] ?? 0) ^ flip) };
        const code = codeOf(chain.context, before, other);
        assert.is.not(code, "accept", `height ${entry.height}, ${part}, byte ${at} ^ ${flip}`);
      }
    }
  }
});

altered("is refused when a block or certificate is cut off or has a byte too many", () => {
  const chain = street(1);
  const { states } = walk(chain);
  const [entry] = chain.entries as [ChainEntry];
  for (const part of ["block", "certificate"] as const) {
    for (let length = 0; length < entry[part].length; length += 1)
      assert.is.not(
        codeOf(chain.context, states[0]!, { ...entry, [part]: entry[part].subarray(0, length) }),
        "accept",
      );
    const longer = Uint8Array.of(...entry[part], 0);
    assert.is.not(codeOf(chain.context, states[0]!, { ...entry, [part]: longer }), "accept");
  }
});

altered("is refused with a block stored under another height or hash, out of its turn or twice", () => {
  const { context, entries } = street(4);
  const [first, second, third] = entries as [ChainEntry, ChainEntry, ChainEntry];
  const { states } = walk(street(4));
  const [genesis, afterFirst, afterSecond] = states as [LedgerState, LedgerState, LedgerState];
  assert.is(codeOf(context, genesis, { ...first, height: height(2) }), "BLOCK_WRONG_HEIGHT");
  assert.is(codeOf(context, genesis, second), "BLOCK_WRONG_HEIGHT");
  assert.is(codeOf(context, afterFirst, first), "BLOCK_WRONG_HEIGHT");
  assert.is(codeOf(context, afterSecond, { ...second, height: third.height }), "BLOCK_WRONG_HEIGHT");
  assert.is(codeOf(context, genesis, { ...first, blockHash: hashOf(Uint8Array.of(1)) }), "BLOCK_WRONG_HASH");
  assert.is(
    codeOf(context, afterFirst, { ...second, certificate: first.certificate }),
    "PARENT_CERTIFICATE_OTHER",
  );
});

altered("is refused in another microgrid", () => {
  const chain = street(4);
  const elsewhere = testContext(4, { seed: new Uint8Array(32) });
  assert.is(codeOf(elsewhere, genesisState(elsewhere), chain.entries[0]!), "BLOCK_WRONG_CHAIN");
});

altered("is refused with any bytes in place of a block, without a throw", () => {
  const context = testContext(1);
  const state = genesisState(context);
  const holds = (block: Uint8Array, certificate: Uint8Array) => {
    const entry = { height: height(1), blockHash: hashOf(block), block, certificate };
    assert.is.not(codeOf(context, state, entry), "accept");
  };
  fc.assert(fc.property(fc.uint8Array(), fc.uint8Array(), holds), { seed, numRuns: 1_000 });
});

verified.run();
altered.run();
