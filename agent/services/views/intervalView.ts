/** A committed block as people see it: names, integers, one entry per settled interval. */
import type { Block } from "../../core/ledger/blocks/block.ts";
import type { SettledInterval } from "../../core/ledger/settlement/settledInterval.ts";
import type { AccountId } from "../../core/market/accounts.ts";
import type { ComplianceEntry } from "../../core/market/compliance.ts";
import { curtailedWh } from "../../core/market/curtail.ts";
import { postingsOf, type Settlement } from "../../core/market/settle.ts";
import type { MemberId } from "../../core/membership/address.ts";
import type { Roster, RosterMember } from "../../core/membership/roster.ts";
import type { IntervalMoneyView, IntervalView, MemberView, OrderView } from "../../ports/agentView.ts";

/** @param block committed @param roster names its members @returns its intervals, in order */
export function intervalViews(block: Block, roster: Roster): readonly IntervalView[] {
  return block.body.intervals.map((settled) => intervalView(block, settled, roster));
}

function intervalView({ header }: Block, settled: SettledInterval, roster: Roster): IntervalView {
  const { outcome } = settled;
  const { signal } = outcome;
  const nameOf = (id: MemberId) => roster.byId.get(id)?.name ?? id;
  return {
    schema: "edso.interval/2",
    height: header.height,
    interval: settled.interval,
    dso: nameOf(header.dso),
    term: header.term,
    members: [...roster.members]
      .sort((left, right) => (left.name < right.name ? -1 : 1))
      .map((member) => memberView(member, settled)),
    trades: outcome.trades.map(({ from, to, wh }) => ({
      from: nameOf(from),
      to: nameOf(to),
      wh: Number(wh),
    })),
    signal: {
      excessWh: Number(signal.excess),
      deficitWh: Number(signal.deficit),
      unmetWh: Number(signal.unmet),
      unsoldWh: Number(signal.unsold),
    },
    stop: outcome.stop,
    settlement: settled.settlement === null ? null : moneyView(outcome, settled.settlement, nameOf),
  };
}

function moneyView(
  outcome: SettledInterval["outcome"],
  settlement: Settlement,
  nameOf: (id: MemberId) => string,
): IntervalMoneyView {
  const changes = new Map<AccountId, bigint>();
  for (const { account, amount } of postingsOf(outcome, settlement))
    changes.set(account, (changes.get(account) ?? 0n) + amount);
  return {
    policyVersion: settlement.policyVersion,
    price: settlement.price === null ? null : `${settlement.price}`,
    ineligible: settlement.ineligible.map(nameOf),
    trades: settlement.trades.map(({ paid, received, fee, carbon }) => ({
      paid: `${paid}`,
      received: `${received}`,
      fee: `${fee}`,
      carbon: `${carbon}`,
    })),
    residuals: outcome.residuals.flatMap(({ member, kind, wh }, index) => {
      const entry = settlement.residuals[index];
      if (entry === undefined) return [];
      const { price, amount, carbon } = entry;
      const money = { price: `${price}`, amount: `${amount}`, carbon: `${carbon}` };
      return [{ member: nameOf(member), kind, wh: Number(wh), ...money }];
    }),
    accounts: [...changes]
      .filter(([, change]) => change !== 0n)
      .map(([account, change]) => ({ account: nameOf(account as MemberId), change: `${change}` }))
      .sort((one, other) => (one.account < other.account ? -1 : 1)),
  };
}

function memberView(member: RosterMember, { outcome, compliance }: SettledInterval): MemberView {
  const position = outcome.positions.find((entry) => entry.member === member.id);
  const bound = compliance.find((entry) => entry.member === member.id);
  const order = outcome.orders.find((entry) => entry.member === member.id);
  const sum = (amounts: readonly bigint[]) => Number(amounts.reduce((total, amount) => total + amount, 0n));
  return {
    name: member.name,
    address: member.address,
    generatedWh: position === undefined ? null : Number(position.generated),
    consumedWh: position === undefined ? null : Number(position.consumed),
    positionWh: position === undefined ? null : Number(position.position),
    soldWh: sum(outcome.trades.filter((trade) => trade.from === member.id).map((trade) => trade.wh)),
    boughtWh: sum(outcome.trades.filter((trade) => trade.to === member.id).map((trade) => trade.wh)),
    curtailedWh: order === undefined ? 0 : Number(curtailedWh(order)),
    order: bound === undefined ? null : orderView(bound),
    missing: position === undefined,
  };
}

function orderView({ kind, max, measured, acknowledged, result }: ComplianceEntry): OrderView {
  const measuredWh = measured === null ? null : Number(measured);
  return { kind, maxWh: Number(max), measuredWh, acknowledged, result };
}
