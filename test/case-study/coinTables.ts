/** The tables of the case study that are about coins: what was asked for a kWh, and what everybody has in the end. */
import { balanceOf, NAMED_ACCOUNTS } from "../../agent/core/market/accounts.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import { coinText } from "./amountText.ts";
import type { CaseStudy } from "./caseStudy.ts";
import { paperName } from "./labels.ts";
import { NONE, number, table, text } from "./markdown.ts";
import { memberNamed, NAMES } from "./street.ts";

/** What one member got and gave, in micro-coins ≥ 0. */
type Flows = {
  readonly issued: bigint;
  readonly received: bigint;
  readonly paid: bigint;
  readonly fees: bigint;
};

/** @param study a finished run @returns the prices of its policies, as far as the run goes */
export function policyTable({ state, hours }: CaseStudy): string {
  const rows = state.policies.flatMap(({ policy }) =>
    policy.prices
      .filter(({ from }) => from <= hours.length)
      .map(({ from, trade }) => [`${policy.version}`, `${from}`, ...[trade, policy.fee].map(coinText)]),
  );
  return table([number("Policy"), number("From t"), number("Coins per kWh"), number("Fee per kWh")], rows);
}

/** @param study a finished run @returns every account: what was issued, received and paid, and what the state holds */
export function accountsTable(study: CaseStudy): string {
  const { money } = study.state;
  const members = NAMES.map((name) => {
    const { id } = memberNamed(study.context, name);
    const { issued, received, paid, fees } = flowsOf(study, id);
    return [paperName(name), ...[issued, received, -paid, -fees, balanceOf(money, id)].map(coinText)];
  });
  const named = NAMED_ACCOUNTS.map((account) => [
    `\`${account}\``,
    ...[NONE, NONE, NONE, NONE],
    coinText(balanceOf(money, account)),
  ]);
  const sum = [...money.accounts.values()].reduce((total, amount) => total + amount, 0n);
  const last = ["all", coinText(money.issued), ...[NONE, NONE, NONE], coinText(sum)];
  const heads = ["Issued", "Received for energy", "Paid for energy", "Fees", "Balance"];
  return table([text("Account, in coins"), ...heads.map(number)], [...members, ...named, last]);
}

/** Added up from the blocks: the balance beside it is the state's. */
function flowsOf({ hours, issued }: CaseStudy, id: MemberId): Flows {
  const trades = hours.flatMap(({ outcome, settlement }) =>
    outcome.trades.map((trade, index) => ({ ...trade, ...settlement.trades[index] })),
  );
  const bought = trades.filter(({ to }) => to === id);
  return {
    issued: issued.get(id) ?? 0n,
    received: sum(trades.filter(({ from }) => from === id).map(({ received }) => received)),
    paid: sum(bought.map(({ paid }) => paid)),
    fees: sum(bought.map(({ fee }) => fee)),
  };
}

function sum(amounts: readonly (bigint | undefined)[]): bigint {
  return amounts.reduce<bigint>((total, amount) => total + (amount ?? 0n), 0n);
}
