/** How curtailment orders and what became of them are written down, in a block and in the state. */
import { type Cbor, count, energy, interval, nullable, oneOf, tuple } from "../../codec.ts";
import { COMPLIANCE_RESULTS, type ComplianceEntry } from "../../market/compliance.ts";
import { type CurtailmentOrder, maxOf, ORDER_KINDS, type StandingOrder } from "../../market/curtail.ts";
import { memberDecoder, memberIdBytes } from "../../membership/address.ts";
import { height } from "../../units.ts";

/** @param order of an outcome @returns its place in a block */
export function cborOrder(order: CurtailmentOrder): Cbor {
  return [memberIdBytes(order.member), order.kind, order.interval, maxOf(order), order.wanted];
}

/** Decoder of {@link cborOrder}. */
export function orderDecoder(value: unknown): CurtailmentOrder {
  const [member, kind, at, max, wanted] = tuple(
    memberDecoder,
    oneOf(ORDER_KINDS),
    interval,
    energy,
    energy,
  )(value);
  const bound = { member, interval: at, wanted };
  return kind === "consumption" ? { kind, ...bound, maxDeficit: max } : { kind, ...bound, maxExcess: max };
}

/** @param order that stands @returns its place in the state */
export function cborStandingOrder(order: StandingOrder): Cbor {
  return [cborOrder(order), order.acknowledged, order.givenAt];
}

/** Decoder of {@link cborStandingOrder}. */
export function standingOrderDecoder(value: unknown): StandingOrder {
  const [order, acknowledged, givenAt] = tuple(orderDecoder, oneOf([true, false]), count())(value);
  return { ...order, acknowledged, givenAt: height(givenAt) };
}

/** @param entry of a settled interval @returns its place in a block */
export function cborCompliance({ member, kind, max, measured, acknowledged, result }: ComplianceEntry): Cbor {
  return [memberIdBytes(member), kind, max, measured, acknowledged, result];
}

/** Decoder of {@link cborCompliance}. */
export function complianceDecoder(value: unknown): ComplianceEntry {
  const [member, kind, max, measured, acknowledged, result] = tuple(
    memberDecoder,
    oneOf(ORDER_KINDS),
    energy,
    nullable(energy),
    oneOf([true, false]),
    oneOf(COMPLIANCE_RESULTS),
  )(value);
  return { member, kind, max, measured, acknowledged, result };
}
