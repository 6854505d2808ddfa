/** Random intervals for both markets: every mode, ties, nothing at all, amounts beyond 2^53 Wh, silence, standing orders. */
import fc from "fast-check";
import { hashOf } from "../../agent/core/hash.ts";
import type { OrderKind } from "../../agent/core/market/curtail.ts";
import { type MemberId, memberIdFromBytes } from "../../agent/core/membership/address.ts";
import {
  type EnrolledMeter,
  FUELS,
  type Fuel,
  type MeterRole,
  ROLE_SETS,
} from "../../agent/core/membership/enrolment.ts";
import type { GridMode } from "../../agent/core/membership/genesis.ts";
import { energyOf } from "../../agent/core/metering/energy.ts";
import {
  type MeterRegisters,
  MISSING_REASONS,
  type MissingReason,
  type Reading,
} from "../../agent/core/metering/reading.ts";
import { type IntervalIndex, intervalIndex, type Wh, wh } from "../../agent/core/units.ts";
import { AREAS, type DrawnTerms, drawnTerms } from "./drawTerms.ts";
import type { PaperMember, PaperStreet } from "./paperStreet.ts";

/** A member, how its connection is rated, and what it states: its reading, or nothing. */
export type DrawnMember = PaperMember & {
  readonly content: Reading["content"] | null;
};

/** An order that binds the interval: of consumption in an islanded street, of generation in a grid-tied one. */
export type DrawnOrder = {
  readonly member: MemberId;
  readonly kind: OrderKind;
  /** The largest deficit or excess that it allows. */
  readonly max: Wh;
  readonly wanted: Wh;
  readonly acknowledged: boolean;
  /** True when the block that gave it settles its interval too. */
  readonly isOfSameBlock: boolean;
};

/** Everything one interval is settled from. Members and orders come in any sequence. */
export type DrawnInterval = DrawnTerms &
  Omit<PaperStreet, "members"> & {
    readonly interval: IntervalIndex;
    readonly members: readonly DrawnMember[];
    /** Those that bind the interval. */
    readonly orders: readonly DrawnOrder[];
  };

type DrawnStreet = Omit<DrawnInterval, keyof DrawnTerms>;

/** What a street is drawn from. */
type StreetDraw = {
  readonly draws: readonly MemberDraw[];
  readonly scale: bigint;
  readonly isAlike: boolean;
  readonly isNarrow: boolean;
  readonly mode: GridMode;
  readonly interval: IntervalIndex;
  readonly seed: Uint8Array;
};

/** What one member is drawn from. */
type MemberDraw = {
  readonly address: Uint8Array;
  readonly meters: readonly EnrolledMeter[];
  readonly area: string;
  /** One member in eight is silent, one says why it has no energy. */
  readonly voice: number;
  readonly reason: MissingReason;
  readonly generated: bigint;
  readonly consumed: bigint;
  /** What the grid meter saw beyond the others: above 0 exported, below 0 imported and carried in. */
  readonly skew: bigint;
  readonly first: bigint;
  readonly isOrdered: boolean;
  readonly max: bigint;
  readonly takenAway: bigint;
  readonly acknowledged: boolean;
  readonly isOfSameBlock: boolean;
  readonly resolutionMilliWh: number;
};

const MOST_MEMBERS = 24;
/** Nothing; single Wh with many ties; households; a feeder; beyond 2^53; as much as 24 members add up to within 62 bits. */
const SCALES = [0n, 1n, 2n, 5n, 40n, 3_000n, 1_000_000n, 2n ** 53n + 1n, 2n ** 57n] as const;
/** Carries every scale: 2.4 · 10^19 Wh an interval. */
const WIDE = { ratingW: 1_000_000_000, intervalMs: 86_400_000, timeLapse: 1_000_000_000 } as const;
/** Carries 2 999.75 Wh, taken as 3 000: what a scale above reaches is set apart. */
const NARROW = { ratingW: 11_999, intervalMs: 900_000, timeLapse: 1 } as const;
const VOICES = { silent: 0, missing: 1, last: 7 } as const;
const FRAMES = hashOf(new TextEncoder().encode("frames"));
const HUGE = 2n ** 57n;

/** @returns arbitrary of one interval */
export function drawnInterval(): fc.Arbitrary<DrawnInterval> {
  return fc
    .record({
      draws: fc.uniqueArray(memberDraw(), {
        minLength: 1,
        maxLength: MOST_MEMBERS,
        size: "max",
        selector: ({ address }) => String(address),
      }),
      scale: fc.constantFrom(...SCALES),
      isAlike: fc.boolean(),
      isNarrow: fc.integer({ min: 0, max: 4 }).map((drawn) => drawn === 0),
      mode: fc.constantFrom("islanded" as const, "grid-tied" as const),
      interval: fc.nat().map(intervalIndex),
      seed: fc.uint8Array({ minLength: 16, maxLength: 32 }),
    })
    .chain((drawn) => {
      const street = streetOf(drawn);
      const terms = drawnTerms(
        street.interval,
        street.members.map(({ id }) => id),
      );
      return terms.map((given) => ({ ...street, ...given }));
    });
}

function streetOf({ draws, scale, isAlike, isNarrow, mode, interval, seed }: StreetDraw): DrawnStreet {
  const { ratingW, intervalMs, timeLapse } = isNarrow ? NARROW : WIDE;
  const one = draws[0];
  const alike = (draw: MemberDraw) =>
    isAlike && one !== undefined ? { ...draw, generated: one.generated, consumed: one.consumed } : draw;
  const members = draws.map((draw, index) => (index % 3 === 0 ? draw : alike(draw)));
  return {
    interval,
    mode,
    seed,
    intervalMs,
    timeLapse,
    members: members.map((draw) => memberOf(draw, scale, ratingW)),
    orders: members.filter(({ isOrdered }) => isOrdered).map((draw) => orderOf(draw, scale, mode)),
  };
}

function memberDraw(): fc.Arbitrary<MemberDraw> {
  const amount = fc.bigInt({ min: 0n, max: HUGE });
  return fc.record({
    address: fc.uint8Array({ minLength: 20, maxLength: 20 }),
    area: fc.constantFrom(...AREAS),
    meters: fc
      .tuple(fc.constantFrom(...ROLE_SETS), fc.constantFrom(...FUELS))
      .map(([roles, fuel]) => metersOf(roles, fuel)),
    voice: fc.nat(VOICES.last),
    reason: fc.constantFrom(...MISSING_REASONS),
    generated: amount,
    consumed: amount,
    skew: fc.bigInt({ min: -2n, max: 2n }),
    first: fc.bigInt({ min: 0n, max: 1_000_000n }),
    isOrdered: fc.integer({ min: 0, max: 3 }).map((drawn) => drawn === 0),
    max: amount,
    takenAway: amount,
    acknowledged: fc.boolean(),
    isOfSameBlock: fc.nat(5).map((drawn) => drawn === 0),
    resolutionMilliWh: fc.constantFrom(0, 1, 63, 500, 1_000, 7_813),
  });
}

/** @param roles of a gateway's meters @param fuel of its generation @returns the meters as enrolled */
export function metersOf(roles: readonly MeterRole[], fuel: Fuel): readonly EnrolledMeter[] {
  return roles.map((role) => ({ role, serial: role, fuel: role === "generation" ? fuel : null }));
}

function memberOf(draw: MemberDraw, scale: bigint, ratingW: number): DrawnMember {
  const { area, meters, voice, reason } = draw;
  const enrolled = { id: memberIdFromBytes(draw.address), area, meters, ratingW };
  if (voice === VOICES.silent) return { ...enrolled, content: null };
  if (voice === VOICES.missing) return { ...enrolled, content: { kind: "missing", reason } };
  return { ...enrolled, content: measuredOf(draw, scale) };
}

function measuredOf(draw: MemberDraw, scale: bigint): Reading["content"] {
  const roles = draw.meters.map(({ role }) => role);
  const generated = draw.generated % (scale + 1n);
  const consumed = draw.consumed % (scale + 1n);
  const exported = generated + (draw.skew > 0n ? draw.skew : 0n);
  const imported = consumed + (draw.skew < 0n ? -draw.skew : 0n);
  const advance = { generation: [generated], consumption: [consumed], grid: [imported, exported] };
  const meters = roles.map((role, meter): MeterRegisters => {
    const start = advance[role].map((_, place) => wh(draw.first + BigInt(place)));
    const end = advance[role].map((gone, place) => wh((start[place] ?? 0n) + gone));
    return { meter, start, end, resolutionMilliWh: draw.resolutionMilliWh };
  });
  const isSkewed = roles.length === 2 && roles.includes("grid");
  const carryIn = wh(isSkewed && draw.skew < 0n ? draw.skew : 0n);
  const spans = meters.map(({ start, end }, index) => ({ role: roles[index] ?? "grid", start, end }));
  const energy = energyOf(spans, carryIn);
  return {
    kind: "measured",
    startOffsetMs: 0,
    endOffsetMs: -1,
    meters,
    carryIn,
    generated: energy.generated,
    consumed: energy.consumed,
    position: wh(energy.generated - energy.consumed),
    framesHash: FRAMES,
  };
}

/** Near what was measured where that is drawn alike, so that orders are kept, just kept, and broken. */
function orderOf(draw: MemberDraw, scale: bigint, mode: GridMode): DrawnOrder {
  const bounded = (amount: bigint): Wh => wh(amount % (scale + 1n));
  const measured = mode === "islanded" ? draw.consumed - draw.generated : draw.generated - draw.consumed;
  const near = measured > 3n && draw.acknowledged ? measured - (draw.max % 4n) : draw.max;
  const max = bounded(near);
  return {
    member: memberIdFromBytes(draw.address),
    kind: mode === "islanded" ? "consumption" : "generation",
    max,
    wanted: wh(max + bounded(draw.takenAway) + 1n),
    acknowledged: draw.acknowledged,
    isOfSameBlock: draw.isOfSameBlock,
  };
}
