/** Planted bugs of metering, market and ledger. */
import type { PlantedBug } from "../plantedBugSpec.ts";

const FOUR = [{ mode: "safety", members: 4 }] as const;
const CENSOR = [{ mode: "censor", members: 4 }] as const;
const LIAR = [
  { mode: "liar", members: 4 },
  { mode: "liar", members: 7 },
] as const;

export const SETTLEMENT_BUGS: readonly PlantedBug[] = [
  {
    name: "float in settlement",
    patches: [
      {
        file: "agent/core/market/split.ts",
        from: "amounts.map((amount) => (total * amount) / sum)",
        to: "amounts.map((amount) => BigInt(Math.round(Number(total * amount) / Number(sum))))",
      },
    ],
    hunts: FOUR,
  },
  {
    name: "tie order not rotated",
    patches: [
      {
        file: "agent/core/market/tieOrder.ts",
        from: "const first = interval % order.length;",
        to: "const first = 0 * interval;",
      },
    ],
    hunts: FOUR,
  },
  {
    name: "registers need not continue",
    patches: [
      {
        file: "agent/core/metering/validate.ts",
        from: "return follows(standing.coverage, interval, piece)",
        to: "return follows(standing.coverage, interval, { ...piece, start: null })",
      },
    ],
    hunts: FOUR,
  },
  {
    name: "figures of a reading are believed",
    patches: [
      {
        file: "agent/core/metering/validate.ts",
        from: 'return agrees ? undefined : reject("READING_INCONSISTENT", member.id);',
        to: "void agrees; return undefined;",
      },
    ],
    hunts: FOUR,
  },
  {
    name: "a carry is dropped",
    patches: [
      {
        file: "agent/core/metering/energy.ts",
        from: "{ generated: wh(generated), consumed: wh(0n), carry: wh(consumed) }",
        to: "{ generated: wh(generated), consumed: wh(0n), carry: wh(0n) }",
      },
    ],
    hunts: FOUR,
  },
  {
    name: "mandate not checked",
    patches: [
      {
        file: "agent/core/ledger/blocks/judgeBlock.ts",
        from: "return judgeMandate(seatingOf(context, state), header.height, claim, freshRound);",
        to: "void [judgeMandate, seatingOf, state, freshRound]; return accept(claim);",
      },
    ],
    hunts: LIAR,
  },
  {
    name: "a block is not compared with what was computed",
    patches: [
      {
        file: "agent/core/ledger/blocks/judgeBlock.ts",
        from: "if (!equalBytes(encodeBlock(assembled.block), encoded))",
        to: "if (equalBytes(encodeBlock(assembled.block), new Uint8Array()))",
      },
    ],
    hunts: LIAR,
  },
  {
    name: "readings may stand in any order",
    patches: [
      {
        file: "agent/core/ledger/settlement/settleInterval.ts",
        from: "if (signed.reading.member <= previous)",
        to: 'if (previous === "never")',
      },
    ],
    hunts: LIAR,
  },
  {
    name: "an interval may be closed before its end",
    patches: [
      {
        file: "agent/services/agreement/blockJudge.ts",
        from: "const waitMs = endedAtMs - CLOCK_SKEW_MS - clock.nowMs();",
        to: "const waitMs = Math.min(0, endedAtMs - CLOCK_SKEW_MS - clock.nowMs());",
      },
    ],
    hunts: LIAR,
  },
  {
    name: "readings stand in the order they came in",
    patches: [
      {
        file: "agent/services/pools/readingPool.ts",
        from: "=> byMemberAndTime(left.signed, right.signed)",
        to: "=> 0 * byMemberAndTime(left.signed, right.signed)",
      },
    ],
    hunts: FOUR,
  },
  {
    name: "the Wh that a split leaves over is lost",
    patches: [
      {
        file: "agent/core/market/split.ts",
        from: "ranked.slice(0, howMany)",
        to: "ranked.slice(0, howMany - 1)",
      },
    ],
    hunts: FOUR,
  },
  {
    name: "what was bought is not added up",
    patches: [
      {
        file: "agent/core/ledger/settlement/settleInterval.ts",
        from: "buyer.bought += traded",
        to: "buyer.bought += 0n * traded",
      },
    ],
    hunts: FOUR,
  },
  {
    name: "a restarted gateway states an interval again",
    patches: [
      {
        file: "agent/services/metering/firstUnstated.ts",
        from: "  return first;",
        to: "  return (0 * first) as IntervalIndex;",
      },
    ],
    hunts: FOUR,
  },
  {
    name: "standing orders are forgotten",
    patches: [
      {
        file: "agent/core/ledger/settlement/standingOrders.ts",
        from: "return orders.filter((order) => order.interval === interval && roster.byId.has(order.member));",
        to: "return orders.filter(() => interval < 0 && roster === undefined);",
      },
    ],
    hunts: FOUR,
  },
  {
    name: "no order is ever exceeded",
    patches: [
      {
        file: "agent/core/market/compliance.ts",
        from: "measured <= most ?",
        to: "measured <= most || most >= 0n ?",
      },
    ],
    hunts: FOUR,
  },
  {
    name: "anybody acknowledges an order",
    patches: [
      {
        file: "agent/core/ledger/transactions/acknowledge.ts",
        from: "order.member === signer &&",
        to: "signer !== null &&",
      },
    ],
    hunts: CENSOR,
  },
  {
    name: "a reading of a closed interval is settled",
    patches: [
      {
        file: "agent/core/metering/validate.ts",
        from: 'if (gap === undefined) return ignore("READING_SETTLED", placeOf(signed));',
        to: "if (gap === undefined) return accept(signed);",
      },
    ],
    hunts: FOUR,
  },
  {
    name: "readings need no right signature",
    patches: [
      {
        file: "agent/core/metering/validate.ts",
        from: "if (!verify(member.publicKey, readingSignBytes(reading, roster.chainId, roster.epoch), signature)) {",
        to: "if (readingSignBytes(reading, roster.chainId, roster.epoch).length + signature.length === 0 && verify === undefined) {",
      },
    ],
    hunts: FOUR,
  },
];
