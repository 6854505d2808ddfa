/**
 * Compliance: what the meters say of an order once its interval is settled. Nobody's word counts: an acknowledgement
 * says that a member meant to obey, the reading says whether it did.
 *
 * @source docs/market.md, "Compliance"
 */
import type { MemberId } from "../membership/address.ts";
import { type Height, type Wh, wh } from "../units.ts";
import { maxOf, type OrderKind, type StandingOrder } from "./curtail.ts";
import type { MemberPosition } from "./position.ts";
import { byMemberId } from "./tieOrder.ts";

/** What the meters say of an order. */
export const COMPLIANCE_RESULTS = ["complied", "exceeded", "unknown"] as const;
export type ComplianceResult = (typeof COMPLIANCE_RESULTS)[number];

/** One order, judged. */
export type ComplianceEntry = {
  readonly member: MemberId;
  readonly kind: OrderKind;
  /** The largest deficit or excess that was allowed, Wh ≥ 0. */
  readonly max: Wh;
  /** Deficit or excess as measured, Wh ≥ 0; null for a member that is missing. */
  readonly measured: Wh | null;
  readonly acknowledged: boolean;
  /** "unknown" also where the block that gave the order settles its interval: nobody could know of it in time. */
  readonly result: ComplianceResult;
};

/** What the compliance of one settled interval follows from. */
export type ComplianceInput = {
  /** Of the block that settles the interval. */
  readonly height: Height;
  /** The orders that bound the interval. */
  readonly orders: readonly StandingOrder[];
  /** Of every measured member. */
  readonly positions: readonly MemberPosition[];
  /** Coarsest steps of each measured member's meters, added up, in thousandths of a Wh. */
  readonly resolutions: ReadonlyMap<MemberId, number>;
};

const MILLI_PER_WH = 1000n;
/** What a limit may be exceeded by, as a part of it: regulating to a limit is not exact. */
const TOLERANCE_DIVISOR = 50n;

/**
 * Judges the orders of an interval by its readings.
 *
 * @param input orders, positions and how exact they are
 * @returns one entry an order, ascending by member id
 * @source docs/market.md, "Compliance"
 */
export function complianceOf(input: ComplianceInput): readonly ComplianceEntry[] {
  const positions = new Map(input.positions.map((entry) => [entry.member, entry.position]));
  return input.orders
    .map((order): ComplianceEntry => {
      const { member, kind, acknowledged } = order;
      const position = positions.get(member);
      const measured = position === undefined ? null : sideOf(kind, position);
      const entry = { member, kind, max: maxOf(order), measured, acknowledged };
      if (measured === null || order.givenAt === input.height) return { ...entry, result: "unknown" };
      const most = toleratedWh(entry.max, input.resolutions.get(member) ?? 0);
      return { ...entry, result: measured <= most ? "complied" : "exceeded" };
    })
    .sort(byMemberId);
}

/**
 * @param max of an order, Wh ≥ 0
 * @param resolutionMilliWh coarsest steps of the member's meters, added up
 * @returns the most that may be measured under it: the limit, what the meters cannot tell up to a whole Wh, and 2 %
 * @source docs/market.md, "Compliance"
 */
export function toleratedWh(max: Wh, resolutionMilliWh: number): Wh {
  const resolution = (BigInt(resolutionMilliWh) + MILLI_PER_WH - 1n) / MILLI_PER_WH;
  return wh(max + resolution + max / TOLERANCE_DIVISOR);
}

function sideOf(kind: OrderKind, position: Wh): Wh {
  const amount = kind === "consumption" ? -position : position;
  return wh(amount > 0n ? amount : 0n);
}
