/** Random streets for the market's properties: every scale from nothing to beyond 2^53 Wh. */
import fc from "fast-check";
import type { BalanceInput } from "../../agent/core/market/balance.ts";
import type { ConsumptionOrder, CurtailmentOrder, GenerationOrder } from "../../agent/core/market/curtail.ts";
import { type MemberPosition, positionOf } from "../../agent/core/market/position.ts";
import { type MemberId, memberIdFromBytes } from "../../agent/core/membership/address.ts";
import { type IntervalIndex, intervalIndex, wh } from "../../agent/core/units.ts";

/** One member's place in a street, and the parts it is cut into: positions of the same sign that add up to its own. */
export type Cut = { readonly member: MemberId; readonly parts: readonly MemberPosition[] };

/** One random interval: as it is, in another sequence, and with one member cut into parts. */
export type MarketCase = {
  readonly input: BalanceInput;
  readonly permuted: BalanceInput;
  /** Null when nobody has a position to cut. */
  readonly cut: Cut | null;
};

/** What one member is drawn from. */
type Draw = {
  readonly generated: bigint;
  readonly consumed: bigint;
  /** 0–1 missing, 1–4 under a standing order, CLOSING the member that closes the street. */
  readonly state: number;
  readonly maxDeficit: bigint;
  readonly key: number;
};

const MOST_MEMBERS = 9;
const MOST_PARTS = 4;
const CLOSING = 11;
const HUGE = 2n ** 70n;
/** Upper bounds of one member's energy: nothing, single Wh with many ties, a household, a feeder, beyond 2^53. */
const SCALES = [0n, 1n, 4n, 20n, 5_000n, 1_000_000n, 2n ** 53n + 1n, HUGE] as const;
/** The street may feed in from nothing to twice what one member has at most. */
const FEED_IN_STEPS = 4n;
const POOL = Array.from({ length: MOST_MEMBERS + MOST_PARTS }, (_, index) => testMember(index));

/** @param index 0 … 255 @returns a member id of its own for each index */
export function testMember(index: number): MemberId {
  return memberIdFromBytes(new Uint8Array(20).fill(index + 1));
}

/** @param member whose @param generated Wh @param consumed Wh @returns its position */
export function measured(member: MemberId, generated: bigint, consumed: bigint): MemberPosition {
  return positionOf({ member, generated: wh(generated), consumed: wh(consumed) });
}

/** @param member whose @param interval it binds @param maxDeficit Wh @param wanted Wh @returns an order to draw less */
export function consumptionOrder(
  member: MemberId,
  interval: number,
  maxDeficit: bigint,
  wanted: bigint,
): ConsumptionOrder {
  const bound = { member, interval: intervalIndex(interval), wanted: wh(wanted) };
  return { kind: "consumption", ...bound, maxDeficit: wh(maxDeficit) };
}

/** @param member whose @param interval it binds @param maxExcess Wh @param wanted Wh @returns an order to feed in less */
export function generationOrder(
  member: MemberId,
  interval: number,
  maxExcess: bigint,
  wanted: bigint,
): GenerationOrder {
  const bound = { member, interval: intervalIndex(interval), wanted: wh(wanted) };
  return { kind: "generation", ...bound, maxExcess: wh(maxExcess) };
}

/** @returns arbitrary of one random interval */
export function marketCase(): fc.Arbitrary<MarketCase> {
  const draw = fc.record({
    generated: fc.bigInt({ min: 0n, max: HUGE }),
    consumed: fc.bigInt({ min: 0n, max: HUGE }),
    state: fc.nat(10),
    maxDeficit: fc.bigInt({ min: 0n, max: HUGE }),
    key: fc.nat(1000),
  });
  return fc
    .record({
      draws: fc.array(draw, { maxLength: MOST_MEMBERS - 1 }),
      scale: fc.constantFrom(...SCALES),
      isClosed: fc.boolean(),
      isIslanded: fc.boolean(),
      interval: fc.nat().map(intervalIndex),
      feedIn: fc.option(fc.bigInt({ min: 0n, max: 2n * FEED_IN_STEPS })),
      partCount: fc.integer({ min: 2, max: MOST_PARTS }),
      pick: fc.nat(),
    })
    .map(({ draws, scale, isClosed, isIslanded, interval, feedIn, partCount, pick }) => {
      const input = inputOf(isClosed ? closed(draws, scale) : draws, scale, interval, isIslanded, feedIn);
      return { input, permuted: permutedOf(input), cut: cutOf(input, partCount, pick) };
    });
}

/**
 * Puts a member's parts in its place. The others keep their sequence in the rotated tie order,
 * although rotation depends on how many members there are.
 *
 * @param input the street
 * @param cut of one of its members
 * @returns the street with the parts, without standing orders
 */
export function cutInput(input: BalanceInput, cut: Cut): BalanceInput {
  const { interval } = input;
  const parts = cut.parts.map((part) => part.member);
  const tieOrder = turned(input.tieOrder, interval).flatMap((id) => (id === cut.member ? parts : [id]));
  return {
    ...input,
    positions: input.positions.flatMap((one) => (one.member === cut.member ? cut.parts : [one])),
    tieOrder: turned(tieOrder, -interval),
    standingOrders: [],
    ineligible: new Set([...input.ineligible, ...(input.ineligible.has(cut.member) ? parts : [])]),
  };
}

/** @param list any @param places to turn it by, any sign @returns the list beginning at that place, cyclic */
export function turned<T>(list: readonly T[], places: number): readonly T[] {
  if (list.length === 0) return list;
  const first = ((places % list.length) + list.length) % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}

/** A last member that takes up exactly what the measured others leave, so that balanced streets come up too. */
function closed(draws: readonly Draw[], scale: bigint): readonly Draw[] {
  const open = draws
    .filter((draw) => draw.state > 1)
    .reduce((sum, draw) => sum + (draw.generated % (scale + 1n)) - (draw.consumed % (scale + 1n)), 0n);
  const last = open > 0n ? { generated: 0n, consumed: open } : { generated: -open, consumed: 0n };
  return [...draws, { ...last, state: CLOSING, maxDeficit: 0n, key: draws.length }];
}

function inputOf(
  draws: readonly Draw[],
  scale: bigint,
  interval: IntervalIndex,
  isIslanded: boolean,
  feedIn: bigint | null,
): BalanceInput {
  const members = draws.map((draw, index) => {
    const isClosing = draw.state === CLOSING;
    const bound = (value: bigint) => (isClosing ? value : value % (scale + 1n));
    return { ...draw, id: POOL[index]!, generated: bound(draw.generated), consumed: bound(draw.consumed) };
  });
  const byKey = [...members].sort((left, right) => left.key - right.key);
  return {
    interval,
    mode: isIslanded ? "islanded" : "grid-tied",
    feedInLimit: feedIn === null ? null : wh((feedIn * scale) / FEED_IN_STEPS),
    positions: byKey
      .filter((member) => member.state > 1)
      .map((member) => measured(member.id, member.generated, member.consumed)),
    missing: byKey
      .filter((member) => member.state <= 1)
      .map((member) => ({ member: member.id, reason: "silent" })),
    tieOrder: [...members].sort((a, b) => ((a.key * 7) % 11) - ((b.key * 7) % 11)).map((member) => member.id),
    standingOrders: byKey
      .filter((member) => member.state >= 1 && member.state <= 4)
      .map((member) =>
        standingOrder(member.id, interval, member.maxDeficit % (scale + 1n), scale, isIslanded),
      ),
    ineligible: new Set(byKey.filter((member) => member.state % 4 === 3).map((member) => member.id)),
  };
}

function standingOrder(
  member: MemberId,
  interval: IntervalIndex,
  max: bigint,
  scale: bigint,
  isIslanded: boolean,
): CurtailmentOrder {
  const wanted = max + 1n + scale / 2n;
  return isIslanded
    ? consumptionOrder(member, interval, max, wanted)
    : generationOrder(member, interval, max, wanted);
}

function permutedOf(input: BalanceInput): BalanceInput {
  return {
    ...input,
    positions: turned([...input.positions].reverse(), 1),
    missing: [...input.missing].reverse(),
    standingOrders: turned([...input.standingOrders].reverse(), 1),
  };
}

function cutOf(input: BalanceInput, partCount: number, pick: number): Cut | null {
  const candidates = input.positions.filter(({ position }) => position !== 0n);
  const whole = candidates[pick % Math.max(1, candidates.length)];
  if (whole === undefined) return null;
  let left = whole.position < 0n ? -whole.position : whole.position;
  const parts = Array.from({ length: partCount }, (_, index) => {
    const isLast = index === partCount - 1;
    const amount = isLast ? left : (left * BigInt((pick >> index) % 8)) / 7n;
    left -= amount;
    const id = POOL[MOST_MEMBERS + index]!;
    return whole.position < 0n ? measured(id, 0n, amount) : measured(id, amount, 0n);
  });
  return { member: whole.member, parts };
}
