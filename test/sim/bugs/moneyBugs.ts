/** Planted bugs of money and policies: coins that vanish, and prices that nobody decided. */
import type { PlantedBug } from "../plantedBugSpec.ts";

const SETTLE = "agent/core/market/settle.ts";
const HUNTS = [
  { mode: "safety", members: 4 },
  { mode: "liveness", members: 4 },
] as const;
/** Without it no list of postings that loses a coin comes to the books at all. */
const UNBALANCED = {
  file: "agent/core/market/accounts.ts",
  from: "if (total !== 0n) throw",
  to: "if (total > 0n && total < 0n) throw",
};

export const MONEY_BUGS: readonly PlantedBug[] = [
  {
    name: "a coin is lost in rounding",
    patches: [UNBALANCED, { file: SETTLE, from: '    posting("rounding", paid - received),\n', to: "" }],
    hunts: HUNTS,
  },
  {
    name: "a fee is paid and not posted",
    patches: [UNBALANCED, { file: SETTLE, from: '    posting("fees", fee),\n', to: "" }],
    hunts: HUNTS,
  },
  {
    name: "who pays is rounded down like who is paid",
    patches: [{ file: SETTLE, from: "  return (value + by - 1n) / by;", to: "  return value / by;" }],
    hunts: HUNTS,
  },
  {
    name: "the credit limit is read from the state that the block makes",
    patches: [
      {
        file: "agent/core/ledger/settlement/settleInterval.ts",
        from: "balanceOf(found, member)",
        to: "balanceOf(found === null ? found : state.money, member)",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a policy may begin in the past",
    patches: [
      {
        file: "agent/core/ledger/transactions/applyPolicy.ts",
        from: "if (signed.policy.from < state.nextInterval + POLICY_LEAD_INTERVALS)",
        to: "if (signed.policy.from + state.nextInterval < POLICY_LEAD_INTERVALS)",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a policy needs the GridAdmin's key alone",
    patches: [
      {
        file: "agent/core/membership/judgePolicy.ts",
        from: "return verify(street.regulatorKey, policySignBytes(policy), signature)",
        to: "void verify; return policySignBytes(policy).length > signature.length",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "late energy gets the better price",
    patches: [
      {
        file: "agent/core/market/settleLate.ts",
        from: "consumed: pricePerKwh(highest(each.map((price) => price.consumed))),",
        to: "consumed: pricePerKwh(lowest(each.map((price) => price.generated))),",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a member issues coins",
    patches: [
      {
        file: "agent/core/ledger/transactions/applyPolicy.ts",
        from: 'if (signer !== GRID_ADMIN) return reject("ISSUE_NOT_GRID_ADMIN");',
        to: "",
      },
    ],
    hunts: HUNTS,
  },
];
