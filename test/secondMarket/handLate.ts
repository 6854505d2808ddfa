/** The late readings of test/vectors/lateReadings.ts as both markets take them, and what both should encode. */
import { encode } from "../../agent/core/codec.ts";
import { memberIdBytes } from "../../agent/core/membership/address.ts";
import type { MeterRole } from "../../agent/core/membership/enrolment.ts";
import { intervalIndex, wh } from "../../agent/core/units.ts";
import type { HandLate } from "../vectors/lateReadings.ts";
import { metersOf } from "./drawInterval.ts";
import type { DrawnLate } from "./drawLate.ts";
import { contentByHand, USUAL } from "./handInterval.ts";
import { cborAccountsByHand, idOf, POLICY_VERSION, termsByHand } from "./handTerms.ts";

/** Any within the policy. */
const FIRST = 10;

/** @param hand a late reading @returns it as it is settled */
export function lateByHand({ mode, did, intervals, carries = [0n, 0n], policy }: HandLate): DrawnLate {
  const from = intervalIndex(FIRST);
  const to = intervalIndex(FIRST + intervals - 1);
  const measured = contentByHand({ member: "A", did });
  if (measured?.kind !== "measured") throw new RangeError("a late reading has registers");
  const { meters } = measured;
  const [before, after] = carries;
  const edge = (side: "start" | "end", carry: bigint) => ({
    registers: meters.map((meter) => meter[side]),
    carry: wh(carry),
  });
  const { policies, money } = termsByHand({ interval: FIRST, terms: { policy, accounts: [] } });
  return {
    ...USUAL,
    mode,
    seed: new Uint8Array(),
    members: [
      {
        id: idOf("A"),
        area: "street",
        meters: metersOf(Object.keys(did) as MeterRole[], "solar"),
        ratingW: USUAL.ratingW,
      },
    ],
    member: idOf("A"),
    interval: to,
    content: intervals === 1 ? measured : { kind: "spanning", from, meters },
    gap: { from, to, before: edge("start", before), after: edge("end", after), swaps: [] },
    policies,
    money,
  };
}

/** @param hand a late reading @returns the bytes that both markets have to come to */
export function encodedLateByHand({ expected }: HandLate): Uint8Array {
  const { against, generated, consumed, prices, amount } = expected;
  const version = against === "quarantined" ? null : POLICY_VERSION;
  const moved = amount === 0n ? [] : ([["A", amount] as const, ["supplier", -amount] as const] as const);
  const accounts =
    against === "imbalance" ? ([["imbalance", -amount] as const, ["A", amount] as const] as const) : moved;
  return encode([
    [memberIdBytes(idOf("A")), against, generated, consumed, version, prices, amount],
    cborAccountsByHand(accounts),
  ]);
}
