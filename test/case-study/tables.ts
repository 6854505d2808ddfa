/** The tables of the case study in one page: every figure that is drawn, and what the chain says beside it. */
import { curtailedWh, maxOf } from "../../agent/core/market/curtail.ts";
import { coinText, whText } from "./amountText.ts";
import { type CaseHour, type CaseStudy, type DepHour, sumOf } from "./caseStudy.ts";
import { accountsTable, policyTable } from "./coinTables.ts";
import { DEPS, GOLDEN } from "./demand.ts";
import { type Labels, nameOf, paperName } from "./labels.ts";
import { NONE, number, type Row, section, table, text } from "./markdown.ts";
import { memberNamed, NAMES } from "./street.ts";

/** @param study a finished run @param labels of its gateways @returns the page, in Markdown */
export function tablesPage(study: CaseStudy, labels: Labels): string {
  const sections = [
    "# Case study: tables",
    "Written by `npm run case-study`; nothing here was typed. What it means: [case-study.md](../case-study.md).",
    section("Run", runTable(study)),
    section("Who takes part", participants(study, labels)),
    section(`Golden case, t = ${GOLDEN.at}`, goldenTable(study)),
    section("Fig. 9: who shared with whom", tradesTable(study)),
    section("Prices", policyTable(study)),
    section("Accounts after the run", accountsTable(study)),
    section("Sum of the shares", sumsTable(study)),
    section("Signal and stop reason", signalTable(study)),
    section("Curtailment orders", ordersTable(study)),
    ...DEPS.map((dep) => section(`${paperName(dep)}, hour by hour`, depTable(study, dep))),
    section("Settled in total", totalsTable(study)),
  ];
  return `${sections.join("\n\n")}\n`;
}

/** Without hashes: the tables change when an outcome does, not with every format of a block. */
function runTable({ seed, context, hours }: CaseStudy): string {
  return table(
    [text(""), text("")],
    [
      ["seed", `\`${seed}\``],
      ["intervals", `${hours.length} of one hour, t = 1 to ${hours.at(-1)?.t}`],
      ["mode", context.genesis.mode],
    ],
  );
}

function participants({ context, hours }: CaseStudy, labels: Labels): string {
  const rows = NAMES.map((name) => {
    const blocks = hours.filter(({ dso }) => dso === name).length;
    const { meters } = memberNamed(context, name);
    const roles = meters.map(({ role, fuel }) => (fuel === null ? role : `${role} (${fuel})`)).join(", ");
    return [paperName(name), `\`${labels.of(name)}\``, roles, `${blocks}`];
  });
  return table([text("Gateway"), text("Label"), text("Meters"), number("Blocks as DSO")], rows);
}

function goldenTable({ hours, context }: CaseStudy): string {
  const golden = hours.find(({ t }) => t === GOLDEN.at);
  if (golden === undefined) return NONE;
  const { outcome, deps, height } = golden;
  const dep = deps[GOLDEN.dep];
  const order = outcome.orders.find(({ member }) => member === memberNamed(context, GOLDEN.dep).id);
  const ordered = order === undefined ? 0n : curtailedWh(order);
  return table(
    [text(`Block ${height}, ${paperName(GOLDEN.dep)}`), number("Wh")],
    [
      ["generated", whText(dep.generated)],
      ["needed", whText(dep.need)],
      ["excess of the whole street", whText(outcome.signal.excess)],
      ["deficit", whText(outcome.signal.deficit)],
      ["shared", whText(sumOf(outcome.trades))],
      ["curtailment ordered", whText(ordered)],
      ["served when the order is obeyed", whText(dep.consumed - ordered)],
      ["stop reason", `\`${outcome.stop}\``],
    ],
  );
}

function tradesTable(study: CaseStudy): string {
  const rows = study.hours.flatMap(({ t, outcome, settlement }) =>
    outcome.trades.map(({ from, to, wh }, index) => {
      const entry = settlement.trades[index];
      if (entry === undefined) throw new Error(`a trade of t = ${t} has no price`);
      const coins = [entry.price, entry.paid, entry.received, entry.fee].map(coinText);
      return [`${t}`, nameOf(study, from), nameOf(study, to), whText(wh), ...coins];
    }),
  );
  const heads = ["Wh", "Coins per kWh", "Paid", "Received", "Fee"];
  return table([number("t"), text("From"), text("To"), ...heads.map(number)], rows);
}

function sumsTable(study: CaseStudy): string {
  const between = (from: string, to: string) =>
    sumOf(
      study.hours.flatMap(({ outcome }) =>
        outcome.trades.filter(
          (trade) =>
            trade.from === memberNamed(study.context, from).id &&
            trade.to === memberNamed(study.context, to).id,
        ),
      ),
    );
  const rows = DEPS.map((from) => [
    paperName(from),
    ...DEPS.map((to) => (from === to ? NONE : whText(between(from, to)))),
  ]);
  return table([text("Wh from ↓ to →"), ...DEPS.map((dep) => number(paperName(dep)))], rows);
}

function signalTable({ hours }: CaseStudy): string {
  const rows = hours.map(({ t, outcome: { signal, trades, stop } }) => [
    `${t}`,
    ...[signal.excess, signal.deficit, sumOf(trades), signal.unmet, signal.unsold].map(whText),
    `\`${stop}\``,
  ]);
  const energies = ["Excess Wh", "Deficit Wh", "Shared Wh", "Unmet Wh", "Unsold Wh"].map(number);
  return table([number("t"), ...energies, text("Stop")], rows);
}

function ordersTable(study: CaseStudy): string {
  const rows = study.hours.flatMap(({ t, outcome }) =>
    outcome.orders.map((order) => [
      `${t}`,
      `${order.interval}`,
      nameOf(study, order.member),
      ...[order.wanted, maxOf(order), curtailedWh(order)].map(whText),
    ]),
  );
  const energies = ["Wanted Wh", "May draw Wh", "Curtailed Wh"].map(number);
  return table([number("Given by t"), number("Binds t"), text("Gateway"), ...energies], rows);
}

function depTable({ hours }: CaseStudy, dep: keyof CaseHour["deps"]): string {
  const rows = hours.map(({ t, deps }) => [`${t}`, ...depCells(deps[dep])]);
  const heads = ["Generated", "Needed", "Consumed", "Before", "Sold", "Bought", "After", "Order: may draw"];
  return `All in Wh.\n\n${table([number("t"), ...heads.map(number)], rows)}`;
}

function depCells(hour: DepHour): Row {
  const { generated, need, consumed, before, sold, bought, after, order } = hour;
  const energies = [generated, need, consumed, before, sold, bought, after].map(whText);
  return [...energies, order === null ? NONE : whText(maxOf(order))];
}

function totalsTable({ context, state }: CaseStudy): string {
  const rows = NAMES.map((name) => {
    const totals = state.members.get(memberNamed(context, name).id)?.totals;
    if (totals === undefined) throw new Error(`nothing was settled of ${name}`);
    return [paperName(name), ...[totals.generated, totals.consumed, totals.sold, totals.bought].map(whText)];
  });
  const heads = ["Generated Wh", "Consumed Wh", "Sold Wh", "Bought Wh"];
  return table([text("Gateway"), ...heads.map(number)], rows);
}
