/** Planted bugs of late readings: of what is settled after its block, and what never is. */
import type { PlantedBug } from "../plantedBugSpec.ts";

const COVERAGE = "agent/core/metering/coverage.ts";
const HUNTS = [
  { mode: "safety", members: 4 },
  { mode: "liveness", members: 4 },
] as const;
const HEALED = [{ mode: "liveness", members: 4 }] as const;
/** A clock must be wrong where a gap begins, which takes many seeds. */
const HEALED_RARE = [
  { mode: "liveness", members: 4 },
  { mode: "liveness", members: 5 },
  { mode: "liveness", members: 6 },
] as const;

export const LATE_BUGS: readonly PlantedBug[] = [
  {
    name: "a late reading leaves its gap open and is settled twice",
    patches: [
      {
        file: COVERAGE,
        from: "if (piece.from < gap.from || piece.to > gap.to) return [gap];",
        to: "if (gap.from > 0) return [gap];",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a spanning reading may overlap what is settled",
    patches: [
      {
        file: COVERAGE,
        from: "gaps.find((gap) => gap.from <= from && to <= gap.to)",
        to: "gaps.find((gap) => gap.from <= to && from <= gap.to)",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a gap is forgotten when the next one opens",
    patches: [
      {
        file: COVERAGE,
        from: "const settled = isOpenBefore ? gaps.slice(0, -1) : gaps;",
        to: "const settled = gaps.slice(0, 0);",
      },
    ],
    hunts: HEALED,
  },
  {
    name: "late registers need not join",
    patches: [
      {
        file: "agent/core/metering/validate.ts",
        from: "return isAnchored && joins(gap, piece) ?",
        to: "return isAnchored || joins(gap, piece) ?",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a late reading takes the edge with it wherever it lies",
    patches: [
      {
        file: COVERAGE,
        from: "const isLast = piece.to === nextInterval - 1;",
        to: "const isLast = piece.to < nextInterval;",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "late energy has no bound",
    patches: [
      {
        file: "agent/core/ledger/settlement/lateSection.ts",
        from: "const against = isPlausible(reading, member, piece, boundWh) ?",
        to: "const against = isPlausible(reading, member, piece, boundWh) || gap !== undefined ?",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "late energy is counted as traded in time",
    patches: [
      {
        file: "agent/core/ledger/settlement/lateSection.ts",
        from: "generated: wh(before.generated + generated),",
        to: "generated: before.generated,",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a span drops what was carried before it",
    patches: [
      {
        file: "agent/core/metering/energy.ts",
        from: "consumed: wh(consumed + carry - after)",
        to: "consumed: wh(consumed + 0n * (carry - after))",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "nobody offers late what missed its block",
    patches: [
      {
        file: "agent/services/pools/pendingReadings.ts",
        from: "|| isOpenLate(context, state, signed);",
        to: "|| !isOpenLate(context, state, signed);",
      },
      {
        file: "agent/services/pools/readingPool.ts",
        from: "for (const pooled of readings.values()) late.keep(pooled);",
        to: "void [readings, late];",
      },
    ],
    hunts: HEALED,
  },
  {
    name: "no DSO settles anything late",
    patches: [
      {
        file: "agent/services/pools/chooseLate.ts",
        from: ".slice(0, most)",
        to: ".slice(0, 0 * most)",
      },
    ],
    hunts: HEALED,
  },
  {
    name: "a gap is spanned while own readings wait in it",
    patches: [
      {
        file: "agent/core/metering/unspanned.ts",
        from: "return isWaiting ? [] : spanOf(gap);",
        to: "void isWaiting; return spanOf(gap);",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a gap waits for own readings that can never be settled late",
    patches: [
      {
        file: "agent/services/pools/pendingReadings.ts",
        from: "isOpenLate(context, state, signed) && !pool.isVoided(signed)",
        to: "!pool.isVoided(signed)",
      },
    ],
    hunts: HEALED_RARE,
  },
];
