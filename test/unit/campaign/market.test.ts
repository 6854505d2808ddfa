// time limit: 300 s
/** The campaign of the market: each of its properties finds a bug that is planted in the sources, and its chunks add up. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ChunkResult } from "../../campaign/chunk.ts";
import { readOptions } from "../../campaign/options.ts";
import { PROPERTIES } from "../../campaign/properties.ts";
import { addResult, CHUNK_CASES, chunksLeft, readResults, reportText } from "../../campaign/results.ts";
import { type Patch, withPlantedBug } from "../../support/plantedBug.ts";
import { propertySeed } from "../../support/propertySeed.ts";
import { withTemporaryDirectory } from "../../support/temporaryDirectory.ts";

const seed = propertySeed("campaign market");
const CASES = 200;
/** One that finds every planted bug: whether another does within as many cases is a matter of luck. */
const PLANTED_SEED = 2;
const CASES_UNTIL_FOUND = 3_000;

const sound = suite("campaign of the market");

for (const [name, run] of Object.entries(PROPERTIES)) {
  sound(`finds nothing in ${CASES} cases of ${name}`, () => {
    assert.is(run(seed, CASES), null);
  });
}

sound.run();

const planted = suite("campaign of the market, planted bugs");

const SPLIT = "agent/core/market/split.ts";
const BUGS: readonly {
  readonly property: string;
  readonly finds: string;
  readonly patches: readonly Patch[];
}[] = [
  {
    property: "energy",
    finds: "not-conserved",
    patches: [
      {
        file: "agent/core/market/balance.ts",
        from: "unsold: wh(excess - traded)",
        to: "unsold: wh(excess - excess)",
      },
    ],
  },
  {
    property: "coins",
    finds: "account-wrong",
    patches: [
      {
        file: "agent/core/market/settle.ts",
        from: '    posting("rounding", paid - received),',
        to: '    posting("fees", paid - received),',
      },
    ],
  },
  {
    property: "permutation",
    finds: "permutation-matters",
    patches: [
      {
        file: SPLIT,
        from: "return ordered;",
        to: "return amounts.length > 0 ? amounts : ordered;",
      },
    ],
  },
  {
    property: "cut",
    finds: "cut-moves-too-much",
    patches: [
      {
        file: "agent/core/market/balance.ts",
        from: "deficitSide.push({ member, wh: wh(-position) })",
        to: "deficitSide.push({ member, wh: wh(-position > 10n ? 10n : -position) })",
      },
    ],
  },
  {
    property: "replay",
    finds: "settled-again",
    patches: [
      {
        file: "agent/core/metering/coverage.ts",
        from: "if (piece.from < gap.from || piece.to > gap.to) return [gap];",
        to: "if (piece.from <= piece.to) return [gap];",
      },
    ],
  },
  {
    property: "registers",
    finds: "registers-not-accounted",
    patches: [
      {
        file: "agent/core/metering/energy.ts",
        from: "consumed: wh(0n), carry: wh(consumed) }",
        to: "consumed: wh(0n), carry: wh(0n) }",
      },
    ],
  },
  {
    property: "auction",
    finds: "price-not-of-the-rule",
    patches: [{ file: "agent/core/market/auction.ts", from: "(lo + hi) / 2n", to: "(lo + hi + 1n) / 2n" }],
  },
  {
    property: "claims",
    finds: "claimed-twice",
    patches: [
      {
        file: "agent/core/market/provenance.ts",
        from: "open.set(member, without(left, part));",
        to: "open.set(member, left);",
      },
    ],
  },
];

for (const { property, finds, patches } of BUGS) {
  planted(`are found by ${property}: ${finds}`, async () => {
    const fault = await withPlantedBug(
      "test/campaign/properties.ts",
      patches,
      (exports: { readonly PROPERTIES: typeof PROPERTIES }) =>
        exports.PROPERTIES[property]?.(PLANTED_SEED, CASES_UNTIL_FOUND) ?? null,
    );
    assert.ok(fault?.what.includes(finds), `${finds} in ${fault?.what}`);
  });
}

planted("are one for each property", () => {
  assert.equal(BUGS.map(({ property }) => property).toSorted(), Object.keys(PROPERTIES).toSorted());
});

planted.run();

const counting = suite("campaign of the market, counted");
const result = (property: string, place: number, isFault = false): ChunkResult => ({
  property,
  seed: 5,
  place,
  cases: CHUNK_CASES,
  fault: isFault ? { what: "coins-not-conserved", counterexample: "[1]" } : null,
});
const WANTED = { properties: ["coins", "cut"], seed: 5, cases: 2 * CHUNK_CASES + 7 };

counting("runs what the file does not have yet, the properties in turns", () => {
  assert.equal(
    chunksLeft(WANTED, []).map(({ property, place, cases }) => [property, place, cases]),
    [0, 1, 2].flatMap((place) =>
      ["coins", "cut"].map((name) => [name, place, place === 2 ? 7 : CHUNK_CASES]),
    ),
  );
  const left = chunksLeft(WANTED, [result("coins", 0), result("cut", 1)]);
  assert.equal(
    left.map(({ property, place }) => `${property} ${place}`),
    ["cut 0", "coins 1", "coins 2", "cut 2"],
  );
  assert.is(chunksLeft({ ...WANTED, seed: 6 }, [result("coins", 0)]).length, 6, "another seed begins anew");
});

counting("goes on from its file, whose last line may be torn", () =>
  withTemporaryDirectory(async (directory) => {
    const file = join(directory, "a", "market.jsonl");
    assert.equal(readResults(file), []);
    addResult(file, result("coins", 0));
    addResult(file, result("cut", 0, true));
    assert.equal(readResults(file), [result("coins", 0), result("cut", 0, true)]);
    const report = reportText(readResults(file));
    assert.match(report, /coins +10000 cases, seed 5/);
    assert.match(report, "FAULT cut: coins-not-conserved (--seed 5, chunk 0");
    assert.match(report, "1 passed, 1 failed");
  }),
);

counting("refuses a command line that it does not know", () => {
  for (const args of [["--cases", "0"], ["--property", "beauty"], ["--workers", "many"], ["--nonsense"]])
    assert.throws(() => readOptions(args));
  assert.is(readOptions([]).cases, 1_000_000);
});

counting.run();
