/** Policies and accounts as lines for a person. */
import type { AccountsView, PoliciesView, PolicyView } from "../ports/moneyView.ts";
import { coinsText } from "./coinsText.ts";
import { textTable } from "./textTable.ts";

/** Which policies are to be shown. */
export type Choice =
  | { readonly kind: "all" }
  | { readonly kind: "in-force" }
  | { readonly kind: "interval"; readonly interval: number };

/** @param view of the agent @param choice which of them @returns lines */
export function policiesText(view: PoliciesView, choice: Choice): string {
  const shown = view.policies.filter((policy) => isChosen(policy, view, choice));
  if (shown.length === 0)
    return `no policy ${choice.kind === "all" ? "is deployed" : "is in force"}: no coin moves\n`;
  return shown.map((policy) => policyText(policy, view)).join("\n");
}

/** @param view of the agent @returns lines */
export function accountsText({ accounts, issued, height }: AccountsView): string {
  const rows = accounts.map(({ name, balance, mayBuy }) => [
    name,
    coinsText(balance),
    mayBuy === null ? "" : mayBuy ? "may buy" : "may not buy: too far below its credit limit",
  ]);
  const lines = textTable(["account", "coins", ""], rows, ["left", "right", "left"]);
  return [...lines, "", `after block ${height}; ${coinsText(issued)} coins issued`, ""].join("\n");
}

function isChosen(policy: PolicyView, view: PoliciesView, choice: Choice): boolean {
  switch (choice.kind) {
    case "all":
      return true;
    case "in-force":
      return policy.version === view.inForce;
    case "interval":
      return policy.from <= choice.interval && choice.interval < policy.to;
    default:
      return choice satisfies never;
  }
}

function policyText(policy: PolicyView, view: PoliciesView): string {
  const rows = policy.prices.map(({ from, trade, supplierSells, supplierBuys }) => [
    String(from),
    instant(from, view),
    coinsText(trade),
    coinsText(supplierSells),
    coinsText(supplierBuys),
  ]);
  const columns = ["interval", "from", "trade/kWh", "supplier sells", "supplier buys"];
  return [
    `policy ${policy.version}${policy.version === view.inForce ? ", in force" : ""}, by ${policy.pricing}`,
    `  holds    ${policy.from} to ${policy.to} (${instant(policy.from, view)} to ${instant(policy.to, view)})`,
    `  signed   ${policy.hash} by the Regulator ${view.regulator}`,
    `  bounds   ${coinsText(policy.floor)} to ${coinsText(policy.cap)} a kWh; fee ${coinsText(policy.fee)} a kWh`,
    `  feed-in  ${policy.feedInLimitWh === null ? "without limit" : `at most ${policy.feedInLimitWh} Wh of the street in an interval`}`,
    `  credit   ${coinsText(policy.creditLimit)}${policy.creditLimits.map(({ member, limit }) => `; ${member} ${coinsText(limit)}`).join("")}`,
    `  supplier ${policy.supplierFuel}`,
    `  mix      ${policy.mixTarget.map(({ fuel, permille }) => `${fuel} ${permille / 10} %`).join(", ") || "no target"}`,
    `  carbon   ${coinsText(policy.carbon.rate)} a kg; ${policy.carbon.grams.map(({ fuel, gramsPerKwh }) => `${fuel} ${gramsPerKwh} g/kWh`).join(", ") || "no fuel counted"}`,
    ...policy.connectionRatings.map(({ member, ratingW }) => `  rating   ${member} ${ratingW} W`),
    ...textTable(columns, rows, ["right", "left", "right", "right", "right"]).map((line) => `  ${line}`),
    "",
  ].join("\n");
}

function instant(interval: number, { intervalMs }: PoliciesView): string {
  return `${new Date(interval * intervalMs).toISOString().slice(0, 19)}Z`;
}
